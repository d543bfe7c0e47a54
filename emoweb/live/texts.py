"""The words the live page speaks, in the visitor's language. Label names for every other page too."""

from __future__ import annotations

from typing import TypeAlias

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from emoweb import features

Texts: TypeAlias = dict[str, str]


def label_names() -> Texts:
    """The name of each label, by the English word that stands on the wire and in the database.

    Digits and letters stand for themselves; places have a file of their own.
    """
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
        "unknown_place": _("Not one of the places I know"),
        "unknown_scene": _("Not one of the scenes I know"),
    }


def closest_match() -> str:
    """How an answer below its model's threshold is named, where the model looks at whole pictures."""
    return _("Closest match: {label}, {confidence} (at least {needed} needed)")


def label_set_names() -> Texts:
    """What the label sets are called in a picker."""
    return {
        "fer7": _("Seven expressions"),
        "fer5": _("Five, without disgust and fear"),
        "ferplus8": _("Eight, with contempt"),
    }


def task_words(task: str) -> str:
    """What a model of this task recognises, as a choice."""
    return _task_names().get(task, task)


def _task_names() -> Texts:
    return {
        "emotion": _("Expressions of faces"),
        "places": _("Places"),
        "hand_signs": _("Hand signs"),
        "scenes": _("Scenes"),
        "perceived_gender": _("Gender, as a stranger would guess"),
    }


def quality_names() -> Texts:
    """The detector's settings in plain words, quickest first."""
    return {
        "fast": _("Fast: faces close to the camera"),
        "balanced": _("Balanced: faces across a desk"),
        "far": _("Far: small faces across a room"),
    }


def quality_costs(detector_ms: dict[str, float]) -> str:
    """Return what each quality takes on this server as a sentence; empty where nobody measured it."""
    if not detector_ms:
        return ""
    decimals = {name: 0 if ms >= 10 else 1 for name, ms in detector_ms.items()}
    # number_format cuts digits off; it does not round.
    figures = {
        name: number_format(round(ms, decimals[name]), decimals[name]) for name, ms in detector_ms.items()
    }
    return _("Finding faces takes %(fast)s, %(balanced)s or %(far)s ms a picture on this server.") % figures


def script_texts() -> dict[str, object]:
    """Everything the page's scripts may have to say. `{name}` in a text is filled in by the script."""
    return {
        "labels": label_names(),
        "label_sets": label_set_names(),
        "tasks": _task_names(),
        "notices": {
            **_camera_notices(),
            **_connection_notices(),
            **_session_notices(),
            **_slowness_notices(),
        },
        "phrases": _phrases(),
        "plurals": _plurals(),
    }


def _notice(title: str, text: str) -> Texts:
    return {"title": title, "text": text}


def _camera_notices() -> dict[str, Texts]:
    return {
        "camera-denied": _notice(
            _("The camera is blocked for this site"),
            _("Allow it by the camera sign in the address bar or in the site settings, then press Start."),
        ),
        "camera-none": _notice(
            _("No camera was found"),
            _("Connect a camera, or switch it on, then press Start."),
        ),
        "camera-busy": _notice(
            _("The camera is in use"),
            _("Another program or tab holds it. Close that one, then press Start."),
        ),
        "camera-lost": _notice(
            _("The camera was disconnected"),
            _("Connect it again or choose another one, then press Start."),
        ),
        "insecure": _notice(
            _("The browser gives the camera only to secure addresses"),
            _("Open this site by https:// or, on the same machine, by http://localhost."),
        ),
        "unsupported": _notice(
            _("This browser cannot open a camera"),
            _("Use a current Chrome, Edge, Firefox or Safari."),
        ),
    }


def _connection_notices() -> dict[str, Texts]:
    return {
        "cookies": _notice(
            _("The server refused the live connection"),
            _(
                "Cookies are probably blocked. Allow them for this site, reload the page and start again."
                " A proxy or an extension that stops WebSockets has the same effect."
            ),
        ),
        "starting": _notice(
            _("The server is starting"),
            _("It loads its models; the live view begins by itself in a moment."),
        ),
        "capacity": _notice(
            _("All places are taken"),
            _("The server is full. This page tries again every 10 seconds; you can leave it open."),
        ),
        "reconnecting": _notice(
            _("The connection was lost"),
            _("Reconnecting. Your session goes on if that takes less than a minute."),
        ),
        "unreachable": _notice(
            _("The server does not answer"),
            _("Trying again. Check your network if this lasts."),
        ),
        "unanswered": _notice(
            _("The recogniser does not answer"),
            _("The server tries again all the time; the answers come back by themselves."),
        ),
        "elsewhere": _notice(
            _("The session goes on in another tab"),
            _("It was continued from another page. Press Start for a new session here."),
        ),
        "flood": _notice(
            _("The server closed the connection to protect itself"),
            _("This page sent too much or read too slowly. Close other heavy tabs, then press Start."),
        ),
        "protocol": _notice(
            _("This page and the server do not understand each other"),
            _("The site has probably been updated. Reload the page, then press Start."),
        ),
        "idle": _notice(
            _("The session ended because nothing happened for a while"),
            _("Press Start to go on with a new one."),
        ),
        "server-error": _notice(
            _("The server could not go on"),
            _("Try again in a moment. If that does not help, tell the person who runs this site."),
        ),
    }


def _session_notices() -> dict[str, Texts]:
    return {
        "consent": _notice(
            _("Your agreement is needed again"),
            _("What this site does may have changed. Reload the page, read it, then press Start."),
        ),
        "settings": _notice(
            _("That choice is not available here"),
            _("The site's own model is used instead."),
        ),
        "interrupted": _notice(
            _("Your live session was interrupted"),
            _("Press “Continue the session” within a minute: the camera starts again."),
        ),
        "hidden": _notice(
            _("Paused while this tab was hidden"),
            _("Nothing is sent until you come back."),
        ),
        "paused": _notice(
            _("Paused"),
            _("Nothing leaves the camera. Press Resume to go on."),
        ),
        "stopped": _notice(
            _("The session has ended and the camera is off"),
            _("What was recorded is in your history.")
            if features.is_enabled("history")
            else _("“Your data” shows what was recorded."),
        ),
    }


def _slowness_notices() -> dict[str, Texts]:
    return {
        "slow-connection": _notice(
            _("The connection is slow"),
            _(
                "Results arrive late because frames take long to reach the server. Move closer to the Wi-Fi"
                " router, use a wired connection, or stop other downloads and uploads."
            ),
        ),
        "slow-server": _notice(
            _("The server is slow"),
            _(
                "Results arrive late because the server takes long to analyze each frame. Choose the fast"
                " quality in the settings, or try again later."
            ),
        ),
    }


def _phrases() -> Texts:
    return {
        "start": _("Start"),
        "start_again": _("Start again"),
        "continue": _("Continue the session"),
        "pause": _("Pause"),
        "resume": _("Resume"),
        "face": _("Face {id}"),
        "uncertain": _("Uncertain"),
        "uncertain_help": _(
            "“Uncertain” stands where the model is less than {below} sure, and for a moment while its answer "
            "changes. Surer answers were right at least {right} of the time on the pictures it was measured "
            "on."
        ),
        "no_face": _("No face in the picture"),
        "sign": _("Sign"),
        "no_sign": _("No sign"),
        "place": _("Place"),
        "unknown_place": _("Not one of the places I know"),
        "scene": _("Scene"),
        "unknown_scene": _("Not one of the scenes I know"),
        "closest": closest_match(),
        "summary_picture": _("{name}: {label}, {confidence}"),
        "own_labels": _("The model's own"),
        "summary": _("{faces}. {list}."),
        "summary_face": _("Face {id}: {label}, {confidence}"),
        "summary_uncertain": _("Face {id}: uncertain"),
        "fps": _("{fps} fps"),
        "latency": _("{ms} ms"),
        "state_idle": _("Not running"),
        "state_starting": _("Starting"),
        "state_live": _("Live"),
        "state_stalled": _("No results"),
        "state_paused": _("Paused"),
        "state_reconnecting": _("Reconnecting"),
        "state_stopped": _("Stopped"),
        "state_error": _("Stopped"),
        "camera_number": _("Camera {number}"),
        "seconds": _("{s} s"),
    }


def _plurals() -> dict[str, Texts]:
    return {
        "faces": {"one": _("{count} face"), "other": _("{count} faces")},
        "drops": {"one": _("{count} frame skipped"), "other": _("{count} frames skipped")},
    }
