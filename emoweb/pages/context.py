"""The context about the site that every template receives."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from emoweb import features


def site(request: HttpRequest) -> dict[str, Any]:
    """Return the site's properties (consent, source, version, languages, features) and the signed-in user."""
    user = getattr(request, "user", None)
    return {
        "consent_version": settings.CONSENT_VERSION,
        # Without a URL of its own, the source is described in the section on licenses.
        "source_url": settings.SOURCE_URL or f"{reverse('pages:models')}#licences",
        "version": settings.VERSION,
        "languages": settings.LANGUAGES,
        "accounts": settings.ACCOUNTS,
        "features": features.enabled_features(),
        "navigation": features.navigation(request.path),
        "account": user if user is not None and user.is_authenticated else None,
    }
