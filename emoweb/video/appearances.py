"""When each face of a video was in view."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Max, Min

from emoweb.video.models import Video


@dataclass(frozen=True, slots=True)
class VideoAppearance:
    """A face id's time in view: the seconds of its first and last sample."""

    face: int
    first: int
    last: int

    @property
    def seconds(self) -> int:
        """Its length; not the number of samples, of which there may be one in many seconds."""
        return self.last - self.first + 1


def appearances_of(video: Video) -> list[VideoAppearance]:
    """Return the appearances in order of number."""
    rows = (
        video.samples.order_by("face").values_list("face").annotate(first=Min("second"), last=Max("second"))
    )
    return [VideoAppearance(*row) for row in rows]
