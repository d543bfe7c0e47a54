"""`manage.py set_up`: prepares everything except the models; fast if nothing changed."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from emoweb.serving.failures import errors_in_one_sentence, refuse_wrong_settings

# Imported once, so that a missing system package is reported before anything else starts.
NATIVE_LIBRARIES = ("cv2", "openvino")

OPERATOR_NOTICE = """\
Before you let others use this site, please read (docs/eu-ai-act.md says more; this is shown once):
- It names what faces look like. In the European Union nobody may use it to infer emotions of people at work
  or in education (AI Act, article 5(1)(f)).
- Everyone in front of the camera must be informed, at the latest when it starts (article 50(3)): the page
  asks before the camera starts, and you inform those who are only in view.
- Do not base a decision about a person on its results. You are responsible for the data that it stores.
"""


class Command(BaseCommand):
    """Compiles translations, migrates the database and collects static files."""

    help = "Compile translations, migrate the database, collect static files."
    requires_system_checks: list[str] = []  # run below, reported as sentences

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what is out of date; raises CommandError with one sentence where it cannot."""
        with errors_in_one_sentence():
            refuse_wrong_settings()
            for library in NATIVE_LIBRARIES:
                import_module(library)
            for folder in settings.LOCALE_PATHS:
                self._compile(Path(folder))
            call_command("migrate", interactive=False, verbosity=0)
            if settings.ACCOUNTS != "off":
                call_command("createcachetable", verbosity=0)
            self._collect(Path(settings.STATIC_ROOT))
            self._print_legal_notice(Path(settings.DATA_FOLDER) / "operator_notice")

    def _compile(self, folder: Path) -> None:
        for source in sorted(folder.glob("*/LC_MESSAGES/django.po")):
            compiled = source.with_suffix(".mo")
            if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
                self.stdout.write(f"compiling {source.relative_to(folder.parent)}")
                _compile_catalogue(source, compiled)

    def _collect(self, folder: Path) -> None:
        # The version is a digest of every file: the same version needs no second check.
        stamp = folder / ".version"
        if stamp.is_file() and stamp.read_text() == settings.STATIC_VERSION:
            return
        self.stdout.write("collecting static files")
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        stamp.write_text(settings.STATIC_VERSION)

    def _print_legal_notice(self, shown: Path) -> None:
        """Print, once at the first start, what the law requires of the operator."""
        if shown.exists():
            return
        self.stdout.write(OPERATOR_NOTICE)
        shown.write_text(OPERATOR_NOTICE, encoding="utf-8")


def _compile_catalogue(source: Path, compiled: Path) -> None:
    with source.open("rb") as po:
        catalogue = read_po(po, locale=source.parent.parent.name)
    with compiled.open("wb") as mo:
        write_mo(mo, catalogue)
