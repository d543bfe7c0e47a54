"""Programs that tests start, and what Linux says of a running process."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
# Below those that systems give to connections going out, which would take a server's port while it restarts.
PORTS = range(15_000, 32_000)


def free_port() -> int:
    """Return a port that nothing listens on, and that no other process of the tests is likely to draw."""
    draw = random.SystemRandom()
    while True:
        with socket.socket() as listener:
            try:
                listener.bind(("127.0.0.1", port := draw.choice(PORTS)))
            except OSError:
                continue
            return port


class Process:
    """A program that is started again where it ends unasked."""

    def __init__(self, words: list[str], log: Path, environment: dict[str, str] | None = None) -> None:
        """Nothing runs before `start`."""
        self._words, self._log, self._environment = words, log, environment
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The running process."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Start it in a process group of its own, so that Ctrl-C comes to us alone."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._words,
                cwd=PROJECT,
                env=self._environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def revive(self) -> None:
        """Start it again where it has ended."""
        if self._process is not None and self._process.poll() is not None:
            self.start()

    def kill(self) -> None:
        """End it as a power cut would; killing it twice is harmless."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait(15)

    def stop(self) -> int | None:
        """End it and all its children; returns its exit code, None where it did not run or would not end."""
        process, self._process = self._process, None
        if process is None:
            return None
        for number, patience_s in ((signal.SIGTERM, 15), (signal.SIGKILL, 15)):
            try:
                os.killpg(process.pid, number)
            except ProcessLookupError:
                break
            try:
                process.wait(patience_s)
            except subprocess.TimeoutExpired:
                continue
            break
        return process.poll()


def memory_mb(pid: int) -> float:
    """Return a process's resident memory in MB."""
    return _memory_mb(pid, "VmRSS")


def most_memory_mb(pid: int) -> float:
    """Return the most resident memory in MB since its start, or since it was last forgotten."""
    return _memory_mb(pid, "VmHWM")


def forget_most_memory(pid: int) -> None:
    """Let the most begin at what it is now."""
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def mapped_libraries(pid: int) -> str:
    """Return the files that a process has mapped, as one text."""
    return Path(f"/proc/{pid}/maps").read_text()


def cpu_s(pid: int) -> float:
    """Return the processor time a process has used, in seconds, that of children that ended included."""
    # The name in brackets may hold spaces; user, system and the children's follow eleven fields later.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(ticks) for ticks in fields[11:15]) / os.sysconf("SC_CLK_TCK")


def machine_cpu_s() -> float:
    """Return the processor time that this machine has used since its start, in seconds, over all cores."""
    user, nice, system, _idle, _wait, interrupt, soft, *_ = Path("/proc/stat").read_text().split()[1:]
    return sum(int(ticks) for ticks in (user, nice, system, interrupt, soft)) / os.sysconf("SC_CLK_TCK")


def _memory_mb(pid: int, field: str) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return round(int(status.split(f"{field}:")[1].split()[0]) / 1024, 1)
