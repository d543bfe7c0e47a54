"""The messages of `error`, in the visitor's language: one sentence that says what to do."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import override


def sentence_for(code: str, language: str, field: str | None = None) -> str:
    """Return the message for an error code; `field` is the name of the invalid field, if there is one."""
    with override(language):
        return _sentences()[code].format(field=field or "")


def _sentences() -> dict[str, str]:
    return {
        "bad_json": _("Each text message must be one JSON object of at most 16 KiB."),
        "unknown_type": _("Send a message of a type that the protocol defines."),
        "bad_field": _("Correct the field “{field}”: it is missing, has the wrong type, or is out of range."),
        "bad_header": _("Start each frame with the 24-byte header of emotion.v1."),
        "bad_version": _("Reload the page: this server uses another version of the protocol."),
        "bad_seq": _("Each frame number must be higher than the previous one."),
        "hello_required": _("Send a hello message first."),
        "consent_required": _("Reload the page and confirm your consent first."),
        "unknown_model": _("Choose one of the models available on this server."),
        "unknown_labels": _("Choose a label set that the model supports."),
        "too_large": _("Send frames of at most 512 KiB: reduce their size or quality."),
        "capacity": _("Server is at capacity; try again in ten seconds."),
        "starting": _("The server is still loading its models; try again in ten seconds."),
        "server_error": _("Server error; try again, and contact the site operator if the problem persists."),
    }
