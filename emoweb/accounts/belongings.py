"""What an account owns: sessions, keys and videos. They come from a visitor, and go with the account."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest

from emoweb.api.models import Key
from emoweb.history.models import Session
from emoweb.history.ownership import delete_sessions
from emoweb.video import jobs
from emoweb.video.models import Video
from emoweb.visitors import account_owner, visitor_of_request


def take_along(sender: object, request: HttpRequest, user: Any, **_: object) -> None:
    """Give what this browser's visitor owns to the account that is signed in to."""
    visitor, account = visitor_of_request(request), account_owner(user)
    if visitor is None or account is None:
        return
    with transaction.atomic():
        for model in (Session, Key, Video):
            model.objects.filter(owner=visitor).update(owner=account)


def delete_belongings(owner: str) -> None:
    """Delete all that an owner has; sessions that are running end."""
    delete_sessions(Session.objects.filter(owner=owner))
    Key.objects.filter(owner=owner).delete()
    for video in Video.objects.filter(owner=owner):
        jobs.delete(video)
