"""The state of the live service at one moment: what `/health` and `/metrics` report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from emoweb.live.recorder import RecorderHealth
from recognition import EngineStats

State = Literal["starting", "ready", "degraded"]


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
