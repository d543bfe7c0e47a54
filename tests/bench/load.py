"""Raises the number of viewers until the service is no longer live, and names what this machine carries.

    python tests/bench/load.py [--fps 10] [--seconds 15] [--most 32] [--json]

A real server, real sockets, a picture with two faces. A number of viewers is carried when the 95th percentile
from sending a frame to its result is at most 150 ms and nobody gets under 8 results a second.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from recognition.samples import two_faces_file
from tests.bench.stream import quantile, view, warm_up
from tests.browser.site import Site
from tests.emoweb.protocol import pictures

MOST_P95_MS = 150.0
LEAST_RESULTS_PER_S = 8.0


async def step(options: argparse.Namespace, base: str, picture: bytes, viewers: int) -> dict[str, Any]:
    """Let so many viewers stream, and return what they got."""
    tasks = [view(base, picture, options.fps, options.seconds, n / viewers) for n in range(viewers)]
    streams = await asyncio.gather(*tasks)
    delays = [ms for stream in streams for _, ms in stream.results]
    rates = [len(stream.results) / options.seconds for stream in streams]
    row = {
        "viewers": viewers,
        "results_per_s": {"least": round(min(rates), 2), "all": round(sum(rates), 1)},
        "p50_ms": quantile(delays, 0.5) if delays else None,
        "p95_ms": quantile(delays, 0.95) if delays else None,
        "unanswered": sum(stream.unanswered for stream in streams),
    }
    row["carried"] = bool(delays and row["p95_ms"] <= MOST_P95_MS and min(rates) >= LEAST_RESULTS_PER_S)
    return row


async def climb(options: argparse.Namespace, base: str) -> list[dict[str, Any]]:
    """Go up one viewer at a time until a number is not carried."""
    picture = pictures.two_faces(two_faces_file())
    await warm_up(base, picture)
    rows = []
    for viewers in range(1, options.most + 1):
        rows.append(await step(options, base, picture, viewers))
        print(json.dumps(rows[-1]) if options.json else rows[-1], flush=True)
        if not rows[-1]["carried"]:
            break
    return rows


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--fps", type=float, default=10)
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--most", type=int, default=32)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        site = Site(Path(folder), MAX_VIEWERS=str(options.most))
        site.start()
        try:
            rows = asyncio.run(climb(options, site.address))
        finally:
            site.stop()
    carried = max((row["viewers"] for row in rows if row["carried"]), default=0)
    print(json.dumps({"carried": carried}) if options.json else f"carried: {carried} viewers")


if __name__ == "__main__":
    main()
