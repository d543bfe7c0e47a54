"""Measures the whole live path: a real server, real sockets, a picture with two faces.

    python tests/bench/stream.py --viewers 1 --fps 25 --seconds 10 [--json]
    python tests/bench/stream.py --viewers 1 --fps 10 --block-database 1.0
    python tests/bench/stream.py --viewers 1 --fps 10 --beside flood|silent

Frames leave on a fixed schedule, whatever comes back. Times are from before a frame's first byte is sent to
after its result was read. With EMOWEB_BASE=http://host:port the server is one that runs already; memory is
then not measured, and --database names its SQLite file.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sqlite3
import struct
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.browser.site import running_site
from tests.emoweb.protocol import pictures
from tests.emoweb.protocol.client import SUBPROTOCOL, fetch_json, visitor_cookie

FLOOD_FRAMES = 3000
SETTLE_S = 10.0


@dataclass
class Stream:
    """What one viewer sent and got."""

    sent: dict[int, float] = field(default_factory=dict)
    results: list[tuple[float, float]] = field(default_factory=list)  # when it came, milliseconds it took
    drops: Counter[str] = field(default_factory=Counter)
    server_ms: list[float] = field(default_factory=list)
    answered: int = 0
    last: int = 0
    complete: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def unanswered(self) -> int:
        """How many frames have no answer."""
        return len(self.sent) - len(self.results) - self.drops.total()


@contextmanager
def serving(database: str | None) -> Iterator[tuple[str, int | None, Path | None]]:
    """Give a server's address, its process id and its database; of a new one, or of the one named."""
    if base := os.environ.get("EMOWEB_BASE"):
        yield base.rstrip("/"), None, Path(database) if database else None
        return
    with tempfile.TemporaryDirectory() as folder, running_site(Path(folder)) as site:
        yield site.address, site.pid, site.folder / "emoweb.sqlite3"


def open_socket(base: str, cookie: str | None = None) -> connect:
    """Return a visitor's socket, to be opened; without a cookie it is a new visitor's."""
    return connect(
        f"ws{base.removeprefix('http')}/ws/live/",
        subprotocols=[SUBPROTOCOL],
        origin=base,
        additional_headers={"Cookie": visitor_cookie(base) if cookie is None else cookie},
        compression=None,
        max_size=None,
        proxy=None,
    )


async def greet(socket: ClientConnection, consent: str) -> None:
    """Say hello and wait for the welcome."""
    await socket.send(json.dumps({"type": "hello", "version": 1, "consent": consent}))
    assert json.loads(await socket.recv())["type"] == "welcome"


async def show(socket: ClientConnection, seq: int, picture: bytes, answered: int) -> None:
    """Send a frame."""
    head = struct.pack(
        ">2sBBIdHHI", b"EF", 1, 0, seq, time.time() * 1000, pictures.WIDTH, pictures.HEIGHT, answered
    )
    await socket.send(head + picture)


async def read(socket: ClientConnection, stream: Stream) -> None:
    """Note every answer until the socket closes."""
    async for text in socket:
        message = json.loads(text)
        now = time.perf_counter()
        seq = message.get("seq")
        if seq is None:
            continue
        stream.answered = seq
        if message["type"] == "result":
            stream.results.append((now, (now - stream.sent[seq]) * 1000))
            stream.server_ms.append(message["timing"]["total_ms"])
        else:
            stream.drops[message.get("reason") or message["code"]] += 1
        if seq == stream.last:
            stream.complete.set()


async def view(base: str, picture: bytes, fps: float, seconds: float, offset: float) -> Stream:
    """Be one viewer who sends on a fixed schedule."""
    stream = Stream(last=int(fps * seconds))
    async with open_socket(base) as socket:
        await greet(socket, fetch_json(base, "/health")["consent"])
        reader = asyncio.create_task(read(socket, stream))
        begin = time.perf_counter() + offset / fps
        for i in range(stream.last):
            await asyncio.sleep(max(begin + i / fps - time.perf_counter(), 0))
            stream.sent[i + 1] = time.perf_counter()
            await show(socket, i + 1, picture, stream.answered)
        with suppress(TimeoutError):
            await asyncio.wait_for(stream.complete.wait(), 5)
        await socket.send('{"type": "bye"}')
        with suppress(TimeoutError):
            await asyncio.wait_for(reader, 10)
    return stream


async def flood(base: str, picture: bytes) -> None:
    """Send FLOOD_FRAMES as fast as the socket takes them, and read what comes."""
    stream = Stream(sent=dict.fromkeys(range(1, FLOOD_FRAMES + 1), 0.0))
    async with open_socket(base) as socket:
        await greet(socket, fetch_json(base, "/health")["consent"])
        reader = asyncio.create_task(read(socket, stream))
        with suppress(ConnectionClosed):
            for seq in range(1, FLOOD_FRAMES + 1):
                await show(socket, seq, picture, stream.answered)
            await asyncio.sleep(1)
        reader.cancel()


async def read_nothing(base: str, picture: bytes) -> None:
    """Send 25 frames a second and never read, until the server has had enough."""
    async with open_socket(base) as socket:
        await greet(socket, fetch_json(base, "/health")["consent"])
        with suppress(ConnectionClosed):
            for seq in range(1, 1500):
                await show(socket, seq, picture, 0)
                await asyncio.sleep(0.04)


def lock_database(file: Path, wait_s: float, hold_s: float, locked: list[float]) -> None:
    """Hold SQLite's write lock for a while; note when it began and ended."""
    time.sleep(wait_s)
    database = sqlite3.connect(file, timeout=30, isolation_level=None)
    database.execute("BEGIN IMMEDIATE")
    locked.append(time.perf_counter())
    time.sleep(hold_s)
    locked.append(time.perf_counter())
    database.execute("ROLLBACK")
    database.close()


def resident_mb(pid: int | None) -> float | None:
    """Return a process's resident memory in MB."""
    if pid is None:
        return None
    status = Path(f"/proc/{pid}/status").read_text()
    return round(int(status.split("VmRSS:")[1].split()[0]) / 1024, 1)


async def warm_up(base: str, picture: bytes) -> None:
    """Let a viewer come and go, so that nothing is measured for the first time."""
    await view(base, picture, 10, 2, 0)


async def measure(options: argparse.Namespace, base: str, pid: int | None, database: Path | None) -> Any:
    """Run what the options ask for and return the figures."""
    picture = pictures.two_faces()
    await warm_up(base, picture)
    before_mb, locked = resident_mb(pid), list[float]()
    tasks = [
        asyncio.create_task(view(base, picture, options.fps, options.seconds, i / options.viewers))
        for i in range(options.viewers)
    ]
    if options.block_database:
        if database is None:
            sys.exit("Name the server's SQLite file with --database.")
        arguments = (database, options.seconds / 2, options.block_database, locked)
        threading.Thread(target=lock_database, args=arguments, daemon=True).start()
    if options.beside:
        await asyncio.sleep(1)
        await {"flood": flood, "silent": read_nothing}[options.beside](base, picture)
    streams = await asyncio.gather(*tasks)
    figures = summary(streams, options, locked)
    if pid is not None:
        figures["memory_mb"] = {"before": before_mb, "after": resident_mb(pid)}
    if pid is not None and options.beside:
        await asyncio.sleep(SETTLE_S)
        figures["memory_mb"]["settled"] = resident_mb(pid)
    return figures


def summary(streams: list[Stream], options: argparse.Namespace, locked: list[float]) -> dict[str, Any]:
    """Return the figures of all viewers."""
    delays = [ms for stream in streams for _, ms in stream.results]
    server = [ms for stream in streams for ms in stream.server_ms]
    figures: dict[str, Any] = {
        "viewers": options.viewers,
        "fps_sent": options.fps,
        "seconds": options.seconds,
        "results_per_s": [round(len(stream.results) / options.seconds, 2) for stream in streams],
        "send_to_result_ms": {
            "p50": quantile(delays, 0.5),
            "p95": quantile(delays, 0.95),
            "max": max(delays),
        },
        "in_server_ms": {"p50": quantile(server, 0.5), "p95": quantile(server, 0.95)},
        "unanswered": sum(stream.unanswered for stream in streams),
        "drops": dict(sum((stream.drops for stream in streams), Counter())),
    }
    if locked:
        begin, end = locked[0], locked[-1]
        during = [ms for stream in streams for at, ms in stream.results if begin <= at <= end + 0.5]
        others = [ms for stream in streams for at, ms in stream.results if not begin <= at <= end + 0.5]
        figures["database_blocked"] = {
            "seconds": round(end - begin, 2),
            "results_during": len(during),
            "max_ms_during": round(max(during), 1),
            "max_ms_otherwise": round(max(others), 1),
            "p95_ms_during": quantile(during, 0.95),
            "p95_ms_otherwise": quantile(others, 0.95),
        }
    return figures


def quantile(values: list[float], share: float) -> float:
    """Return a quantile of the values."""
    ordered = sorted(values)
    return round(ordered[min(int(share * len(ordered)), len(ordered) - 1)], 1)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--viewers", type=int, default=1)
    parser.add_argument("--fps", type=float, default=25)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--block-database", type=float, metavar="SECONDS")
    parser.add_argument("--database", help="SQLite file of the server at EMOWEB_BASE")
    parser.add_argument("--beside", choices=["flood", "silent"])
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with serving(options.database) as (base, pid, database):
        figures = asyncio.run(measure(options, base, pid, database))
    if options.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name}: {value}")


if __name__ == "__main__":
    main()
