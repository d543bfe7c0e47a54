"""Puts into the wheel what the packages need besides their code: weights, templates, static files, locale.

The translations are compiled, and the front-end libraries' served files are those of npm's lock file; both
are in a folder that exists only during the build.
"""

from __future__ import annotations

import shutil
import tempfile
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

FOLDERS = {
    "weights": "recognition/_data/weights",
    "templates": "emoweb/_data/templates",
    "static": "emoweb/_data/static",
}
LOCALE = "emoweb/_data/locale"
LIBRARIES = "emoweb/_data/static/vendor"


class CustomBuildHook(BuildHookInterface):
    """The hook that hatchling calls; an editable installation uses the clone's own files."""

    def dependencies(self) -> list[str]:
        """Return what the build needs besides `build-system.requires`."""
        return list(_front_end(self.root).build_dependencies())

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make the files, and list where they go in the wheel."""
        if version == "editable":
            return
        root = Path(self.root)
        self._made = Path(tempfile.mkdtemp(prefix="emoweb-build-"))
        _compile_translations(root / "locale", self._made / "locale")
        for library in _front_end(self.root).libraries():
            _write_library(self.root, library, self._made / "vendor" / library.name)
        folders = {str(root / folder): target for folder, target in FOLDERS.items()}
        made = {str(self._made / "locale"): LOCALE, str(self._made / "vendor"): LIBRARIES}
        build_data["force_include"].update({**folders, **made})

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the files that were made."""
        if version != "editable":
            shutil.rmtree(self._made)


def _compile_translations(source: Path, target: Path) -> None:
    for file in sorted(source.glob("*/LC_MESSAGES/*.po")):
        compiled = (target / file.relative_to(source)).with_suffix(".mo")
        compiled.parent.mkdir(parents=True)
        with file.open("rb") as po, compiled.open("wb") as mo:
            write_mo(mo, read_po(po, locale=file.parent.parent.name))


def _write_library(root: str, library: Any, folder: Path) -> None:
    for name, content in _front_end(root).served_files(library).items():
        file = folder / name.removeprefix("dist/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


def _front_end(root: str) -> Any:
    """Return tools/front_end.py, which is not an importable package."""
    spec = spec_from_file_location("front_end", Path(root) / "tools" / "front_end.py")
    if spec is None or spec.loader is None:
        raise ImportError("tools/front_end.py is missing.")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
