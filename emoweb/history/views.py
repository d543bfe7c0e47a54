"""The history's pages: a visitor sees, exports and deletes their own sessions, and nobody else's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from emoweb.history.charts import ribbon, stacked_columns
from emoweb.history.exports import csv_chunks, json_chunks
from emoweb.history.forms import TitleForm
from emoweb.history.label_views import positions_of, shown_labels
from emoweb.history.models import Session
from emoweb.history.summaries import FaceSummary, SessionSummary, summaries
from emoweb.history.timelines import Timeline, curves, small_timelines, stretches, timeline
from emoweb.visitors import owner_of_request

SESSIONS_A_PAGE = 12
DOMINANT_SHOWN = 3
FACES_DRAWN = 8
DRAWN_FROM = 0.02  # of the time of the face that was seen longest
BRIEF_FACES_LISTED = 40

# Other people may use this browser after the visitor: nothing of theirs stays in its cache.
private = cache_control(no_store=True, private=True)


@private
@require_safe
def history(request: HttpRequest) -> HttpResponse:
    """List the visitor's sessions, the newest first."""
    page = Paginator(_own_sessions(request), SESSIONS_A_PAGE).get_page(request.GET.get("page"))
    summary_of = summaries(page.object_list)
    small_timeline_of = small_timelines(page.object_list, summary_of)
    entries = [
        {
            "session": session,
            "summary": summary_of[session.pk],
            "dominant": summary_of[session.pk].shares[:DOMINANT_SHOWN],
            "chart": stacked_columns(small_timeline_of[session.pk]),
        }
        for session in page.object_list
    ]
    return render(request, "history/list.html", {"page": page, "entries": entries})


@private
@require_safe
def session(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Show one session: when each face showed what, and how sure that is."""
    return _session_page(request, _own_session(request, session_id))


@private
@require_POST
def rename(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Give a session a title, and show it again."""
    session = _own_session(request, session_id)
    form = TitleForm(request.POST)
    if not form.is_valid():
        return _session_page(request, session, form, status=400)
    # Only the title: the recorder may be writing the rest of the row at this moment.
    session.title = form.cleaned_data["title"]
    session.save(update_fields=["title"])
    messages.success(request, _("The title was saved."))
    return redirect(session)


@private
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Ask, and delete one session with all its samples."""
    session = _own_session(request, session_id)
    if request.method != "POST":
        return render(request, "history/delete.html", {"session": session})
    session.delete()
    messages.success(request, _("The session was deleted."))
    return redirect("history:list")


@private
@require_http_methods(["GET", "HEAD", "POST"])
def delete_everything(request: HttpRequest) -> HttpResponse:
    """Ask, and delete all of the visitor's sessions."""
    sessions = _own_sessions(request)
    if request.method != "POST":
        return render(request, "history/delete_everything.html", {"count": sessions.count()})
    _rows, deleted = sessions.delete()
    count = deleted.get(Session._meta.label, 0)
    messages.success(
        request,
        ngettext("%(count)d session was deleted.", "%(count)d sessions were deleted.", count)
        % {"count": count},
    )
    return redirect("history:list")


@private
@require_safe
def export_csv(request: HttpRequest, session_id: UUID) -> StreamingHttpResponse:
    """Stream a session's samples as CSV."""
    session = _own_session(request, session_id)
    return _download(session, csv_chunks(session), "csv", "text/csv; charset=utf-8")


@private
@require_safe
def export_json(request: HttpRequest, session_id: UUID) -> StreamingHttpResponse:
    """Stream a session and its samples as JSON."""
    session = _own_session(request, session_id)
    return _download(session, json_chunks(session), "json", "application/json")


def _own_sessions(request: HttpRequest) -> QuerySet[Session]:
    return Session.objects.filter(owner=owner_of_request(request))


def _own_session(request: HttpRequest, session_id: UUID) -> Session:
    # 404 and not 403: another visitor does not even learn that the session exists.
    return get_object_or_404(_own_sessions(request), pk=session_id)


def _session_page(
    request: HttpRequest, session: Session, form: TitleForm | None = None, status: int = 200
) -> HttpResponse:
    summary = summaries([session])[session.pk]
    drawn, brief = _drawn_and_brief(summary)
    line = timeline(session, summary, [face.face for face in drawn])
    context = {
        "session": session,
        "summary": summary,
        "form": form or TitleForm.of(session),
        "faces": [
            {"summary": face, "ribbon": ribbon(line, face.face), "stretches": stretches(line, face.face)}
            for face in drawn
        ],
        "brief_faces": brief[:BRIEF_FACES_LISTED],
        "left_out": len(brief[BRIEF_FACES_LISTED:]),
        "end": line.end,
        "half": line.end // 2,
        "chart_data": _chart_data(session, line),
    }
    return render(request, "history/session.html", context, status=status)


def _drawn_and_brief(summary: SessionSummary) -> tuple[list[FaceSummary], list[FaceSummary]]:
    """Part the faces into those with a timeline of their own and those seen too briefly for one."""
    drawn = [
        face for face in summary.faces[:FACES_DRAWN] if face.seconds >= DRAWN_FROM * summary.faces[0].seconds
    ]
    brief = list(summary.faces[len(drawn) :])
    return sorted(drawn, key=lambda face: face.face), brief


def _chart_data(session: Session, line: Timeline) -> dict[str, Any]:
    """Return what the page's script draws, as it goes through JSON."""
    labels = shown_labels(session)
    curve_of = curves(session, positions_of(labels, session), line.step, line.faces)
    return {
        "step": line.step,
        "end": line.end,
        "labels": labels,
        "faces": {str(face): {"start": curve.start, "rows": curve.rows} for face, curve in curve_of.items()},
    }


def _download(
    session: Session, chunks: AsyncIterator[str], kind: str, content_type: str
) -> StreamingHttpResponse:
    response = StreamingHttpResponse(chunks, content_type=content_type)
    name = f"expressions-{session.started:%Y-%m-%d}-{session.pk.hex[:8]}.{kind}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
