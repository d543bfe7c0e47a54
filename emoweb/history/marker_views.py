"""Markers of a session: added, changed and removed by its owner."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from emoweb.history.forms import MarkerForm
from emoweb.history.ownership import own_session
from emoweb.history.session_page import last_second, session_page
from emoweb.history.summaries import summaries
from emoweb.recordings.models import Marker, Session
from emoweb.visitors import private

MOST_MARKERS = 200


@private
@require_POST
def add(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Add a marker with a note at a time."""
    session = own_session(request, session_id)
    form = _form(request, session)
    if session.markers.count() >= MOST_MARKERS:
        form.add_error(None, _most_markers_text())
    if not form.is_valid():
        return session_page(request, session, marker_form=form, status=400)
    session.markers.create(second=form.cleaned_data["time"], note=form.cleaned_data["note"])
    messages.success(request, _("Marker added."))
    return _back(session)


@private
@require_POST
def edit(request: HttpRequest, session_id: UUID, marker_id: int) -> HttpResponse:
    """Change a marker's time and note."""
    session = own_session(request, session_id)
    marker = get_object_or_404(session.markers, pk=marker_id)
    form = _form(request, session)
    if not form.is_valid():
        return session_page(request, session, marker_form=form, edited=marker, status=400)
    marker.second, marker.note = form.cleaned_data["time"], form.cleaned_data["note"]
    # Updated, not re-created: another tab may have deleted it meanwhile.
    Marker.objects.filter(pk=marker.pk).update(second=marker.second, note=marker.note)
    messages.success(request, _("Marker updated."))
    return _back(session)


@private
@require_POST
def remove(request: HttpRequest, session_id: UUID, marker_id: int) -> HttpResponse:
    """Remove a marker."""
    session = own_session(request, session_id)
    get_object_or_404(session.markers, pk=marker_id).delete()
    messages.success(request, _("Marker deleted."))
    return _back(session)


def _form(request: HttpRequest, session: Session) -> MarkerForm:
    summary = summaries([session])[session.pk]
    return MarkerForm(request.POST, last=last_second(session, summary))


def _most_markers_text() -> str:
    return ngettext(
        "A session can have at most %(count)d marker. Delete one first.",
        "A session can have at most %(count)d markers. Delete one first.",
        MOST_MARKERS,
    ) % {"count": MOST_MARKERS}


def _back(session: Session) -> HttpResponse:
    return redirect(f"{session.get_absolute_url()}#markers")
