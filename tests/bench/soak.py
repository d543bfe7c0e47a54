"""Watches memory while viewers stream for a long time.

    python tests/bench/soak.py --minutes 60 [--site one|apart|cluster] [--viewers 4] [--fps 10] [--json]

A real server, real sockets, a picture with two faces. Memory is that of each process of the site, every 10 s;
its slope is that of the straight line through what was measured after a tenth of the time, or two minutes
where that is more.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.bench.load import SITES, serving
from tests.bench.stream import quantile, view, warm_up
from tests.emoweb.protocol import pictures
from tests.processes import memory_mb

EACH_S = 10.0
WARM_SHARE, WARM_S = 0.1, 120.0


async def watch_memory(processes: dict[str, int], seconds: float) -> dict[str, list[tuple[float, float]]]:
    """Return (seconds since the start, MB) of each process, every EACH_S."""
    begin = time.monotonic()
    seen: dict[str, list[tuple[float, float]]] = {name: [] for name in processes}
    while (now := time.monotonic() - begin) < seconds:
        for name, pid in processes.items():
            seen[name].append((now, memory_mb(pid)))
        await asyncio.sleep(EACH_S)
    return seen


def slope_mb_per_hour(seen: list[tuple[float, float]], seconds: float) -> float | None:
    """Return the slope after warm-up, None where too little was seen."""
    warm_s = max(WARM_SHARE * seconds, min(WARM_S, seconds / 2))
    late = np.array([entry for entry in seen if entry[0] >= warm_s])
    return round(float(np.polyfit(late[:, 0] / 3600, late[:, 1], 1)[0]), 2) if len(late) > 2 else None


def memory_figures(seen: list[tuple[float, float]], seconds: float) -> dict[str, Any]:
    """Return the figures of one process, in MB and MB an hour."""
    return {
        "each_minute": [mb for _, mb in seen[:: round(60 / EACH_S)]],
        "first": seen[0][1],
        "last": seen[-1][1],
        "most": max(mb for _, mb in seen),
        "slope_mb_per_hour": slope_mb_per_hour(seen, seconds),
    }


async def soak(options: argparse.Namespace, base: str, processes: dict[str, int]) -> dict[str, Any]:
    """Stream and watch; return the figures."""
    picture, seconds = pictures.two_faces(), options.minutes * 60
    await warm_up(base, picture)
    streams = [
        view(base, picture, options.fps, seconds, number / options.viewers)
        for number in range(options.viewers)
    ]
    seen, *done = await asyncio.gather(watch_memory(processes, seconds), *streams)
    delays = [ms for stream in done for _, ms in stream.results]
    return {
        "minutes": options.minutes,
        "viewers": options.viewers,
        "frames": sum(len(stream.sent) for stream in done),
        "unanswered": sum(stream.unanswered for stream in done),
        "drops": dict(sum((stream.drops for stream in done), Counter())),
        "p95_ms": quantile(delays, 0.95),
        "processes": {name: memory_figures(of_one, seconds) for name, of_one in seen.items()},
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--site", choices=list(SITES), default="one")
    parser.add_argument("--viewers", type=int, default=4)
    parser.add_argument("--fps", type=float, default=10)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with serving(options.site, options.viewers) as (base, processes):
        figures = asyncio.run(soak(options, base, processes))
    print(json.dumps(figures) if options.json else "\n".join(f"{k}: {v}" for k, v in figures.items()))


if __name__ == "__main__":
    main()
