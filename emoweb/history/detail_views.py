"""Part of a session in finer intervals, for a chart that is zoomed in."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from emoweb.errors import error_response
from emoweb.history.chart_data import chart_data
from emoweb.history.forms import SpanForm
from emoweb.history.ownership import own_session
from emoweb.history.session_page import chart_ids
from emoweb.history.summaries import summaries
from emoweb.history.timelines import Span, timeline
from emoweb.visitors import private


@private
@require_safe
def detail(request: HttpRequest, session_id: UUID) -> JsonResponse:
    """Return the page's chart data for `?start=&end=`, in intervals that suit the shorter range."""
    session = own_session(request, session_id)
    form = SpanForm(request.GET)
    if not form.is_valid():
        return error_response(400, "bad_parameter", form.errors.as_text())
    summary = summaries([session])[session.pk]
    span = _whole_steps(form.cleaned_data["start"], form.cleaned_data["end"], Span.of(summary))
    drawn, listed = chart_ids(summary)
    return JsonResponse(chart_data(session, span, timeline(session, span, drawn), listed))


def _whole_steps(start: int, end: int, whole: Span) -> Span:
    """Return the requested seconds, extended to complete intervals: a mean covers all of its interval."""
    asked = Span(min(start, whole.end - 1), min(end, whole.end))
    step = asked.step
    while (grown := _grown(asked, step)).step != step:
        step = grown.step
    return grown


def _grown(span: Span, step: int) -> Span:
    return Span(span.start - span.start % step, span.end + -span.end % step)
