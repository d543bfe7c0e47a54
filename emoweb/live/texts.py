"""The live page's texts in the visitor's language."""

from __future__ import annotations

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from emoweb import features
from emoweb.texts import Texts, closest_match, label_names, label_set_names, script_tasks


def detection_times(detector_ms: dict[str, float]) -> str:
    """Return the detection time of each setting on this server; empty if it was not measured."""
    if not detector_ms:
        return ""
    decimals = {name: 0 if ms >= 10 else 1 for name, ms in detector_ms.items()}
    # number_format cuts digits off; it does not round.
    figures = {
        name: number_format(round(ms, decimals[name]), decimals[name]) for name, ms in detector_ms.items()
    }
    return _("Detection time: %(fast)s / %(balanced)s / %(far)s ms per frame") % figures


def script_texts() -> dict[str, object]:
    """All texts of the page's scripts. The scripts fill in `{name}`."""
    return {
        "labels": label_names(),
        "label_sets": label_set_names(),
        "tasks": script_tasks(),
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
            _("Camera access is blocked for this site"),
            _(
                "Click the camera icon in the address bar and allow access, or allow it in the site "
                "settings. Then press Start."
            ),
        ),
        "camera-none": _notice(
            _("No camera found"),
            _("Connect a camera or turn it on, then press Start."),
        ),
        "camera-busy": _notice(
            _("Camera is in use"),
            _("Another program or tab is using it. Close that program or tab, then press Start."),
        ),
        "camera-lost": _notice(
            _("Camera disconnected"),
            _("Reconnect it or choose another camera, then press Start."),
        ),
        "insecure": _notice(
            _("Camera access requires HTTPS"),
            _("Open this site at https:// or, on the same machine, at http://localhost."),
        ),
        "unsupported": _notice(
            _("This browser does not support camera access"),
            _("Use a current version of Chrome, Edge, Firefox, or Safari."),
        ),
    }


def _connection_notices() -> dict[str, Texts]:
    return {
        "cookies": _notice(
            _("The server refused the live connection"),
            _(
                "Cookies are probably blocked. Allow them for this site, reload the page, and start "
                "again. A proxy or extension that blocks WebSockets has the same effect."
            ),
        ),
        "starting": _notice(
            _("The server is starting"),
            _("The models are loading. Recognition starts automatically in a moment."),
        ),
        "capacity": _notice(
            _("Server is at capacity"),
            _("This page retries every 10 seconds. You can leave it open."),
        ),
        "reconnecting": _notice(
            _("Connection lost"),
            _("Reconnecting. Your session will resume if reconnected within a minute."),
        ),
        "unreachable": _notice(
            _("Can't reach the server"),
            _("Retrying. If this continues, check your network."),
        ),
        "unanswered": _notice(
            _("Recognition service unavailable"),
            _("The server keeps retrying. Results resume automatically."),
        ),
        "elsewhere": _notice(
            _("Session moved to another tab"),
            _("The session continues there. Press Start for a new session here."),
        ),
        "flood": _notice(
            _("The server closed the connection to protect itself"),
            _(
                "This page sent too much data or read results too slowly. Close other tabs that use a "
                "lot of memory, then press Start."
            ),
        ),
        "protocol": _notice(
            _("This page is out of date"),
            _("The site has been updated. Reload the page, then press Start."),
        ),
        "idle": _notice(
            _("Session ended due to inactivity"),
            _("Press Start for a new session."),
        ),
        "server-error": _notice(
            _("Server error"),
            _("Try again in a moment. If the problem persists, contact the site operator."),
        ),
    }


def _session_notices() -> dict[str, Texts]:
    return {
        "consent": _notice(
            _("Please confirm consent again"),
            _("The consent text may have changed. Reload the page, read it, then press Start."),
        ),
        "settings": _notice(
            _("Model or expression set not available"),
            _("The default is used instead."),
        ),
        "interrupted": _notice(
            _("Your live session was interrupted"),
            _("Press “Continue session” within a minute to turn the camera back on."),
        ),
        "hidden": _notice(
            _("Paused while this tab is hidden"),
            _("No video is sent until you return."),
        ),
        "paused": _notice(
            _("Paused"),
            _("No video is being sent. Press Resume to continue."),
        ),
        "stopped": _notice(
            _("Session ended. The camera is off."),
            _("Recorded results are in your history.")
            if features.is_enabled("history")
            else _("Recorded results are in “Your data”."),
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
                "Results arrive late because the server takes long to analyze each frame. Choose the "
                "near detection range in the settings, or try again later."
            ),
        ),
    }


def _phrases() -> Texts:
    return {
        "start": _("Start"),
        "start_again": _("Start again"),
        "continue": _("Continue session"),
        "pause": _("Pause"),
        "resume": _("Resume"),
        "face": _("Face {id}"),
        "uncertain": _("Uncertain"),
        "uncertain_help": _(
            "Results below {below} confidence are shown as “Uncertain”, also briefly while the result"
            " changes. Above that, at least {right} were correct in our tests."
        ),
        "no_face": _("No face detected"),
        "closest": closest_match(),
        "summary_picture": _("{name}: {label}, {confidence}"),
        "own_labels": _("Default"),
        "recommended": _("{title} (recommended)"),
        "summary": _("{faces}. {list}."),
        "summary_face": _("Face {id}: {label}, {confidence}"),
        "summary_uncertain": _("Face {id}: uncertain"),
        "fps": _("{fps} fps"),
        "latency": _("{ms} ms"),
        "state_idle": _("Ready"),
        "state_starting": _("Starting"),
        "state_live": _("Live"),
        "state_stalled": _("No results"),
        "state_paused": _("Paused"),
        "state_reconnecting": _("Reconnecting"),
        "state_stopped": _("Stopped"),
        "state_error": _("Error"),
        "camera_number": _("Camera {number}"),
        "seconds": _("{s} s"),
    }


def _plurals() -> dict[str, Texts]:
    return {
        "faces": {"one": _("{count} face"), "other": _("{count} faces")},
        "drops": {"one": _("{count} frame skipped"), "other": _("{count} frames skipped")},
    }
