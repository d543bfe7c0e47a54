"""Matches faces from frame to frame: greedily by overlap, then by distance."""

from collections.abc import Sequence
from dataclasses import dataclass

from recognition.options import TrackOptions
from recognition.types import Box


@dataclass(slots=True)
class _Track:
    id: int
    box: Box
    seen_at: float
    missed: int = 0


class Tracker:
    """Ids for one viewer's faces, from 1, never used again; a face keeps its id over a short absence."""

    def __init__(self, options: TrackOptions | None = None) -> None:
        self._options = options or TrackOptions()
        self._tracks: list[_Track] = []
        self._next_id = 1

    def update(self, boxes: Sequence[Box], confident: Sequence[bool], at: float) -> tuple[int | None, ...]:
        """Return the id of each box of a frame taken `at` seconds, in the order of `boxes`.

        A box that is not confident can only continue an earlier track, else its id is None: with two
        thresholds a face that is hard to see for a moment does not flicker (Zhang et al. 2022, ByteTrack).
        """
        self._forget_absent(at)
        for known in self._tracks:
            known.missed += 1
        owners = self._match(boxes, confident)
        for index, box in enumerate(boxes):
            track = owners.get(index)
            if track is None and confident[index]:
                track = owners[index] = self._begin(box, at)
            if track is not None:
                track.box, track.seen_at, track.missed = box, at, 0
        return tuple(owners[index].id if index in owners else None for index in range(len(boxes)))

    def _begin(self, box: Box, at: float) -> _Track:
        track = _Track(self._next_id, box, at)
        self._next_id += 1
        self._tracks.append(track)
        return track

    @property
    def alive(self) -> frozenset[int]:
        """Ids that may still come back."""
        return frozenset(track.id for track in self._tracks)

    def _forget_absent(self, at: float) -> None:
        moment, least = at - self._options.max_absence_s, self._options.min_missed_frames
        self._tracks = [track for track in self._tracks if track.seen_at >= moment or track.missed < least]

    def _match(self, boxes: Sequence[Box], confident: Sequence[bool]) -> dict[int, _Track]:
        """Pair boxes and tracks: confident boxes first, then the most alike, then the older face."""
        pairs = [
            ((confident[index], likeness, -track.id), index, track)
            for track in self._tracks
            for index, box in enumerate(boxes)
            if (likeness := self._likeness(track.box, box)) is not None
        ]
        owners: dict[int, _Track] = {}
        taken: set[int] = set()
        for _, index, track in sorted(pairs, key=lambda pair: pair[0], reverse=True):
            if index not in owners and track.id not in taken:
                owners[index] = track
                taken.add(track.id)
        return owners

    def _likeness(self, before: Box, now: Box) -> float | None:
        """IoU above the limit (1 added), else closeness of centers in 0..1, else None."""
        overlap = before.iou(now)
        if overlap >= self._options.min_iou:
            return 1 + overlap
        side_before, side_now = max(before.w, before.h), max(now.w, now.h)
        larger, smaller = max(side_before, side_now), min(side_before, side_now)
        if smaller <= 0 or larger / smaller > self._options.max_size_ratio:
            return None
        (x1, y1), (x2, y2) = before.center, now.center
        distance = ((x1 - x2) ** 2 + (y1 - y2) ** 2) ** 0.5 / larger
        return 1 - distance / self._options.max_distance if distance < self._options.max_distance else None
