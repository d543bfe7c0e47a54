"""The API documentation page, and the page where keys are created and revoked."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from emoweb.api.examples import examples
from emoweb.api.forms import KeyForm
from emoweb.api.models import MOST_KEYS, Key
from emoweb.images.formats import names
from emoweb.visitors import owner_of_request, private


@require_safe
def documentation(request: HttpRequest) -> HttpResponse:
    """Show the API documentation, with examples for this site's address."""
    site = request.build_absolute_uri("/").rstrip("/")
    context = {"examples": examples(site), "formats": names(), "limit": settings.API_LIMIT}
    return render(request, "api/api.html", context)


@private
@require_http_methods(["GET", "HEAD", "POST"])
def keys(request: HttpRequest) -> HttpResponse:
    """List the visitor's keys and create one; this response is the only one that ever shows it."""
    owner = owner_of_request(request)
    if request.method != "POST":
        return _keys_page(request, owner, KeyForm())
    form = KeyForm(request.POST)
    if not form.is_valid():
        return _keys_page(request, owner, form, status=400)
    if Key.objects.filter(owner=owner).count() >= MOST_KEYS:
        form.add_error(None, _("You have reached the maximum number of API keys. Revoke one first."))
        return _keys_page(request, owner, form, status=400)
    _key, secret = Key.make(owner, form.cleaned_data["name"])
    return _keys_page(request, owner, KeyForm(), secret)


@private
@require_POST
def revoke(request: HttpRequest, key_id: int) -> HttpResponse:
    """Delete one of the visitor's keys; it stops working immediately."""
    key = get_object_or_404(Key, pk=key_id, owner=owner_of_request(request))
    key.delete()
    messages.success(request, _("API key revoked."))
    return redirect("keys")


def _keys_page(
    request: HttpRequest, owner: str, form: KeyForm, secret: str | None = None, status: int = 200
) -> HttpResponse:
    context = {"keys": Key.objects.filter(owner=owner), "form": form, "secret": secret}
    return render(request, "api/keys.html", context, status=status)
