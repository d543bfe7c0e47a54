"""The account page, and the deletion of an account."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from emoweb import owned_data
from emoweb.visitors import owner_of_request, private


@private
@require_safe
@login_required
def account(request: HttpRequest) -> HttpResponse:
    """Show the account's actions."""
    return render(request, "account/account.html")


@private
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@reauthentication_required
def delete(request: HttpRequest) -> HttpResponse:
    """Confirm, then delete the account and all its data; the password was checked recently."""
    owner = owner_of_request(request)
    if request.method != "POST":
        return render(request, "account/delete.html", {"kept": owned_data.described(owner)})
    user = request.user
    owned_data.delete(owner)
    logout(request)
    user.delete()
    messages.success(request, _("Your account and all your data were deleted."))
    return redirect("live")
