"""A copy of the database, made while others write."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from emoweb.recordings.models import Session
from tests.emoweb.conftest import Visitor


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Where the copy goes; these tests are of SQLite."""
    if connection.vendor != "sqlite":
        pytest.skip("the tests run on another database")
    return tmp_path / "copy.sqlite3"


@pytest.mark.django_db(transaction=True)
def test_a_copy_holds_the_sessions_and_no_writer_fails(alice: Visitor, copy: Path) -> None:
    first = alice.record()
    stop, failures = threading.Event(), list[Exception]()

    def go_on_writing() -> None:
        while not stop.is_set():
            try:
                Session.objects.filter(pk=first.pk).update(title="renamed")
            except Exception as error:  # noqa: BLE001 (shown by the test)
                failures.append(error)
        connection.close()

    writer = threading.Thread(target=go_on_writing)
    writer.start()
    call_command("backup", str(copy))
    stop.set()
    writer.join(20)

    assert failures == []
    with closing(sqlite3.connect(copy)) as copied:
        assert copied.execute("SELECT count(*) FROM history_session").fetchone() == (1,)
        assert copied.execute("SELECT count(*) FROM history_sample").fetchone()[0] > 0


@pytest.mark.django_db
def test_nothing_is_written_over_and_a_missing_folder_is_reported(copy: Path) -> None:
    copy.write_text("something of value")
    with pytest.raises(CommandError, match="already exists"):
        call_command("backup", str(copy))
    assert copy.read_text() == "something of value"
    with pytest.raises(CommandError, match="create the folder"):
        call_command("backup", str(copy.parent / "missing" / "copy.sqlite3"))
