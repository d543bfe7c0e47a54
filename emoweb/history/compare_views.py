"""Two sessions side by side."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from emoweb.history.chart_data import drawing
from emoweb.history.comparison import common_span, compared_shares
from emoweb.history.label_views import shown_labels
from emoweb.history.ownership import own_session
from emoweb.history.subjects import unknown_label
from emoweb.history.summaries import SessionSummary, summaries
from emoweb.history.timelines import Span, joint_curve, joint_timeline, stretches
from emoweb.recordings.models import Session
from emoweb.served_cards import threshold_of
from emoweb.visitors import private


@private
@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """Show `?a=&b=` side by side; the session list sends two `pick` parameters instead."""
    if "a" not in request.GET and "b" not in request.GET:
        return _picked(request)
    sessions = {side: own_session(request, _session_id(request, side)) for side in ("a", "b")}
    summary_of = summaries(sessions.values())
    summary_a, summary_b = (summary_of[session.pk] for session in sessions.values())
    span = common_span(summary_a, summary_b)
    sides = [_side(side, session, summary_of[session.pk], span) for side, session in sessions.items()]
    context = {
        "sides": sides,
        "shares": compared_shares(summary_a, summary_b, *(shown_labels(one) for one in sessions.values())),
        "end": span.end,
        "step": span.step,
        "chart_data": _chart_data(sides, span),
    }
    return render(request, "history/compare.html", context)


def _picked(request: HttpRequest) -> HttpResponse:
    picks = request.GET.getlist("pick")
    if len(picks) != 2:
        messages.error(request, _("Select two sessions to compare."))
        return redirect("history:list")
    query = urlencode(dict(zip(("a", "b"), picks, strict=True)))
    return redirect(f"{reverse('history:compare')}?{query}")


def _session_id(request: HttpRequest, side: str) -> UUID:
    try:
        return UUID(request.GET.get(side, ""))
    except ValueError:
        raise Http404 from None


def _side(side: str, session: Session, summary: SessionSummary, span: Span) -> dict[str, Any]:
    line = joint_timeline(session, span)
    return {
        "key": side,
        "session": session,
        "summary": summary,
        "below": threshold_of(session.model, session.labels),
        "unknown": unknown_label(session),
        "labels": shown_labels(session),
        "stretches": stretches(line, 0),
        "drawing": drawing(joint_curve(session, span), line.faces[0]),
    }


def _chart_data(sides: list[dict[str, Any]], span: Span) -> dict[str, Any]:
    return {
        "step": span.step,
        "start": 0,
        "end": span.end,
        "labels": [],
        "below": 0,
        "faces": {
            side["key"]: {**side["drawing"], "labels": side["labels"], "below": side["below"]}
            for side in sides
        },
        "brief": {},
    }
