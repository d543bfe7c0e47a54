"""The names of labels, label sets, tasks and detection ranges, in the visitor's language."""

from __future__ import annotations

from typing import TypeAlias

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from emoweb.places import places
from recognition import TASKS

Texts: TypeAlias = dict[str, str]


def label_names() -> Texts:
    """The name of each label, by its English identifier on the wire and in the database.

    Digits and letters are their own names.
    """
    language = get_language() or "en"
    return {
        **{label: _(name) for task in TASKS.values() for label, name in task.label_names.items()},
        **{place.label: place.name.in_language(language) for place in places()},
    }


def closest_match() -> str:
    """The names of results below the model's threshold, for models that classify complete frames."""
    return _("Closest match: {label}, {confidence} (at least {needed} needed)")


def label_set_names() -> Texts:
    """The names of the label sets in the picker."""
    return {
        name: _(label_set.title) for task in TASKS.values() for name, label_set in task.label_sets.items()
    }


def script_tasks() -> dict[str, dict[str, str | bool]]:
    """What the pages' scripts need of each task in the registry; `uncertain` replaces uncertain results."""
    return {
        name: {
            "name": name,
            "title": _(task.title),
            "frame_level": task.scope == "image",
            "label_sets": bool(task.label_sets),
            "subject": _(task.subject) if task.subject else "",
            "uncertain": _(task.label_names[task.unknown]) if task.unknown else _("Uncertain"),
            "guided": task.guided,
            "titled_results": task.titled_results,
        }
        for name, task in TASKS.items()
        if task.scope != "detector"
    }


def quality_names() -> Texts:
    """The names of the detector's settings, fastest first."""
    return {
        "fast": _("Near (fastest)"),
        "balanced": _("Medium"),
        "far": _("Far (slower)"),
    }
