"""A concurrency limit of one: a decoded image takes up to 150 MB, so the others wait undecoded."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

MAX_WAITING: Final = 8
MAX_WAIT_S: Final = 30.0


class LimitReached(Exception):
    """Too many callers are waiting, or the wait timed out."""


class ConcurrencyLimit:
    """Admits one thread, lets a few wait, and refuses the rest."""

    def __init__(self, max_waiting: int = MAX_WAITING, max_wait_s: float = MAX_WAIT_S) -> None:
        """Start with no thread admitted."""
        self._max_waiting = max_waiting
        self._max_wait_s = max_wait_s
        self._place = threading.Lock()
        self._counting = threading.Lock()
        self._count = 0

    @contextmanager
    def admit(self) -> Iterator[None]:
        """Own the only place for the length of a `with` block; raise LimitReached on a time-out."""
        self._arrive()
        try:
            if not self._place.acquire(timeout=self._max_wait_s):
                raise LimitReached
            try:
                yield
            finally:
                self._place.release()
        finally:
            self._leave()

    def _arrive(self) -> None:
        with self._counting:
            if self._count > self._max_waiting:
                raise LimitReached
            self._count += 1

    def _leave(self) -> None:
        with self._counting:
            self._count -= 1
