"""Raises the number of viewers until the service is no longer live, and names what this machine carries.

    python tests/bench/load.py [--site one|apart|cluster] [--fps 10] [--seconds 15] [--most 32] [--json]

Real sockets and a picture with two faces, against one process, a process with its engine apart
(`serve-engine`), or `make cluster`. A number of viewers is carried when the 95th percentile from sending a
frame to its result is at most 150 ms and nobody gets under 8 results a second (of 10; in proportion of other
rates). Beside it stands the processor time of a result: the viewers', each process's, and the machine's.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.bench.stream import quantile, view, warm_up
from tests.browser.site import running_site
from tests.cluster import Cluster
from tests.emoweb.protocol import pictures
from tests.engine_process import EngineProcess
from tests.processes import cpu_s, machine_cpu_s

MOST_P95_MS = 150.0
LEAST_SHARE = 0.8  # of the frames sent


@contextmanager
def one(folder: Path, viewers: int) -> Iterator[tuple[str, dict[str, int]]]:
    """The default: everything in one process."""
    with running_site(folder, MAX_VIEWERS=str(viewers)) as site:
        yield site.address, {"web": site.pid}


@contextmanager
def apart(folder: Path, viewers: int) -> Iterator[tuple[str, dict[str, int]]]:
    """A web process whose engine is another process."""
    engine = EngineProcess(folder / "engine.log")
    try:
        engine.start()
        with running_site(folder, MAX_VIEWERS=str(viewers), ENGINE_URL=engine.url) as site:
            yield site.address, {"web": site.pid, "engine": engine.pid}
    finally:
        engine.stop()


@contextmanager
def cluster(folder: Path, viewers: int) -> Iterator[tuple[str, dict[str, int]]]:
    """What `make cluster` starts."""
    running = Cluster(folder, viewers)
    try:
        running.start()
        yield running.address, running.processes()
    finally:
        running.stop()


SITES = {"one": one, "apart": apart, "cluster": cluster}


@contextmanager
def serving(site: str, viewers: int) -> Iterator[tuple[str, dict[str, int]]]:
    """One of SITES in a folder of its own: its address, and its processes by name."""
    # Under /tmp wherever else temporary files go: the path of a cluster's socket must stay short.
    with (
        tempfile.TemporaryDirectory(prefix="emoweb-", dir="/tmp") as folder,
        SITES[site](Path(folder), viewers) as running,
    ):
        yield running


async def step(
    options: argparse.Namespace, base: str, processes: dict[str, int], picture: bytes, viewers: int
) -> dict[str, Any]:
    """Let so many viewers stream, and return what they got and what it cost."""
    before = _cpu(processes)
    tasks = [view(base, picture, options.fps, options.seconds, n / viewers) for n in range(viewers)]
    streams = await asyncio.gather(*tasks)
    after = _cpu(processes)
    delays = [ms for stream in streams for _, ms in stream.results]
    rates = [len(stream.results) / options.seconds for stream in streams]
    row = {
        "viewers": viewers,
        "results_per_s": {"least": round(min(rates), 2), "all": round(sum(rates), 1)},
        "p50_ms": quantile(delays, 0.5) if delays else None,
        "p95_ms": quantile(delays, 0.95) if delays else None,
        "unanswered": sum(stream.unanswered for stream in streams),
        "cpu_ms_a_result": {
            name: round((after[name] - before[name]) * 1000 / max(len(delays), 1), 2) for name in after
        },
    }
    least = LEAST_SHARE * options.fps
    row["carried"] = bool(delays and row["p95_ms"] <= MOST_P95_MS and min(rates) >= least)
    return row


async def climb(
    options: argparse.Namespace,
    base: str,
    processes: dict[str, int],
    say: Callable[[dict[str, Any]], None],
) -> list[dict[str, Any]]:
    """Go up one viewer at a time until a number is not carried; tell each step."""
    picture = pictures.two_faces()
    await warm_up(base, picture)
    rows = []
    for viewers in range(options.least, options.most + 1):
        rows.append(await step(options, base, processes, picture, viewers))
        say(rows[-1])
        if not rows[-1]["carried"]:
            break
    return rows


def _cpu(processes: dict[str, int]) -> dict[str, float]:
    """Processor time so far: the viewers', each process's by name, and the whole machine's."""
    named = {name: cpu_s(pid) for name, pid in processes.items()}
    return {"viewers": time.process_time(), **named, "machine": machine_cpu_s()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--site", choices=list(SITES), default="one")
    parser.add_argument("--fps", type=float, default=10)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--least", type=int, default=1, help="viewers to begin with")
    parser.add_argument("--most", type=int, default=32)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()

    def say(row: dict[str, Any]) -> None:
        print(json.dumps(row) if options.json else row, flush=True)

    with serving(options.site, options.most) as (base, processes):
        rows = asyncio.run(climb(options, base, processes, say))
    carried = max((row["viewers"] for row in rows if row["carried"]), default=0)
    print(json.dumps({"carried": carried}) if options.json else f"carried: {carried} viewers")


if __name__ == "__main__":
    main()
