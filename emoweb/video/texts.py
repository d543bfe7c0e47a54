"""The texts of the video pages, in the visitor's language."""

from __future__ import annotations

from django.utils.translation import gettext as _

from emoweb.texts import Texts
from emoweb.video.refusals import STATUS, sentence


def state_names() -> Texts:
    """The name of each state."""
    return {
        "uploading": _("Upload incomplete"),
        "waiting": _("Queued"),
        "running": _("Analyzing…"),
        "paused": _("Paused"),
        "cancelled": _("Cancelled"),
        "done": _("Done"),
        "failed": _("Failed"),
    }


def script_texts() -> dict[str, object]:
    """Every text of the pages' scripts. `{name}` in a text is filled in by the script."""
    return {
        "labels": {},
        "label_sets": {},
        "notices": {},
        "phrases": {
            "send": _("Upload and analyze"),
            "continue": _("Continue"),
            "sending": _("Uploading… {percent}"),
            "retrying": _("Connection lost. Trying again…"),
            "interrupted": _("The upload was interrupted. Press Continue, or choose the same file later."),
            "checking": _("Checking the file…"),
            "analysed": _("{percent} analyzed"),
            "left": _("about {time} left"),
            **{f"refused_{code}": sentence(code) for code in STATUS},
            "refused_offline": _("Can't reach the server. Check your connection and try again."),
            "refused_page": _("This page is out of date. Reload it, then upload the video again."),
        },
        "plurals": {},
    }
