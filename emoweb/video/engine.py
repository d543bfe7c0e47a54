"""The models of a worker: the live engine's, in the worker's own process, loaded with its first video."""

from __future__ import annotations

import asyncio
from typing import Final

from emoweb import engines
from emoweb.video.refusals import VideoRejected
from recognition import Engine

MODELS_MAY_TAKE_S: Final = 120.0
_engine: Engine | None = None


def worker_engine() -> Engine:
    """Return this process's engine, warm; raises RecognitionError, VideoRejected if that takes too long."""
    global _engine  # noqa: PLW0603 (one engine a worker is the point)
    if _engine is None:
        engine = engines.opened()
        engine.start()
        if not asyncio.run(engine.ready(MODELS_MAY_TAKE_S)):
            raise VideoRejected("busy")
        _engine = engine
    return _engine
