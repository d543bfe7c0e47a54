"""The viewer's page: one session's faces over time, with its owner's markers and merges."""

from __future__ import annotations

from heapq import nlargest
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from emoweb.history.chart_data import chart_data, marker_data
from emoweb.history.forms import MarkerForm, TitleForm
from emoweb.history.subjects import is_frame_level, unknown_label
from emoweb.history.summaries import FaceSummary, SessionSummary, summaries
from emoweb.history.timelines import Span, stretches, timeline
from emoweb.measurements.charts import ribbon
from emoweb.recordings.models import Marker, Session
from emoweb.served_cards import threshold_of

FACES_DRAWN = 8
DRAWN_FROM = 0.02  # of the time of the longest visible face
FACES_LISTED = 40


def session_page(
    request: HttpRequest,
    session: Session,
    *,
    title_form: TitleForm | None = None,
    marker_form: MarkerForm | None = None,
    edited: Marker | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render the page; `marker_form` contains the errors of a new marker, or of the one `edited`."""
    summary = summaries([session])[session.pk]
    context = {
        "session": session,
        "summary": summary,
        "frame_level": is_frame_level(session),
        "last": last_second(session, summary),
        "form": title_form or TitleForm.of(session),
        **_faces(session, summary),
        **_notes(session, marker_form, edited),
        **_merging(session, summary),
    }
    return render(request, "history/session.html", context, status=status)


def last_second(session: Session, summary: SessionSummary) -> int:
    """Return the last second that a session has."""
    return max(summary.last, int(session.length.total_seconds()))


def drawn_faces(summary: SessionSummary) -> list[FaceSummary]:
    """Return the faces that get a timeline, ordered by number."""
    longest = nlargest(FACES_DRAWN, summary.long, key=lambda face: face.seconds)
    drawn = [face for face in longest if face.seconds >= DRAWN_FROM * longest[0].seconds]
    return sorted(drawn, key=lambda face: face.face)


def listed_faces(summary: SessionSummary) -> tuple[list[FaceSummary], list[FaceSummary]]:
    """Return the faces in the tables: those that are long and not drawn, and the short appearances."""
    drawn = {face.face for face in drawn_faces(summary)}
    others = [face for face in summary.long if face.face not in drawn][:FACES_LISTED]
    return others, list(summary.short[: FACES_LISTED - len(others)])


def chart_ids(summary: SessionSummary) -> tuple[list[int], list[int]]:
    """Return the ids of the faces that are drawn, and of those in the tables."""
    others, short = listed_faces(summary)
    return [face.face for face in drawn_faces(summary)], [face.face for face in (*others, *short)]


def _faces(session: Session, summary: SessionSummary) -> dict[str, Any]:
    drawn = drawn_faces(summary)
    others, short = listed_faces(summary)
    drawn_ids, listed_ids = chart_ids(summary)
    span = Span.of(summary)
    line = timeline(session, span, drawn_ids)
    unknown = unknown_label(session)
    return {
        "faces": [
            {"summary": face, "ribbon": ribbon(line, face.face), "stretches": stretches(line, face.face)}
            for face in drawn
        ],
        "readings": [
            *({"key": face, "brief": False, "unknown": unknown} for face in drawn_ids),
            *({"key": face, "brief": True, "unknown": unknown} for face in listed_ids),
        ],
        "other_faces": others,
        "short_faces": short,
        "left_out": len(summary.faces) - len(drawn) - len(others) - len(short),
        "below": threshold_of(session.model, session.labels),
        "step": line.step,
        "end": line.end,
        "half": line.end // 2,
        "chart_data": chart_data(session, span, line, listed_ids),
    }


def _notes(session: Session, form: MarkerForm | None, edited: Marker | None) -> dict[str, Any]:
    markers = list(session.markers.all())
    return {
        "markers": [{"marker": marker, "form": form if marker == edited else None} for marker in markers],
        "marker_data": marker_data(markers),
        "marker_form": None if edited else form,
    }


def _merging(session: Session, summary: SessionSummary) -> dict[str, Any]:
    merges = list(session.merges.all())
    gone = {merge.face for merge in merges}
    long, short = (
        [face.face for face in faces if face.face not in gone] for faces in (summary.long, summary.short)
    )
    return {
        "merges": merges,
        "mergeable": long,
        "mergeable_short": short,
        "can_merge": len(long) + len(short) > 1,
    }
