"""Sites of released versions, upgraded to this one: on SQLite, and where it is installed on PostgreSQL."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.browser.site import Site, running_site
from tests.emoweb.upgrade import dumps
from tests.postgres import Postgres, postgres_programs


@dataclass(frozen=True)
class Upgraded:
    """A site of this version over the data of another, and what its visitors must find there."""

    site: Site
    database: dumps.Database
    expected: dict[str, Any]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def upgraded(request: pytest.FixtureRequest) -> Iterator[Upgraded]:
    """A site of 0.1.0 that was stopped and is served by this version."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.chmod(0o755)  # PostgreSQL runs as somebody else, who must get there
        data_folder = folder / "data"
        data_folder.mkdir()
        database: dumps.Database = dumps.SqliteFile(data_folder)
        if request.param == "postgres":
            programs = postgres_programs()
            if programs is None:
                pytest.skip("PostgreSQL is not installed (Debian: apt-get install postgresql)")
            server = Postgres(folder / "server", programs)
            stack.callback(server.stop)
            server.start()
            database = dumps.PostgresServer(server)
        expected = dumps.load(dumps.DUMPS / request.param, database, data_folder)
        settings = {**dumps.SITE, "DATABASE_URL": database.address}
        yield Upgraded(stack.enter_context(running_site(data_folder, **settings)), database, expected)
