"""The history pages: visitors view, export, and delete their own sessions only."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from emoweb.history.forms import TitleForm
from emoweb.history.ownership import own_session, own_sessions
from emoweb.history.session_page import session_page
from emoweb.history.summaries import SessionSummary, summaries
from emoweb.history.timelines import small_timelines
from emoweb.history.words import names_nothing
from emoweb.measurements.charts import stacked_columns
from emoweb.measurements.tallies import Share
from emoweb.recordings.deletion import delete_sessions
from emoweb.recordings.exports import csv_chunks, json_chunks
from emoweb.recordings.models import Session
from emoweb.visitors import private

SESSIONS_A_PAGE = 12
DOMINANT_SHOWN = 3


@private
@require_safe
def history(request: HttpRequest) -> HttpResponse:
    """List the visitor's sessions, the newest first."""
    page = Paginator(own_sessions(request), SESSIONS_A_PAGE).get_page(request.GET.get("page"))
    summary_of = summaries(page.object_list)
    small_timeline_of = small_timelines(page.object_list, summary_of)
    entries = [
        {
            "session": session,
            "summary": summary_of[session.pk],
            "dominant": _dominant(session, summary_of[session.pk]),
            "chart": stacked_columns(small_timeline_of[session.pk]),
        }
        for session in page.object_list
    ]
    return render(request, "history/list.html", {"page": page, "entries": entries})


def _dominant(session: Session, summary: SessionSummary) -> tuple[Share, ...]:
    return () if names_nothing(session, summary) else summary.shares[:DOMINANT_SHOWN]


@private
@require_safe
def session(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Show one session: each face's expressions over time, and their confidence."""
    return session_page(request, own_session(request, session_id))


@private
@require_POST
def rename(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Set a session's title, and show the session again."""
    session = own_session(request, session_id)
    form = TitleForm(request.POST)
    if not form.is_valid():
        return session_page(request, session, title_form=form, status=400)
    # Only the title: the recorder may be writing the other columns at the same time.
    session.title = form.cleaned_data["title"]
    session.save(update_fields=["title"])
    messages.success(request, _("Title saved."))
    return redirect(session)


@private
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Confirm, then delete one session with all its samples."""
    session = own_session(request, session_id)
    if request.method != "POST":
        return render(request, "history/delete.html", {"session": session})
    delete_sessions(own_sessions(request).filter(pk=session.pk))
    messages.success(request, _("Session deleted."))
    return redirect("history:list")


@private
@require_http_methods(["GET", "HEAD", "POST"])
def delete_everything(request: HttpRequest) -> HttpResponse:
    """Confirm, then delete all of the visitor's sessions."""
    sessions = own_sessions(request)
    if request.method != "POST":
        return render(request, "history/delete_everything.html", {"count": sessions.count()})
    count = delete_sessions(sessions)
    messages.success(
        request,
        ngettext("%(count)d session deleted.", "%(count)d sessions deleted.", count) % {"count": count},
    )
    return redirect("history:list")


@private
@require_safe
def export_csv(request: HttpRequest, session_id: UUID) -> StreamingHttpResponse:
    """Stream a session's samples as CSV."""
    session = own_session(request, session_id)
    return _download(session, csv_chunks(session), "csv", "text/csv; charset=utf-8")


@private
@require_safe
def export_json(request: HttpRequest, session_id: UUID) -> StreamingHttpResponse:
    """Stream a session and its samples as JSON."""
    session = own_session(request, session_id)
    return _download(session, json_chunks(session), "json", "application/json")


def _download(
    session: Session, chunks: AsyncIterator[str], kind: str, content_type: str
) -> StreamingHttpResponse:
    response = StreamingHttpResponse(chunks, content_type=content_type)
    name = f"expressions-{session.started:%Y-%m-%d}-{session.pk.hex[:8]}.{kind}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
