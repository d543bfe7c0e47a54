"""Merging two faces of a session that belong to the same person, and undoing it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from emoweb.history.forms import MergeForm, PartForm
from emoweb.history.merging import (
    FaceNotShown,
    MergeRefused,
    NotMerged,
    SameFace,
    SessionRunning,
    merge_faces,
    part_faces,
)
from emoweb.history.ownership import own_session
from emoweb.recordings.models import Session
from emoweb.visitors import private


@private
@require_POST
def merge(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Merge one face into another."""
    session = own_session(request, session_id)
    form = MergeForm(request.POST)
    if not form.is_valid():
        return _refused(request, session, FaceNotShown())
    face, into = form.cleaned_data["face"], form.cleaned_data["into"]
    try:
        merge_faces(session, face, into)
    except MergeRefused as reason:
        return _refused(request, session, reason)
    text = _("Face %(face)d was merged into face %(into)d.") % {"face": face, "into": into}
    messages.success(request, text)
    return _back(session)


@private
@require_POST
def part(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Undo the merge of a face."""
    session = own_session(request, session_id)
    form = PartForm(request.POST)
    if not form.is_valid():
        return _refused(request, session, NotMerged())
    face = form.cleaned_data["face"]
    try:
        part_faces(session, face)
    except MergeRefused as reason:
        return _refused(request, session, reason)
    messages.success(request, _("Face %(face)d is a separate face again.") % {"face": face})
    return _back(session)


def _refused(request: HttpRequest, session: Session, reason: MergeRefused) -> HttpResponse:
    messages.error(request, _explanations()[type(reason)])
    return _back(session)


def _explanations() -> dict[type[MergeRefused], str]:
    return {
        SessionRunning: _("The session is still in progress. Faces can be merged after it ends."),
        FaceNotShown: _("One of these faces is no longer in the session. Select another one."),
        SameFace: _("Select two different faces."),
        NotMerged: _("That face is not merged into another one."),
    }


def _back(session: Session) -> HttpResponse:
    return redirect(f"{session.get_absolute_url()}#merging")
