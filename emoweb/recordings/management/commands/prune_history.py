"""`manage.py prune_history`: deletes old sessions."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from emoweb.recordings.models import Session


class Command(BaseCommand):
    """Deletes every session whose last activity was more than N days ago."""

    help = "Delete the sessions that were last active more than N days ago."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the number of days."""
        parser.add_argument(
            "--days",
            type=int,
            default=settings.HISTORY_DAYS,
            help="number of days that the history is kept (default: HISTORY_DAYS, %(default)s)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Close what was abandoned, then delete what is too old."""
        days = options["days"]
        if days < 0:
            raise CommandError("--days must be 0 or more.")
        if settings.ACCOUNTS != "off":
            call_command("clearsessions")
        Session.close_abandoned(timezone.now())
        count = Session.prune(days)
        sessions, were = ("session", "was") if count == 1 else ("sessions", "were")
        self.stdout.write(f"{count} {sessions} older than {days} days {were} deleted.")
