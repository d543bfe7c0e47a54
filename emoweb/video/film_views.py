"""One film: its progress, its result, its files, and what its owner may do with it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from emoweb.history.ownership import private
from emoweb.video import exports, jobs, texts
from emoweb.video.models import Film
from emoweb.video.ownership import own_film
from emoweb.video.ranges import file_response
from emoweb.video.refusals import sentence
from emoweb.video.results import result_of


@private
@require_safe
def film(request: HttpRequest, film_id: UUID) -> HttpResponse:
    """The page of a film: progress while it is analysed, the result afterwards."""
    row = own_film(request, film_id)
    done = row.state == Film.State.DONE
    context = {
        "film": row,
        "status": status_fields(row),
        "result": result_of(row) if done else None,
        "why": sentence(row.code) if row.code else "",
        "texts": texts.script_texts(),
    }
    return render(request, "video/film.html", context)


@private
@require_safe
def status(request: HttpRequest, film_id: UUID) -> JsonResponse:
    """How far it is: `{state, state_name, progress, position_s, duration_s, time_left_s, code, message}`."""
    # A server without a worker beside it still hands a dead worker's film to the next one.
    jobs.take_up_orphans()
    return JsonResponse(status_fields(own_film(request, film_id)))


def status_fields(row: Film) -> dict[str, object]:
    """Return what the page's script reads."""
    progress = min(row.position_s / row.duration_s, 1.0) if row.duration_s else 0.0
    return {
        "state": row.state,
        "state_name": texts.state_names()[row.state],
        "progress": progress,
        "position_s": row.position_s,
        "duration_s": row.duration_s,
        "time_left_s": row.time_left_s,
        "code": row.code,
        "message": sentence(row.code) if row.code else "",
    }


def _moving(move: Callable[[Film], None]) -> Callable[[HttpRequest, UUID], HttpResponse]:
    """Return the view that does one thing to the visitor's film and shows its page again."""

    @require_POST
    def view(request: HttpRequest, film_id: UUID) -> HttpResponse:
        row = own_film(request, film_id)
        move(row)
        return redirect(row)

    return view


pause = _moving(jobs.pause)
resume = _moving(jobs.resume)
cancel = _moving(jobs.cancel)


@private
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: HttpRequest, film_id: UUID) -> HttpResponse:
    """Ask, and delete the video with its results at once."""
    row = own_film(request, film_id)
    if request.method != "POST":
        return render(request, "video/delete.html", {"film": row})
    jobs.delete(row)
    messages.success(request, _("Video and results deleted."))
    return redirect("video:films")


@private
@require_safe
def annotated(request: HttpRequest, film_id: UUID) -> HttpResponseBase:
    """The film with boxes; a player asks for the parts that it needs."""
    row = _done(request, film_id)
    try:
        response = file_response(request, row.annotated, "video/webm")
    except FileNotFoundError as error:
        raise Http404 from error
    if "download" in request.GET:
        response.headers["Content-Disposition"] = f'attachment; filename="film-{row.pk}.webm"'
    return response


@private
@require_safe
def export_csv(request: HttpRequest, film_id: UUID) -> HttpResponse:
    """The samples as CSV."""
    return _attachment(exports.csv_text(_done(request, film_id)), "text/csv; charset=utf-8", film_id, "csv")


@private
@require_safe
def export_json(request: HttpRequest, film_id: UUID) -> HttpResponse:
    """The film's facts and samples as JSON."""
    return _attachment(exports.json_text(_done(request, film_id)), "application/json", film_id, "json")


def _done(request: HttpRequest, film_id: UUID) -> Film:
    row = own_film(request, film_id)
    if row.state != Film.State.DONE:
        raise Http404
    return row


def _attachment(text: str, content_type: str, film_id: UUID, suffix: str) -> HttpResponse:
    disposition = f'attachment; filename="film-{film_id}.{suffix}"'
    return HttpResponse(text, content_type=content_type, headers={"Content-Disposition": disposition})
