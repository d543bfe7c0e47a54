"""The words of the films' pages, in the visitor's language."""

from __future__ import annotations

from django.utils.translation import gettext as _

from emoweb.live.texts import Texts
from emoweb.video.refusals import STATUS, sentence


def state_names() -> Texts:
    """How each state is called."""
    return {
        "uploading": _("Not sent completely"),
        "waiting": _("Waiting for its turn"),
        "running": _("Being analysed"),
        "paused": _("Paused"),
        "cancelled": _("Cancelled"),
        "done": _("Done"),
        "failed": _("Not analysed"),
    }


def quality_names() -> Texts:
    """The detector's settings as choices."""
    return {
        "fast": _("Fast: large faces"),
        "balanced": _("Balanced"),
        "far": _("Far: small faces too"),
    }


def script_texts() -> dict[str, object]:
    """Everything the pages' scripts may have to say. `{name}` in a text is filled in by the script."""
    return {
        "labels": {},
        "label_sets": {},
        "notices": {},
        "phrases": {
            "send": _("Send and analyse"),
            "continue": _("Continue"),
            "sending": _("Sending, {percent}"),
            "retrying": _("Connection lost. Trying again…"),
            "interrupted": _("The upload was interrupted. Press Continue, or choose the same file later."),
            "checking": _("Looking at the film"),
            "analysed": _("{percent} analysed"),
            "left": _("about {time} left"),
            **{f"refused_{code}": sentence(code) for code in STATUS},
            "refused_offline": _("The server does not answer: check the connection, then try again."),
            "refused_page": _("This page is too old: load it again, then give the film again."),
        },
        "plurals": {},
    }
