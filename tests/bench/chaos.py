"""Breaks a running cluster, one part after the other, and reports what its viewers lost.

    python tests/bench/chaos.py [--viewers 6] [--fps 3] [--only "web process killed"] [--markdown] [--no-page]

Six viewers stream through nginx as the page does: a lost socket comes back with its resume token. One fault
comes five seconds after the start; what is counted stands in `Losses`. A page in a real Chromium watches too.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from playwright.sync_api import sync_playwright
from websockets.exceptions import InvalidHandshake, WebSocketException

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from recognition.lab.evaluation.samples import two_faces_file
from tests.bench.stream import open_socket, show
from tests.browser.camera import write_camera
from tests.browser.chromium import camera_arguments, chromium_path, launch
from tests.browser.live_page import LivePage
from tests.browser.site import running_site
from tests.cluster import Cluster
from tests.emoweb.protocol import pictures
from tests.emoweb.protocol.client import fetch_json, visitor_cookie

BEFORE_S, AFTER_S = 5.0, 30.0
STOPPED_S, DATABASE_AWAY_S, SLOW_S = 5.0, 20.0, 15.0
CREDIT = 2
RETRY_S = 0.5
UNANSWERED_S = 10.0  # the page opens a new socket then
TINY_DISK_MB = 8


@dataclass
class Viewer:
    """What one viewer sent and got; times in seconds of a steady clock."""

    sent: int = 0
    results: list[float] = field(default_factory=list)
    sessions: set[str] = field(default_factory=set)
    seconds: set[int] = field(default_factory=set)
    cookie: str = ""
    waiting: dict[int, float] = field(default_factory=dict)

    def longest_wait_s(self, since: float, until: float) -> float:
        """How long no result came, at most."""
        marks = [since, *(at for at in self.results if since <= at <= until), until]
        return max(later - earlier for earlier, later in itertools.pairwise(marks))

    def rate(self, since: float) -> float:
        """Results a second in the STOPPED_S after a time."""
        return sum(since <= at < since + STOPPED_S for at in self.results) / STOPPED_S


@dataclass
class Losses:
    """What a fault cost: over all viewers but for the wait and the rate, which are of who fared worst."""

    fault: str
    frames: int
    lost: int
    wait_s: float
    results_per_s: float
    sessions_lost: int
    sample_seconds_lost: float
    page: list[str]
    health: list[str]


async def view(base: str, picture: bytes, fps: float, until: float, viewer: Viewer) -> None:
    """Stream until a time, over as many sockets as it takes; say goodbye at the end."""
    token, seq = None, 0
    while time.monotonic() < until:
        try:
            viewer.cookie = viewer.cookie or await asyncio.to_thread(visitor_cookie, base)
            consent = (await asyncio.to_thread(fetch_json, base, "/health"))["consent"]
            async with open_socket(base, viewer.cookie) as socket:
                hello = {"type": "hello", "version": 1, "consent": consent}
                await socket.send(json.dumps({**hello, "resume": token} if token else hello))
                welcome = json.loads(await asyncio.wait_for(socket.recv(), UNANSWERED_S))
                if welcome["type"] != "welcome":
                    await asyncio.sleep(RETRY_S)
                    continue
                token = welcome["resume"]
                viewer.sessions.add(welcome["session"])
                viewer.waiting.clear()
                reader = asyncio.create_task(read(socket, viewer))
                try:
                    while time.monotonic() < until and not reader.done():
                        await asyncio.sleep(1 / fps)
                        if viewer.waiting and time.monotonic() - min(viewer.waiting.values()) > UNANSWERED_S:
                            break
                        if len(viewer.waiting) < CREDIT:
                            seq += 1
                            viewer.sent += 1
                            viewer.waiting[seq] = time.monotonic()
                            await show(socket, seq, picture, seq - 1)
                    if time.monotonic() >= until:
                        await socket.send('{"type": "bye"}')
                        await asyncio.wait_for(reader, 10)
                finally:
                    reader.cancel()
        except (OSError, TimeoutError, InvalidHandshake, WebSocketException, ValueError, KeyError):
            await asyncio.sleep(RETRY_S)


async def read(socket: Any, viewer: Viewer) -> None:
    """Note what comes until the socket closes."""
    with contextlib.suppress(WebSocketException):
        async for text in socket:
            message = json.loads(text)
            if viewer.waiting.pop(message.get("seq"), None) is None:
                continue
            if message["type"] == "result":
                viewer.results.append(time.monotonic())
                viewer.seconds.add(int(time.monotonic()))


def recorded_seconds(base: str, viewer: Viewer) -> int:
    """In how many seconds the history has something of the viewer."""
    seconds = 0
    for session in viewer.sessions:
        with contextlib.suppress(OSError):
            export = fetch_json(base, f"/history/{session}/export.json", viewer.cookie)
            seconds += len({sample["second"] for sample in export["samples"]})
    return seconds


class Watcher(threading.Thread):
    """Asks /health four times a second, and remembers what it said that was not well."""

    def __init__(self, base: str) -> None:
        super().__init__(daemon=True)
        self._base, self._enough = base, threading.Event()
        self.said: dict[str, None] = {}

    def run(self) -> None:
        """Watch until it is enough."""
        while not self._enough.wait(0.25):
            try:
                health = fetch_json(self._base, "/health")
            except (OSError, ValueError):
                self.said["no answer"] = None
                continue
            if health["status"] != "ready":
                self.said[health["status"]] = None
            if health["recorder"]["failing"]:
                self.said["recorder failing, samples wait in memory"] = None

    def done(self) -> list[str]:
        """Stop, and tell."""
        self._enough.set()
        self.join(10)
        return list(self.said)


class PageWatch:
    """A page in a real Chromium that streams its fake camera; its notices are remembered."""

    REMEMBER = """() => {
        window.noticed = [];
        const root = document.querySelector('[data-live]');
        new MutationObserver(() => {
            const title = root.querySelector('[data-notice-title]').textContent;
            if (root.dataset.message && title && !window.noticed.includes(title)) window.noticed.push(title);
        }).observe(root, { attributes: true, attributeFilter: ['data-message'] });
    }"""

    def __init__(self, page: LivePage) -> None:
        self._page = page

    def begin(self) -> None:
        """Open the page again, start, and forget what was said while it did."""
        self._page.open().agree_and_start()
        self._page.wait_for_state("live")
        self._page.wait_for_results(3)
        self._page.page.evaluate(self.REMEMBER)

    def done(self) -> list[str]:
        """What it said, and whether it is live again."""
        noticed: list[str] = self._page.page.evaluate("() => window.noticed")
        return noticed if self._page.state == "live" else [*noticed, f"(still {self._page.state})"]


@contextmanager
def watching_page(base: str, folder: Path) -> Iterator[PageWatch | None]:
    """A page, or None where no Chromium is here."""
    path = chromium_path()
    if path is None:
        yield None
        return
    camera = write_camera(two_faces_file(), folder / "camera.mjpeg")
    with sync_playwright() as playwright:
        browser = launch(playwright, path, camera_arguments(camera))
        yield PageWatch(LivePage(browser.new_page(), base))
        browser.close()


def suffer(
    base: str, options: argparse.Namespace, fault: str, strike: Callable[[], None], page: PageWatch | None
) -> Losses:
    """Let viewers stream, strike, and count."""
    picture = pictures.two_faces()
    if page is not None:
        page.begin()
    watcher = Watcher(base)
    watcher.start()
    viewers = [Viewer() for _ in range(options.viewers)]
    begin = time.monotonic()
    struck: list[float] = []
    until = begin + BEFORE_S + options.after
    striker = threading.Timer(BEFORE_S, lambda: (struck.append(time.monotonic()), strike()))
    striker.start()

    async def stream() -> None:
        await asyncio.gather(*(view(base, picture, options.fps, until, viewer) for viewer in viewers))

    # In a thread of its own: Playwright's loop runs in this one.
    streaming = threading.Thread(target=lambda: asyncio.run(stream()))
    streaming.start()
    streaming.join()
    striker.join()
    said = watcher.done()
    noticed = page.done() if page is not None else ["no Chromium here"]
    time.sleep(3)  # until everything is written
    lost_seconds = [len(viewer.seconds) - recorded_seconds(base, viewer) for viewer in viewers]
    return Losses(
        fault=fault,
        frames=sum(viewer.sent for viewer in viewers),
        lost=sum(viewer.sent - len(viewer.results) for viewer in viewers),
        wait_s=round(max(viewer.longest_wait_s(struck[0], until) for viewer in viewers), 1),
        results_per_s=round(min(viewer.rate(struck[0]) for viewer in viewers), 1),
        sessions_lost=sum(len(viewer.sessions) - 1 for viewer in viewers),
        sample_seconds_lost=float(max(0, *lost_seconds)),
        page=noticed,
        health=said,
    )


def kill(pid: int) -> None:
    """End a process as a power cut would."""
    os.kill(pid, signal.SIGKILL)


def hold(pid: int) -> None:
    """Stop a process for a while."""
    os.kill(pid, signal.SIGSTOP)
    time.sleep(STOPPED_S)
    os.kill(pid, signal.SIGCONT)


def database_away(cluster: Cluster, seconds: float) -> None:
    """Stop PostgreSQL as a crash would, and start it again."""
    cluster.postgres.stop()
    time.sleep(seconds)
    cluster.postgres.start()


def slow_database(cluster: Cluster) -> None:
    """Let every insertion of samples take three seconds."""
    with psycopg.connect(cluster.postgres.address, autocommit=True) as database:
        database.execute(
            "CREATE OR REPLACE FUNCTION slow() RETURNS trigger AS "
            "'BEGIN PERFORM pg_sleep(3); RETURN NULL; END' LANGUAGE plpgsql"
        )
        database.execute(
            "CREATE TRIGGER slow BEFORE INSERT ON history_sample FOR EACH STATEMENT EXECUTE FUNCTION slow()"
        )
        time.sleep(SLOW_S)
        database.execute("DROP TRIGGER slow ON history_sample")


def faults(cluster: Cluster) -> dict[str, Callable[[], None]]:
    """What is done to the cluster, by name, in order."""

    def pid(name: str) -> int:
        return cluster.processes()[name]

    return {
        "nothing, for comparison": lambda: None,
        "engine replica killed": lambda: kill(pid("replica 1")),
        "engine replica stopped for 5 s": lambda: hold(pid("replica 1")),
        "Ray Serve's proxy killed": lambda: kill(pid("proxy")),
        "web process killed": lambda: kill(pid("web 1")),
        "web process stopped for 5 s": lambda: hold(pid("web 1")),
        "PostgreSQL restarted": lambda: database_away(cluster, 0),
        "PostgreSQL away for 20 s": lambda: database_away(cluster, DATABASE_AWAY_S),
        "database slowed to 3 s": lambda: slow_database(cluster),
        "Redis killed": lambda: kill(cluster.redis.pid),
        "nginx reloaded": lambda: os.kill(cluster.nginx.pid, signal.SIGHUP),
    }


@contextmanager
def tiny_disk(folder: Path) -> Iterator[Path]:
    """A disk of a few megabytes; raises CalledProcessError where this user may not mount one."""
    folder.mkdir()
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={TINY_DISK_MB}m", "tmpfs", str(folder)],
        check=True,
        capture_output=True,
    )
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=False)


def fill(disk: Path) -> None:
    """Fill the disk for a while."""
    rest = disk / "rest"
    with contextlib.suppress(OSError), rest.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    time.sleep(SLOW_S)
    rest.unlink()


def run_on_sqlite(options: argparse.Namespace, folder: Path) -> list[Losses]:
    """The one fault of the default, which is one process and SQLite."""
    name = "disk full (one process, SQLite)"
    if options.only not in (None, name):
        return []
    with (
        tiny_disk(folder / "disk") as disk,
        running_site(disk, MAX_VIEWERS="20") as site,
        page_or_none(options, site.address, folder) as page,
    ):
        return [suffer(site.address, options, name, lambda: fill(disk), page)]


@contextmanager
def page_or_none(options: argparse.Namespace, base: str, folder: Path) -> Iterator[PageWatch | None]:
    """A page where one is wanted."""
    if options.no_page:
        yield None
        return
    with watching_page(base, folder) as page:
        yield page


def run(options: argparse.Namespace, folder: Path) -> list[Losses]:
    """Every fault in turn."""
    losses = []
    cluster = Cluster(folder)
    try:
        cluster.start(lambda line: print(f"starting {line} ...", file=sys.stderr, flush=True))
        with page_or_none(options, cluster.address, folder) as page:
            for name, strike in faults(cluster).items():
                if options.only in (None, name):
                    losses.append(suffer(cluster.address, options, name, strike, page))
                    print(json.dumps(losses[-1].__dict__), file=sys.stderr, flush=True)
    finally:
        cluster.stop()
    return losses


def as_markdown(losses: list[Losses]) -> str:
    """The table of docs/reliability.md."""
    lines = [
        (
            "| fault | frames sent | lost | longest wait for a result | results/s in the 5 s after | "
            "sessions lost | samples lost | the page said | /health said |"
        ),
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for one in losses:
        page, health = (", ".join(words) or "nothing" for words in (one.page, one.health))
        lines.append(
            f"| {one.fault} | {one.frames} | {one.lost} | {one.wait_s} s | {one.results_per_s} | "
            f"{one.sessions_lost} | {one.sample_seconds_lost:.0f} s | {page} | {health} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Break everything, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--viewers", type=int, default=6)
    parser.add_argument("--fps", type=float, default=3)
    parser.add_argument("--after", type=float, default=AFTER_S, help="seconds watched")
    parser.add_argument("--only", help="one fault by its name")
    parser.add_argument("--no-page", action="store_true", help="without a Chromium")
    parser.add_argument("--markdown", action="store_true", help="print a table")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="emoweb-", dir="/tmp") as made:
        folder = Path(made)
        losses = run_on_sqlite(options, folder)
        losses = [*run(options, folder), *losses]
    print(as_markdown(losses) if options.markdown else json.dumps([one.__dict__ for one in losses], indent=1))


if __name__ == "__main__":
    main()
