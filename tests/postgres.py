"""A PostgreSQL of the tests' own: in a folder of theirs, on a free port, run by nobody in particular."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from pathlib import Path

from tests.processes import free_port

NAME = "emoweb"
# Debian keeps the programs of each version out of the path.
DEBIAN = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
# It refuses to run as root: there it runs as the first of these who exists.
UNPRIVILEGED = ("postgres", "nobody")


def postgres_programs() -> Path | None:
    """Return the folder of initdb and pg_ctl, None where PostgreSQL is not installed."""
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else DEBIAN
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


class Postgres:
    """A database server with one empty database; `start` and `stop` as often as a test likes."""

    def __init__(self, folder: Path, programs: Path) -> None:
        """Make the cluster in `folder`, which must not exist yet; it runs only after `start`."""
        self.port = free_port()
        self._wanted = False
        self._programs, self._data, self._folder = programs, folder / "data", folder
        folder.mkdir()
        self._user = _unprivileged() if os.getuid() == 0 else None
        if self._user is not None:
            os.chown(folder, self._user.pw_uid, self._user.pw_gid)
            folder.chmod(0o755)
        self._run("initdb", "-D", str(self._data), "-A", "trust", "-U", NAME, "--no-sync")
        with (self._data / "postgresql.conf").open("a") as settings:
            settings.write(f"port = {self.port}\nlisten_addresses = '127.0.0.1'\n")
            settings.write(f"unix_socket_directories = '{folder}'\nfsync = off\n")

    @property
    def address(self) -> str:
        """What DATABASE_URL takes."""
        return f"postgres://{NAME}@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        self._wanted = True
        self._run("pg_ctl", "-D", str(self._data), "-w", "-l", str(self._folder / "log"), "start")

    @property
    def pid(self) -> int | None:
        """The running server, None where none runs."""
        try:
            pid = int((self._data / "postmaster.pid").read_text().split()[0])
            os.kill(pid, 0)
        except (OSError, ValueError, IndexError):
            return None
        return pid

    def revive(self) -> None:
        """Start it again where it ended unasked."""
        if self._wanted and self.pid is None:
            self.start()

    def stop(self) -> None:
        """Stop it at once, whoever is connected; stopping twice is harmless."""
        self._wanted = False
        if (self._data / "postmaster.pid").exists():
            self._run("pg_ctl", "-D", str(self._data), "-w", "-m", "immediate", "stop")

    def _run(self, program: str, *words: str) -> None:
        user = None if self._user is None else self._user.pw_uid
        group = None if self._user is None else self._user.pw_gid
        extra = [] if self._user is None else [self._user.pw_gid]
        subprocess.run(
            [str(self._programs / program), *words],
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            check=True,
            user=user,
            group=group,
            extra_groups=extra,
        )


def _unprivileged() -> pwd.struct_passwd:
    for name in UNPRIVILEGED:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise AssertionError("PostgreSQL does not run as root, and nobody else is here")
