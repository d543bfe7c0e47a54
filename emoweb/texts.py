"""The names of labels, label sets, tasks and detection ranges, in the visitor's language."""

from __future__ import annotations

from typing import TypeAlias

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from emoweb.places import places

Texts: TypeAlias = dict[str, str]


def label_names() -> Texts:
    """The name of each label, by its English identifier on the wire and in the database.

    Digits and letters are their own names.
    """
    language = get_language() or "en"
    return {
        "angry": _("Angry"),
        "disgust": _("Disgust"),
        "fear": _("Fear"),
        "happy": _("Happy"),
        "sad": _("Sad"),
        "surprise": _("Surprise"),
        "neutral": _("Neutral"),
        "contempt": _("Contempt"),
        "buildings": _("Buildings"),
        "forest": _("Forest"),
        "glacier": _("Glacier"),
        "mountain": _("Mountain"),
        "sea": _("Sea"),
        "street": _("Street"),
        "no_sign": _("No sign"),
        "unknown_place": _("Unknown place"),
        "unknown_scene": _("Unknown scene"),
        "men": _("a man"),
        "women": _("a woman"),
        **{place.label: place.name.in_language(language) for place in places()},
    }


def closest_match() -> str:
    """The names of results below the model's threshold, for models that classify complete frames."""
    return _("Closest match: {label}, {confidence} (at least {needed} needed)")


def label_set_names() -> Texts:
    """The names of the label sets in the picker."""
    return {
        "fer7": _("7 (FER2013)"),
        "fer5": _("5 (no disgust, fear)"),
        "ferplus8": _("8 (with contempt)"),
    }


def task_words(task: str) -> str:
    """Return the name of a task as a group of models in the picker."""
    return task_names().get(task, task)


def task_names() -> Texts:
    """The names of the tasks."""
    return {
        "emotion": _("Facial expressions"),
        "places": _("Places"),
        "hand_signs": _("Hand signs"),
        "scenes": _("Scenes"),
        "perceived_gender": _("Perceived gender"),
    }


def quality_names() -> Texts:
    """The names of the detector's settings, fastest first."""
    return {
        "fast": _("Near (fastest)"),
        "balanced": _("Medium"),
        "far": _("Far (slower)"),
    }
