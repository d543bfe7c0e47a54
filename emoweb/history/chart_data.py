"""The data of the pages' charts, ready for JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from emoweb.history.label_views import shown_labels
from emoweb.history.timelines import Curve, Span, confidence, curves
from emoweb.measurements.timelines import Cells, Timeline
from emoweb.recordings.models import Marker, Session
from emoweb.served_cards import threshold_of


def chart_data(session: Session, span: Span, line: Timeline, brief: Sequence[int] = ()) -> dict[str, Any]:
    """Return the curves of the timeline's faces with their confidence, and the curves of `brief` faces."""
    curve_of = curves(session, span, [*line.faces, *brief])
    return {
        "step": span.step,
        "start": span.start,
        "end": span.end,
        "labels": shown_labels(session),
        "below": threshold_of(session.model, session.labels),
        "faces": {
            str(face): drawing(curve_of[face], cells)
            for face, cells in line.faces.items()
            if face in curve_of
        },
        "brief": {
            str(face): {"start": curve_of[face].start, "rows": curve_of[face].rows}
            for face in brief
            if face in curve_of
        },
    }


def drawing(curve: Curve, cells: Cells) -> dict[str, Any]:
    """Return one curve, with the model's confidence in each interval."""
    return {"start": curve.start, "rows": curve.rows, "sure": confidence(cells, curve.numbers)}


def marker_data(markers: Iterable[Marker]) -> list[dict[str, Any]]:
    """Return the markers as they are drawn on the charts, in the order in which the page numbers them."""
    return [{"second": marker.second, "note": marker.note} for marker in markers]
