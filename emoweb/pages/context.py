"""What every template knows about the site."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse


def site(request: HttpRequest) -> dict[str, Any]:
    """Return the consent's version, the source's address, the site's version and its languages."""
    return {
        "consent_version": settings.CONSENT_VERSION,
        # Without an address of its own the source is explained where the licences are.
        "source_url": settings.SOURCE_URL or f"{reverse('pages:models')}#licences",
        "version": settings.VERSION,
        "languages": settings.LANGUAGES,
    }
