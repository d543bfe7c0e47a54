"""Shows, downloads and deletes the data stored about an owner, whichever features are enabled."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from emoweb import owned_data
from emoweb.visitors import owner_of_request, private


@private
@require_http_methods(["GET", "HEAD", "POST"])
def data(request: HttpRequest) -> HttpResponse:
    """Show what is stored, and delete all of it if the form requests that."""
    owner = owner_of_request(request)
    if request.method != "POST":
        return render(request, "pages/data.html", {"kept": owned_data.described(owner)})
    owned_data.delete(owner)
    messages.success(request, _("All your data were deleted."))
    return redirect("pages:data")


@private
@require_safe
def export(request: HttpRequest) -> StreamingHttpResponse:
    """Stream everything that is kept as one JSON file."""
    chunks = owned_data.json_chunks(owner_of_request(request))
    response = StreamingHttpResponse(chunks, content_type="application/json")
    response["Content-Disposition"] = 'attachment; filename="emoweb-data.json"'
    return response
