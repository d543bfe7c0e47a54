"""Measures what this machine carries in several ways, and checks a model of it that is fitted to the first.

    python tests/bench/capacity.py [--seconds 15]

The model: a site gives at most so many results a second, measured with eight viewers, and carries viewers up
to a share of that before results come late: viewers = share * most / fps. The share is fitted where
everything runs in one process at 10 frames a second; the other ways are predicted with it. Prints the tables
of docs/capacity.md.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.bench.load import climb, serving, step
from tests.emoweb.protocol import pictures

# The site, frames a second, and the number of viewers to begin with.
WAYS = (("one", 10.0, 1), ("one", 5.0, 4), ("one", 15.0, 1), ("apart", 10.0, 1), ("cluster", 10.0, 1))
TOO_MANY, TOO_MANY_FPS = 8, 10.0


@dataclass(frozen=True)
class Way:
    """One site at one rate: the steps that were measured, and a last one with too many viewers."""

    site: str
    fps: float
    rows: list[dict[str, Any]]
    too_many: dict[str, Any]

    @property
    def most_per_s(self) -> float:
        """How many results a second there are at most."""
        return float(self.too_many["results_per_s"]["all"])

    @property
    def carried(self) -> int:
        """How many viewers were carried."""
        return max((row["viewers"] for row in self.rows if row["carried"]), default=0)

    @property
    def share(self) -> float:
        """Of the most, between the last number of viewers that was carried and the first that was not."""
        return (self.carried + 0.5) * self.fps / self.most_per_s


def predicted(way: Way, share: float) -> float:
    """How many viewers the model says."""
    return share * way.most_per_s / way.fps


def measure(seconds: float) -> list[Way]:
    """Climb in every way."""
    ways = []
    for site, fps, least in WAYS:
        print(f"{site} at {fps:g} frames/s", file=sys.stderr)
        with serving(site, 4 * TOO_MANY) as (base, processes):
            ways.append(asyncio.run(_measure(site, fps, least, seconds, base, processes)))
    return ways


async def _measure(
    site: str, fps: float, least: int, seconds: float, base: str, processes: dict[str, int]
) -> Way:
    settings = argparse.Namespace(fps=fps, seconds=seconds, least=least, most=4 * TOO_MANY)
    rows = await climb(settings, base, processes, _say)
    settings.fps = TOO_MANY_FPS
    too_many = await step(settings, base, processes, pictures.two_faces(), TOO_MANY)
    _say(too_many)
    return Way(site, fps, rows, too_many)


def _say(row: dict[str, Any]) -> None:
    print(row, file=sys.stderr, flush=True)


def as_markdown(ways: list[Way]) -> str:
    """Both tables."""
    share = ways[0].share
    lines = [
        "| site | frames/s | viewers | results/s | p50, p95 ms | processor ms a result, by part | carried |",
        "|---|---|---|---|---|---|---|",
    ]
    for way in ways:
        for row in [*way.rows, way.too_many]:
            fps = TOO_MANY_FPS if row is way.too_many else way.fps
            parts = ", ".join(f"{name} {ms:.1f}" for name, ms in row["cpu_ms_a_result"].items())
            lines.append(
                f"| {way.site} | {fps:g} | {row['viewers']} | {row['results_per_s']['all']:.1f} | "
                f"{row['p50_ms']:.0f}, {row['p95_ms']:.0f} | {parts} | {'yes' if row['carried'] else 'no'} |"
            )
    lines += [
        "",
        "| site | frames/s | results/s at most | carried | the model says |",
        "|---|---|---|---|---|",
    ]
    for number, way in enumerate(ways):
        said = f"{predicted(way, share):.1f}" if number else f"fitted here: {share:.2f} of the most"
        lines.append(f"| {way.site} | {way.fps:g} | {way.most_per_s:.1f} | {way.carried} | {said} |")
    return "\n".join(lines)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=15)
    print(as_markdown(measure(parser.parse_args().seconds)))


if __name__ == "__main__":
    main()
