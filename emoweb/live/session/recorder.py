"""Writes sessions and their samples to the database, on its own thread and connection.

The methods that viewers call do not access the database: they queue a change and return.
Once a second the thread writes the complete seconds in one transaction, so a killed
server loses two seconds at most. Failed writes are retried; when MOST_WAITING means
are pending, new ones are refused and counted: the pending ones are older.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import close_old_connections, connection
from django.utils import timezone

from emoweb.live.session.writer import Change, Opening, write
from emoweb.measurements.averages import SecondAverages, SecondMean

WRITE_EACH_S: Final = 1.0
TIDY_EACH_S: Final = 60.0
MOST_WAITING: Final = 50_000

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Record:
    """One session as far as it is not yet written."""

    started_at: float
    label_set: str
    last_seen: datetime
    opening: Opening | None = None
    averages: SecondAverages = field(default_factory=SecondAverages)
    frames: int = 0
    drops: Counter[str] = field(default_factory=Counter)
    ended: datetime | None = None
    left: bool = False
    changed: bool = True
    written: list[Future[None]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RecorderHealth:
    """`failure` is the reason if the last write failed; `lost` counts refused means."""

    failure: str | None
    waiting: int
    lost: int


class Recorder:
    """Takes changes from the event loop's thread; writes them on its own."""

    def __init__(
        self,
        tidy: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        """Run `tidy` on the recorder's thread at start and each minute. `clock` in seconds, steady."""
        self._tidy = tidy
        self._clock = clock
        self._most_waiting = most_waiting
        self._lock = threading.Lock()
        self._records: dict[UUID, _Record] = {}
        self._unwritten: list[Change] = []
        self._lost = 0
        self._failure: str | None = None
        self._wake = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None

    # Called by viewers, on the event loop

    def open(self, opening: Opening) -> Future[None]:
        """Start a new session; the future completes when its row is written.

        It completes at once while the database fails: the row is written later.
        """
        record = _Record(self._clock(), opening.label_set, opening.started, opening=opening)
        with self._lock:
            self._records[opening.session] = record
            return _done() if self._failure is not None else self._when_written(record)

    def resume(self, session: UUID, started_at: float, label_set: str) -> None:
        """Continue a session that started at `started_at` by this recorder's clock, maybe earlier than it."""
        with self._lock:
            record = self._records.get(session)
            if record is None:
                record = self._records[session] = _Record(started_at, label_set, timezone.now())
            record.left = False
            self._seen(record)

    def result(self, session: UUID, faces: Iterable[tuple[int, Sequence[float]]]) -> None:
        """Count a result: each face's id and its measured probabilities over the model's full label list."""
        with self._lock:
            record = self._records.get(session)
            if record is None:
                return
            record.frames += 1
            self._seen(record)
            second = int(self._clock() - record.started_at)
            for face, probabilities in faces:
                self._add(record, second, face, probabilities)

    def drop(self, session: UUID, reason: str) -> None:
        """Count a frame without a result."""
        with self._lock:
            if record := self._records.get(session):
                record.drops[reason] += 1
                self._seen(record)

    def touch(self, session: UUID) -> None:
        """Note that the session's socket is still open."""
        with self._lock:
            if record := self._records.get(session):
                self._seen(record)

    def change_label_set(self, session: UUID, label_set: str) -> None:
        """Note through which label set the session is viewed from now on."""
        with self._lock:
            if record := self._records.get(session):
                record.label_set = label_set
                self._seen(record)

    def leave(self, session: UUID) -> None:
        """Note that the socket was lost; the session may still be resumed."""
        with self._lock:
            if record := self._records.get(session):
                record.left = True
                self._seen(record)

    def close(self, session: UUID) -> Future[None]:
        """End a session; the future completes when all of it is written."""
        with self._lock:
            record = self._records.get(session)
            if record is None:
                return _done()
            if not self._stopping:
                record.ended = timezone.now()
                self._seen(record)
            return self._when_written(record)

    def health(self) -> RecorderHealth:
        """Return how the writing is going."""
        with self._lock:
            return RecorderHealth(self._failure, self._waiting(), self._lost)

    def start(self) -> None:
        """Start the thread."""
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def stop(self, timeout_s: float = 2.5) -> None:
        """Write everything, incomplete seconds too, and end the thread; stopping twice is harmless."""
        with self._lock:
            self._stopping = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(timeout_s)
        waiting = self.health().waiting
        if waiting:
            logger.error("The last %d samples were not written before the server stopped.", waiting)

    # Under the lock

    def _when_written(self, record: _Record) -> Future[None]:
        """Wake the thread, and return what is done when it has written the record as it is now."""
        if self._stopping or self._thread is None:
            return _done()
        written: Future[None] = Future()
        record.written.append(written)
        self._wake.set()
        return written

    def _seen(self, record: _Record) -> None:
        record.last_seen = timezone.now()
        record.changed = True

    def _add(self, record: _Record, second: int, face: int, probabilities: Sequence[float]) -> None:
        if (second, face) not in record.averages and self._waiting() >= self._most_waiting:
            self._lost += 1
            return
        record.averages.add(second, face, probabilities)

    def _waiting(self) -> int:
        collected = sum(len(record.averages) for record in self._records.values())
        return collected + sum(len(change.samples) for change in self._unwritten)

    def _take(self, *, everything: bool) -> list[Change]:
        changes = []
        for session, record in list(self._records.items()):
            if everything and not record.left and record.ended is None:
                self._seen(record)
            samples = self._finished(record, everything=everything)
            if record.changed or samples:
                changes.append(_change(session, record, samples))
                record.opening, record.frames, record.changed = None, 0, False
                record.drops, record.written = Counter(), []
            if record.ended is not None or (record.left and not record.averages):
                del self._records[session]
        return changes

    def _finished(self, record: _Record, *, everything: bool) -> list[SecondMean]:
        if everything or record.ended is not None:
            return record.averages.take_before()
        return record.averages.take_before(int(self._clock() - record.started_at))

    # On the recorder's own thread

    def _run(self) -> None:
        tidied_at: float | None = None
        while not self._stopping:
            now = self._clock()
            if self._write() and (tidied_at is None or now - tidied_at >= TIDY_EACH_S):
                tidied_at = now
                self._attempt(self._tidy)
            self._wake.wait(WRITE_EACH_S)
            self._wake.clear()
        self._write_the_rest()
        connection.close()

    def _write_the_rest(self) -> None:
        # One retry: a lock held by another writer is usually released a moment later.
        if not self._write(everything=True):
            self._write(everything=True)

    def _write(self, *, everything: bool = False) -> bool:
        with self._lock:
            self._unwritten += self._take(everything=everything)
            changes = list(self._unwritten)
        if not changes:
            return True
        if not self._attempt(lambda: write(changes)):
            return False
        with self._lock:
            del self._unwritten[: len(changes)]
        for change in changes:
            for written in change.written:
                written.set_result(None)
        return True

    def _attempt(self, work: Callable[[], None]) -> bool:
        try:
            close_old_connections()
            work()
        except Exception as error:  # noqa: BLE001 (the top of a worker: one bad write must not end recording)
            self._failed(error)
            return False
        self._failure = None
        return True

    def _failed(self, error: Exception) -> None:
        # Once, not each second: the log must stay readable when the database is down for a night.
        if self._failure is None:
            logger.error(
                "The history cannot be written; the write is retried.",
                exc_info=error,
            )
        self._failure = f"{type(error).__name__}: {error}"


def _done() -> Future[None]:
    done: Future[None] = Future()
    done.set_result(None)
    return done


def _change(session: UUID, record: _Record, samples: list[SecondMean]) -> Change:
    return Change(
        session=session,
        opening=record.opening,
        label_set=record.label_set,
        last_seen=record.last_seen,
        ended=record.ended,
        frames=record.frames,
        drops=dict(record.drops),
        samples=tuple(samples),
        written=tuple(record.written),
    )
