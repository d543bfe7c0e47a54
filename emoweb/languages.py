"""The language of a visitor outside of Django's request cycle: always one that the site has."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language_from_request


def language_of(cookies: Mapping[str, str], accept_language: str) -> str:
    """Return a served language's code: the visitor's choice, else the browser's preference, else English."""
    request = HttpRequest()
    request.COOKIES = dict(cookies)
    request.META["HTTP_ACCEPT_LANGUAGE"] = accept_language
    language = get_language_from_request(request)
    return language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def language_for(locale: str | None, fallback: str) -> str:
    """Return the language for a locale such as "vi-VN"; `fallback` for an unsupported one."""
    language = (locale or "").replace("_", "-").split("-")[0].lower()
    return language if language in dict(settings.LANGUAGES) else fallback
