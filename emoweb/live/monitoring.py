"""What `/health` and `/metrics` report: the state of the live service, and counts since its start."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from emoweb.live.protocol import ResultTiming
from emoweb.live.session.recorder import RecorderHealth
from recognition import EngineStats

State = Literal["starting", "ready", "degraded"]
CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
STATES: Final[tuple[str, ...]] = get_args(State)
# From the detection time of a fast laptop to latencies that are no longer live.
STAGE_SECONDS: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.035, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5)


@dataclass(frozen=True, slots=True)
class LiveStatus:
    """One snapshot. Viewers and capacity: of this process, and of all processes together."""

    state: State
    version: str
    consent: str
    device: str
    models: tuple[str, ...]
    viewers: int
    capacity: int
    all_viewers: int
    all_capacity: int
    drops: Mapping[str, int]
    engine: EngineStats
    recorder: RecorderHealth

    def health(self) -> dict[str, object]:
        """Return what `/health` prints."""
        return {
            "status": self.state,
            "version": self.version,
            "consent": self.consent,
            "device": self.device,
            "models": list(self.models),
            "viewers": self.all_viewers,
            "capacity": self.all_capacity,
            "fps": round(self.engine.fps, 2),
            "queue": self.engine.queue,
            "drops": dict(self.drops),
            "recorder": {
                "waiting": self.recorder.waiting,
                "lost": self.recorder.lost,
                "failing": self.recorder.failure is not None,
            },
        }


class Metrics:
    """Counts frames by their result, and reads the service's state at each scrape. One for each service."""

    def __init__(self) -> None:
        """Start with zero counts."""
        self._registry = CollectorRegistry()
        self._results = Counter("emoweb_results", "Frames answered with a result.", registry=self._registry)
        self._drops = Counter(
            "emoweb_drops", "Frames answered with a drop.", ["reason"], registry=self._registry
        )
        self._errors = Counter(
            "emoweb_errors", "Messages answered with an error.", ["code"], registry=self._registry
        )
        self._faces = Counter("emoweb_faces", "Faces in all results.", registry=self._registry)
        self._stages = Histogram(
            "emoweb_stage_seconds",
            "How long each stage of a result took; total is from receipt to sending.",
            ["stage"],
            buckets=STAGE_SECONDS,
            registry=self._registry,
        )
        ProcessCollector(registry=self._registry)

    def result(self, timing: ResultTiming, faces: int) -> None:
        """Note a result, its stages and its faces."""
        self._results.inc()
        self._faces.inc(faces)
        for stage in timing.__struct_fields__:
            self._stages.labels(stage.removesuffix("_ms")).observe(getattr(timing, stage) / 1000)

    def drop(self, reason: str) -> None:
        """Note a frame without a result."""
        self._drops.labels(reason).inc()

    def error(self, code: str) -> None:
        """Note a message that was refused."""
        self._errors.labels(code).inc()

    def text(self, status: LiveStatus) -> bytes:
        """Return the counts so far, and the service's status as gauges."""
        registry = CollectorRegistry()
        registry.register(_Gauges(status))
        return generate_latest(self._registry) + generate_latest(registry)


class _Gauges:
    """Metrics that are read at each scrape."""

    def __init__(self, status: LiveStatus) -> None:
        self._status = status

    def collect(self) -> Iterator[Metric]:
        """Yield each gauge; the names are those of `/health` where it has them."""
        status = self._status
        stats, recorder = status.engine, status.recorder
        gauges = {
            "viewers": ("Viewers admitted.", status.viewers),
            "capacity": ("Viewers that can be admitted.", status.capacity),
            "queue": ("Frames waiting for the engine.", stats.queue),
            "engine_fps": ("Frames analyzed per second, recently.", stats.fps),
            "frame_seconds": ("Processing time of a frame in the engine, recently.", stats.frame_ms / 1000),
            "recorder_waiting_samples": ("Samples not yet in the database.", recorder.waiting),
            "recorder_lost_samples": ("Samples discarded since the start.", recorder.lost),
            "recorder_failing": ("1 while the database is not writable.", int(recorder.failure is not None)),
        }
        for name, (words, value) in gauges.items():
            yield GaugeMetricFamily(f"emoweb_{name}", words, value)
        states = GaugeMetricFamily("emoweb_state", "1 for the current state.", labels=["state"])
        for state in STATES:
            states.add_metric([state], int(status.state == state))
        yield states
