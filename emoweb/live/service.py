"""What all viewers of this process share: engine, recorder, admission, sessions."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.utils import timezone

from emoweb import engines
from emoweb.live.bus import Bus
from emoweb.live.capacity.admission import Admission, measured_capacity
from emoweb.live.monitoring import LiveStatus, Metrics
from emoweb.live.session.choice import live_models
from emoweb.live.session.recorder import Recorder
from emoweb.live.session.sessions import Sessions
from emoweb.recordings.models import Session as SessionRow
from recognition import Engine


@dataclass(frozen=True, slots=True)
class Site:
    """The server's description of itself."""

    version: str
    consent: str


class LiveService:
    """The live part of the server. Viewers belong to one event loop; start, stop and health to any thread."""

    def __init__(
        self,
        engine: Engine,
        recorder: Recorder,
        admission: Admission,
        sessions: Sessions,
        site: Site,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Connect the parts; nothing runs before `start`."""
        self.engine = engine
        self.recorder = recorder
        self.admission = admission
        self.sessions = sessions
        self.site = site
        self.clock = clock
        self.drops: Counter[str] = Counter()
        self.metrics = Metrics()
        self.bus = Bus(admission, sessions)

    @classmethod
    def from_settings(cls) -> LiveService:
        """Start from this process's engine. Raises RecognitionError with one clear sentence."""
        engine = engines.current()
        return cls(
            engine=engine,
            recorder=Recorder(tidy=tidy),
            admission=Admission(lambda: settings.MAX_VIEWERS or measured_capacity(engine.stats().frame_ms)),
            sessions=Sessions(),
            site=Site(settings.VERSION, settings.CONSENT_VERSION),
        )

    def start(self) -> None:
        """Start to load the models, to record and to listen; on the event loop; return at once."""
        self.recorder.start()
        self.engine.start()
        self.bus.start()

    def stop(self) -> None:
        """Write everything that was recorded, and end every frame in flight."""
        # In this order: an engine that is loading its models may take longer to stop than the time limit.
        self.bus.stop()
        self.recorder.stop()
        self.engine.close()

    def status(self) -> LiveStatus:
        """Return a snapshot of the service; from any thread."""
        stats, load, recorder = self.engine.stats(), self.bus.load(), self.recorder.health()
        state = self.engine.state
        return LiveStatus(
            # A ready engine is not enough: the database must accept samples too.
            state="degraded" if state == "ready" and recorder.failure is not None else state,
            version=self.site.version,
            consent=self.site.consent,
            device=self.engine.device,
            models=tuple(card.name for card in live_models(self.engine)),
            viewers=self.admission.viewers,
            capacity=self.admission.capacity,
            all_viewers=load.viewers,
            all_capacity=load.capacity,
            drops=dict(self.drops),
            engine=stats,
            recorder=recorder,
        )


def tidy() -> None:
    """End sessions without a viewer, and delete those past their retention time."""
    SessionRow.close_abandoned(timezone.now())
    SessionRow.prune(settings.HISTORY_DAYS)


_lock: Final = threading.Lock()
_current: LiveService | None = None


def current() -> LiveService:
    """Return this process's service, created from the settings on first use. Raises RecognitionError."""
    global _current  # noqa: PLW0603 (one service a process is the point)
    with _lock:
        if _current is None:
            _current = LiveService.from_settings()
        return _current
