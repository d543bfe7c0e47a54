"""The engine of this process, opened according to the settings."""

from __future__ import annotations

import logging
import threading
from typing import Final

from django.conf import settings

from recognition import (
    Card,
    Engine,
    RecognitionError,
    default_cache_folder,
    default_weights_folder,
    open_engine,
    permitted_tasks,
)

logger = logging.getLogger(__name__)
_lock: Final = threading.Lock()
_current: Engine | None = None


def current() -> Engine:
    """Return this web process's engine, opened on first use. Raises RecognitionError."""
    global _current  # noqa: PLW0603 (one engine per process, by design)
    with _lock:
        if _current is None:
            _current = opened(settings.ENGINE_URL)
        return _current


def opened(url: str = "") -> Engine:
    """Open the engine at a URL, or one in this process. Raises RecognitionError."""
    return open_engine(
        default_weights_folder(),
        default_cache_folder(),
        settings.DEVICE,
        url=url,
        in_flight=settings.ENGINE_IN_FLIGHT,
        permitted=permitted_tasks(),
    )


def catalogue() -> tuple[Card, ...]:
    """Return the models that this web process serves; none where they cannot be opened."""
    try:
        return current().catalogue
    except RecognitionError as error:
        # The log is for the operator; a visitor only sees that no model is available.
        logger.warning("The models cannot be opened: %s", error)
        return ()
