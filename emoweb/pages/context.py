"""What every template knows about the site."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """Return the consent's version, the source's address, the site's version and its languages."""
    return {
        "consent_version": settings.CONSENT_VERSION,
        "source_url": settings.SOURCE_URL,
        "version": settings.VERSION,
        "languages": settings.LANGUAGES,
    }
