"""`manage.py backup`: copies the database while the site runs."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection


class Command(BaseCommand):
    """Copies the SQLite database into a new file, complete and consistent, while the site runs."""

    help = "Copy the SQLite database into a new file while the site runs (PostgreSQL: use pg_dump)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the output file."""
        parser.add_argument("file", type=Path, help="the output file; it must not exist")

    def handle(self, *args: Any, **options: Any) -> None:
        """Copy with SQLite's own backup, which waits for writers and blocks none of them for long."""
        file: Path = options["file"]
        if connection.vendor != "sqlite":
            raise CommandError("DATABASE_URL is a PostgreSQL database: use pg_dump.")
        if file.exists():
            raise CommandError(f"{file} already exists: choose another file name.")
        if not file.parent.is_dir():
            raise CommandError(f"{file.parent} does not exist: create the folder, or choose another.")
        source = str(connection.settings_dict["NAME"])
        with closing(sqlite3.connect(source)) as original, closing(sqlite3.connect(file)) as copy:
            original.backup(copy, pages=256, sleep=0.01)
            (verdict,) = copy.execute("PRAGMA quick_check").fetchone()
        if verdict != "ok":
            file.unlink()
            raise CommandError(f"The copy is damaged ({verdict}): check the disk, and the database itself.")
        self.stdout.write(f"{file} contains the database, {file.stat().st_size // 1000} kB.")
