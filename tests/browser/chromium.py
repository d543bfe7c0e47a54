"""Starts Chromium the way the tests and the screenshots need it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Browser, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--use-fake-device-for-media-stream",
)
ALLOW_CAMERA = "--use-fake-ui-for-media-stream"


def chromium_path() -> str | None:
    """Return the Chromium that CHROMIUM names, else the first installed one."""
    return os.environ.get("CHROMIUM") or next((path for name in NAMES if (path := shutil.which(name))), None)


def camera_arguments(mjpeg: Path) -> tuple[str, ...]:
    """Return the arguments for a camera that shows `mjpeg`, allowed without asking."""
    return (ALLOW_CAMERA, f"--use-file-for-fake-video-capture={mjpeg}")


def launch(playwright: Playwright, path: str, arguments: Sequence[str]) -> Browser:
    """Start a headless Chromium; a later argument replaces an earlier one of the same name."""
    chosen = {argument.partition("=")[0]: argument for argument in (*ARGUMENTS, *arguments)}
    return playwright.chromium.launch(executable_path=path, args=list(chosen.values()))
