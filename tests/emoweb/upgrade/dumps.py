"""Dumps of databases that released versions made: written by make_dump.py, loaded by the upgrade's tests.

A dump is a folder: `database.sql.gz`, the data folder's files under `data/`, and `expected.json`, which says
what a visitor of that site must find after the upgrade.
"""

from __future__ import annotations

import gzip
import json
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

import psycopg

from tests.postgres import Postgres, postgres_programs

DUMPS = Path(__file__).parent / "0.1.0"
SECRET_KEY = "the secret key of a site that was made for the upgrade's tests"
# What the site of a dump ran with: accounts whose addresses are confirmed by mail, printed into the log.
SITE = {
    "SECRET_KEY": SECRET_KEY,
    "ACCOUNTS": "optional",
    "EMAIL_URL": "consolemail://",
    "HISTORY_DAYS": "36500",
    "API_LIMIT": "0",
}


class Database(Protocol):
    """A database beside the site that uses it."""

    address: str

    def execute(self, statement: str) -> list[tuple[Any, ...]]:
        """Run one statement, and return its rows."""
        ...

    def dump(self) -> str:
        """Return everything as SQL."""
        ...

    def load(self, script: str) -> None:
        """Run a dump in the empty database."""
        ...


class SqliteFile:
    """The SQLite file of a data folder."""

    def __init__(self, folder: Path) -> None:
        """Nothing is opened yet."""
        self._path = folder / "emoweb.sqlite3"
        self.address = f"sqlite:///{self._path}"

    def execute(self, statement: str) -> list[tuple[Any, ...]]:
        """Run one statement, and return its rows."""
        with closing(sqlite3.connect(self._path, timeout=30)) as database, database:
            return database.execute(statement).fetchall()

    def dump(self) -> str:
        """Return everything as SQL."""
        with closing(sqlite3.connect(self._path)) as database:
            return "\n".join(database.iterdump()) + "\n"

    def load(self, script: str) -> None:
        """Run a dump in the empty database."""
        with closing(sqlite3.connect(self._path)) as database:
            database.executescript(script)


class PostgresServer:
    """The database of a running PostgreSQL."""

    def __init__(self, server: Postgres) -> None:
        """The server runs already."""
        self.address = server.address

    def execute(self, statement: str) -> list[tuple[Any, ...]]:
        """Run one statement, and return its rows."""
        with psycopg.connect(self.address) as database:
            cursor = database.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def dump(self) -> str:
        """Return everything as SQL, without what is particular to the server."""
        programs = postgres_programs()
        assert programs is not None
        beside = (programs / "initdb").resolve().parent
        words = [beside / "pg_dump", "--rows-per-insert=200", "--no-owner", "--no-privileges", self.address]
        done = subprocess.run(words, check=True, capture_output=True, text=True)
        # psql's own commands: newer versions write \restrict.
        return "".join(line for line in done.stdout.splitlines(True) if not line.startswith("\\"))

    def load(self, script: str) -> None:
        """Run a dump in the empty database."""
        with psycopg.connect(self.address, autocommit=True) as database:
            database.execute(script.encode())


def save(dump: Path, database: Database, data_folder: Path, videos: Sequence[str], expected: Any) -> None:
    """Write a dump; the same database gives the same bytes."""
    shutil.rmtree(dump, ignore_errors=True)
    dump.mkdir(parents=True)
    (dump / "database.sql.gz").write_bytes(gzip.compress(database.dump().encode(), mtime=0))
    for video in videos:
        folder = Path("films") / video.replace("-", "")
        shutil.copytree(data_folder / folder, dump / "data" / folder)
    text = json.dumps(expected, ensure_ascii=False, indent=1, sort_keys=True)
    (dump / "expected.json").write_text(text + "\n", encoding="utf-8")


def load(dump: Path, database: Database, data_folder: Path) -> dict[str, Any]:
    """Bring a dump back, as if the site had been stopped just now; return what is expected of it."""
    shutil.copytree(dump / "data", data_folder, dirs_exist_ok=True)
    database.load(gzip.decompress((dump / "database.sql.gz").read_bytes()).decode())
    expected: dict[str, Any] = json.loads((dump / "expected.json").read_text("utf-8"))
    # What lapses with time: the videos of a day and their jobs, and who is signed in.
    for statement in (
        "UPDATE video_film SET created = CURRENT_TIMESTAMP",
        "UPDATE django_tasks_database_dbtaskresult SET enqueued_at = CURRENT_TIMESTAMP",
        "UPDATE django_session SET expire_date = '9999-01-01 00:00:00'",
    ):
        database.execute(statement)
    return expected
