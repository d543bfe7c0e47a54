"""A Redis of the tests' own, in memory, on a free port."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from pathlib import Path

from tests.browser.site import free_port

PATIENCE_S = 20.0


def redis_program() -> str | None:
    """Return the server's program, None where Redis is not installed."""
    return shutil.which("redis-server")


class Redis:
    """A server that keeps nothing; `start` and `stop` as often as a test likes."""

    def __init__(self, folder: Path, program: str) -> None:
        """Nothing runs before `start`."""
        self.port = free_port()
        self._folder, self._program = folder, program
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """What REDIS_URL takes."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        words = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen([self._program, *words], cwd=self._folder, stdout=subprocess.DEVNULL)
        end = time.monotonic() + PATIENCE_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                assert time.monotonic() < end
                time.sleep(0.05)
            else:
                return

    @property
    def pid(self) -> int:
        """The running process."""
        assert self._process is not None
        return self._process.pid

    def revive(self) -> None:
        """Start it again where it ended unasked."""
        if self._process is not None and self._process.poll() is not None:
            self.start()

    def stop(self) -> None:
        """Stop it at once; stopping twice is harmless."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
