"""What Linux says of a running process."""

from __future__ import annotations

import os
from pathlib import Path


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
