"""What an `error` says to the visitor, in the visitor's language: one sentence on what to do."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import override

LANGUAGES = ("en", "vi")


def language_for(locale: str | None, fallback: str) -> str:
    """Return the language spoken for a locale such as "vi-VN"; `fallback` when it is none of ours."""
    language = (locale or "").replace("_", "-").split("-")[0].lower()
    return language if language in LANGUAGES else fallback


def sentence_for(code: str, language: str, field: str | None = None) -> str:
    """Return the sentence for an error code; `field` is the name of the field to blame, if there is one."""
    with override(language):
        return _sentences()[code].format(field=field or "")


def _sentences() -> dict[str, str]:
    return {
        "bad_json": _("Send one JSON object of at most 16 KiB in each text message."),
        "unknown_type": _("Send a message whose type is one that the protocol names."),
        "bad_field": _("Correct the field “{field}”: it is missing, of the wrong kind or out of range."),
        "bad_header": _("Put the 24-byte frame header of emotion.v1 before each picture."),
        "bad_version": _("Reload the page to get the version of the protocol that this server speaks."),
        "bad_seq": _("Number each frame higher than the one before."),
        "hello_required": _("Begin with a hello message."),
        "consent_required": _("Reload the page, read what is processed, and agree to it first."),
        "unknown_model": _("Choose one of the models that this server offers."),
        "unknown_labels": _("Choose a label set that the model can answer."),
        "too_large": _("Send pictures of at most 512 KiB: lower their size or quality."),
        "capacity": _("All places are taken; try again in ten seconds."),
        "starting": _("The server is still loading its models; try again in ten seconds."),
        "server_error": _("Something failed in the server; try again, and tell its operator if it goes on."),
    }
