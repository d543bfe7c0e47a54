"""One image at a time: a decoded image takes up to 150 MB, so others wait with their bytes alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

MAX_WAITING: Final = 8
PATIENCE_S: Final = 30.0


class NoTurn(Exception):
    """Too many wait already, or it took too long."""


class Turns:
    """Lets one thread in, lets a few wait, and refuses the rest."""

    def __init__(self, max_waiting: int = MAX_WAITING, patience_s: float = PATIENCE_S) -> None:
        """Nobody is in."""
        self._max_waiting = max_waiting
        self._patience_s = patience_s
        self._turn = threading.Lock()
        self._counting = threading.Lock()
        self._there = 0

    @contextmanager
    def take(self) -> Iterator[None]:
        """Hold the turn for the length of a `with`; raise NoTurn where it cannot be had in time."""
        self._arrive()
        try:
            if not self._turn.acquire(timeout=self._patience_s):
                raise NoTurn
            try:
                yield
            finally:
                self._turn.release()
        finally:
            self._leave()

    def _arrive(self) -> None:
        with self._counting:
            if self._there > self._max_waiting:
                raise NoTurn
            self._there += 1

    def _leave(self) -> None:
        with self._counting:
            self._there -= 1
