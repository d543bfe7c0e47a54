"""The texts of the image page, in the visitor's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from emoweb.images.refusals import sentences
from emoweb.texts import Texts, closest_match, label_names, label_set_names, script_tasks
from recognition import Card


@dataclass(frozen=True, slots=True)
class Offer:
    """A model as the page's picker names it."""

    name: str
    words: str


def offers(cards: Sequence[Card]) -> list[Offer]:
    """Return the models in their order; where a task has several, each is named by its title too."""
    tasks = [card.task for card in cards]
    titles = {card.task: _(card.task_definition.title) for card in cards}
    return [
        Offer(
            card.name,
            f"{titles[card.task]}: {card.title}" if tasks.count(card.task) > 1 else titles[card.task],
        )
        for card in cards
    ]


def script_texts() -> dict[str, object]:
    """All texts that the page's scripts may show. `{name}` in a text is filled in by the script."""
    return {
        "labels": label_names(),
        "label_sets": label_set_names(),
        "tasks": script_tasks(),
        "notices": {},
        "phrases": {
            **_state_phrases(),
            **_answer_phrases(),
            **_note_phrases(),
            **_camera_phrases(),
            **_refusal_phrases(),
        },
        "plurals": {
            "faces": {"one": _("{count} face"), "other": _("{count} faces")},
            "done": {"one": _("{count} image analyzed"), "other": _("{count} images analyzed")},
            "failed": {"one": _("{count} image failed"), "other": _("{count} images failed")},
            "left": {"one": _("{count} image left"), "other": _("{count} images left")},
        },
    }


def _state_phrases() -> Texts:
    return {
        "waiting": _("Queued"),
        "sending": _("Uploading… {percent}"),
        "analysing": _("Analyzing…"),
        "remove": _("Remove {name}"),
        "snapshot_name": _("camera {number}.jpg"),
        "pasted_name": _("pasted {number}"),
    }


def _answer_phrases() -> Texts:
    return {
        "face": _("Face {id}"),
        "no_face": _("No face detected in this image."),
        "uncertain": _("Uncertain"),
        "sure": _("{label}, {confidence}"),
        "titled": _("{task}: {label}, {confidence}"),
        "titled_uncertain": _("{task}: uncertain"),
        "counted": _("{faces}: {list}"),
        "count": _("{label} {count}"),
        "uncertain_count": _("uncertain {count}"),
        "titled_counts": _("{task}: {list}"),
        "closest": closest_match(),
        "drawn": _("{name}: {summary}"),
        "coordinates": _("{latitude}° N, {longitude}° E"),
        "undrawable": _("This browser cannot display the image."),
    }


def _note_phrases() -> Texts:
    return {
        "note_first_frame": _("The file is an animation. Its first frame was analyzed."),
        "note_padded": _("The face was found in a smaller copy with a margin."),
        "note_turned_90": _("The face was found after turning the image a quarter to the right."),
        "note_turned_180": _("The face was found after turning the image upside down."),
        "note_turned_270": _("The face was found after turning the image a quarter to the left."),
    }


def _camera_phrases() -> Texts:
    return {
        "camera-denied": _(
            "Camera access is blocked for this site. Click the camera icon in the "
            "address bar, allow access, and try again."
        ),
        "camera-none": _("No camera found. Connect a camera and try again."),
        "camera-busy": _("Camera is in use. Close the other program or tab and try again."),
        "camera-lost": _("Camera disconnected."),
        "insecure": _("Camera access requires HTTPS. Open this site at https:// or at http://localhost."),
        "unsupported": _("This browser does not support camera access."),
    }


def _refusal_phrases() -> Texts:
    return {
        **{f"refused_{code}": sentence for code, sentence in sentences().items()},
        "refused_offline": _("Can't reach the server. Check your connection and try again."),
        "refused_page": _("This page is out of date. Reload it, then upload the image again."),
    }
