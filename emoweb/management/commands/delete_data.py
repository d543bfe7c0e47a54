"""`manage.py delete_data`: deletes the data that a feature has stored, for all owners."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from emoweb import owned_data
from emoweb.variables import FEATURE_APPS


class Command(BaseCommand):
    """Deletes the data of one feature; works whether the feature is enabled or not."""

    help = "Delete everything that a feature has stored, for all visitors and accounts."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the feature, and whether to ask for confirmation."""
        # Data can outlive the feature that made it.
        names = {*FEATURE_APPS, *(data.feature for data in owned_data.registered())}
        parser.add_argument("feature", choices=sorted(names), help="the feature's name in FEATURES")
        parser.add_argument("--no-input", action="store_true", help="do not ask for confirmation")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask, and delete."""
        kinds = [data for data in owned_data.registered() if data.feature == options["feature"]]
        found = [data.described(count) for data in kinds if (count := data.rows(None).count())]
        if not found:
            self.stdout.write("There is nothing to delete.")
            return
        if not options["no_input"] and not _confirmed(", ".join(found)):
            self.stdout.write("Nothing was deleted.")
            return
        for data in kinds:
            data.delete(data.rows(None))
        self.stdout.write(f"Deleted: {', '.join(found)}.")


def _confirmed(what: str) -> bool:
    return input(f"Delete {what} of all visitors and accounts? This cannot be undone [y/N] ").lower() == "y"
