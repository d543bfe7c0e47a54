"""A Redis of the tests' own, in memory, on a free port."""

from __future__ import annotations

import shutil
import socket
import time
from pathlib import Path

from tests.processes import Process, free_port

PATIENCE_S = 20.0


def redis_program() -> str | None:
    """Return the server's program, None where Redis is not installed."""
    return shutil.which("redis-server")


class Redis(Process):
    """A server that keeps nothing; `start` and `stop` as often as a test likes."""

    def __init__(self, folder: Path, program: str) -> None:
        """Nothing runs before `start`."""
        self.port = free_port()
        words = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        super().__init__([program, *words, "--dir", str(folder)], folder / "redis.log")

    @property
    def address(self) -> str:
        """What REDIS_URL takes."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        super().start()
        end = time.monotonic() + PATIENCE_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                assert time.monotonic() < end
                time.sleep(0.05)
            else:
                return
