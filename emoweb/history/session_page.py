"""The viewer's page: one session's faces over time, with what its owner noted and merged."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from emoweb.history.chart_data import chart_data, marker_data
from emoweb.history.charts import ribbon
from emoweb.history.forms import MarkerForm, TitleForm
from emoweb.history.models import Marker, Session
from emoweb.history.served_cards import is_of_pictures, unknown_label
from emoweb.history.summaries import FaceSummary, SessionSummary, summaries
from emoweb.history.timelines import Span, stretches, timeline
from emoweb.history.uncertainty import uncertain_below

FACES_DRAWN = 8
DRAWN_FROM = 0.02  # of the time of the face that was seen longest
BRIEF_FACES_LISTED = 40
FACES_IN_WORDS = 4


def session_page(
    request: HttpRequest,
    session: Session,
    *,
    title_form: TitleForm | None = None,
    marker_form: MarkerForm | None = None,
    edited: Marker | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render the page; `marker_form` holds what was wrong with a new marker, or with the one `edited`."""
    summary = summaries([session])[session.pk]
    context = {
        "session": session,
        "summary": summary,
        "of_pictures": is_of_pictures(session),
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


def drawn_and_brief(summary: SessionSummary) -> tuple[list[FaceSummary], list[FaceSummary]]:
    """Part the faces into those with a timeline of their own and those seen too briefly for one."""
    drawn = [
        face for face in summary.faces[:FACES_DRAWN] if face.seconds >= DRAWN_FROM * summary.faces[0].seconds
    ]
    brief = list(summary.faces[len(drawn) :])
    return sorted(drawn, key=lambda face: face.face), brief


def listed_ids(summary: SessionSummary) -> tuple[list[int], list[int]]:
    """Return the ids of the faces that are drawn, and of those that are listed as seen briefly."""
    drawn, brief = drawn_and_brief(summary)
    return [face.face for face in drawn], [face.face for face in brief[:BRIEF_FACES_LISTED]]


def _faces(session: Session, summary: SessionSummary) -> dict[str, Any]:
    drawn, brief = drawn_and_brief(summary)
    drawn_ids, brief_ids = listed_ids(summary)
    span = Span.of(summary)
    line = timeline(session, span, drawn_ids)
    unknown = unknown_label(session)
    return {
        "faces": [
            {"summary": face, "ribbon": ribbon(line, face.face), "stretches": stretches(line, face.face)}
            for face in drawn
        ],
        "in_words": summary.faces[:FACES_IN_WORDS] if len(summary.faces) > 1 else (),
        "readings": [
            *({"key": face, "brief": False, "unknown": unknown} for face in drawn_ids),
            *({"key": face, "brief": True, "unknown": unknown} for face in brief_ids),
        ],
        "brief_faces": brief[:BRIEF_FACES_LISTED],
        "left_out": len(brief[BRIEF_FACES_LISTED:]),
        "below": uncertain_below(session),
        "step": line.step,
        "end": line.end,
        "half": line.end // 2,
        "chart_data": chart_data(session, span, line, brief_ids),
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
    return {
        "merges": merges,
        "mergeable": sorted(face.face for face in summary.faces if face.face not in gone),
    }
