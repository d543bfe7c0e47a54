"""Whose films they are: a visitor reaches their own, for a day."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone

from emoweb.video.models import KEPT_FOR, Film
from emoweb.visitors import owner_of_request


def own_films(request: HttpRequest) -> QuerySet[Film]:
    """Return the visitor's films; one whose day is over is gone, even where no worker has deleted it yet."""
    return Film.objects.filter(owner=owner_of_request(request), created__gt=timezone.now() - KEPT_FOR)


def own_film(request: HttpRequest, film_id: UUID) -> Film:
    """Return the visitor's film; raise Http404 where they have none of that id."""
    return get_object_or_404(own_films(request), pk=film_id)
