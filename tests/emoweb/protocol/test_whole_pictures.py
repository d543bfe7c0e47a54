"""Hand signs, places and scenes over a real socket, from a real server with the served models."""

from __future__ import annotations

import json
import math
import urllib.request
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest

from tests.emoweb.protocol import pictures
from tests.emoweb.protocol.client import Client, fetch_json

pytestmark = pytest.mark.process
Visit = Callable[..., Client]
TASKS = ("places", "hand_signs", "scenes")


def models_of(welcome: dict[str, Any]) -> dict[str, str]:
    """Give the first offered model of each task."""
    first: dict[str, str] = {}
    for model in welcome["models"]:
        first.setdefault(model["task"], model["name"])
    return first


@pytest.mark.parametrize("task", TASKS)
def test_a_whole_picture_is_answered_without_faces(visit: Visit, faces: bytes, task: str) -> None:
    client = visit()
    name = models_of(client.hello())[task]
    client.say("settings", model=name)
    settings = client.receive()
    assert (settings["model"], settings["label_set"]) == (name, name)
    result = client.result(1, faces)
    assert set(result) == {
        *("type", "seq", "captured_ms", "width", "height", "faces", "timing", "picture"),
    }
    assert result["faces"] == []
    answer = result["picture"]
    assert set(answer) == {"label", "confidence", "uncertain", "probabilities"}
    assert answer["label"] in settings["labels"]
    assert len(answer["probabilities"]) == len(settings["labels"])
    assert sum(answer["probabilities"]) == pytest.approx(1, abs=1e-3)
    assert isinstance(answer["uncertain"], bool)
    assert all(math.isfinite(ms) and ms >= 0 for ms in result["timing"].values())
    # No detector ran; batches of nobody's faces take no time.
    assert result["timing"]["detect_ms"] < result["timing"]["classify_ms"]


def test_faces_come_again_after_signs(visit: Visit, faces: bytes) -> None:
    client = visit()
    welcome = client.hello(model=models_of(visit().hello())["hand_signs"])
    assert "picture" in client.result(1, faces)
    client.say("settings", model=welcome["models"][0]["name"])
    assert client.receive()["labels"] != welcome["labels"]
    result = client.result(100, faces)
    assert len(result["faces"]) == 2
    assert "picture" not in result


def test_the_area_outside_the_guide_square_changes_nothing(visit: Visit) -> None:
    client = visit()
    client.hello(model=models_of(visit().hello())["hand_signs"])
    frame = np.full((480, 640, 3), 127, np.uint8)
    cv2.circle(frame, (320, 240), 150, (60, 90, 200), -1)
    beside = frame.copy()
    # Whole blocks of the JPEG: nothing of them bleeds into the square.
    beside[:, :64] = beside[:, 576:] = (255, 0, 0)
    one = client.result(1, pictures.jpeg(frame, 90))["picture"]["probabilities"]
    other = client.result(50, pictures.jpeg(beside, 90))["picture"]["probabilities"]
    assert other == pytest.approx(one, abs=1e-3)


def test_a_session_of_signs_is_kept_as_face_0(visit: Visit, base: str, faces: bytes) -> None:
    client = visit()
    welcome = client.hello(model=models_of(visit().hello())["hand_signs"])
    client.result(1, faces)
    client.say("bye")
    goodbye = client.receive("bye")
    exported = fetch_json(base, f"{goodbye['history_url']}export.json", client.cookie)
    assert exported["session"]["label_set"] == exported["session"]["model"] == welcome["model"]
    assert exported["session"]["labels"] == welcome["labels"]
    assert {sample["face"] for sample in exported["samples"]} == {0}
    request = urllib.request.Request(base + goodbye["history_url"], headers={"Cookie": client.cookie})
    with urllib.request.urlopen(request, timeout=60) as response:
        assert b'<h2 id="face-0">Sign</h2>' in response.read()


def test_signs_held_up_in_the_square_are_named(visit: Visit, signs: dict[str, bytes]) -> None:
    client = visit()
    named = {}
    for number, (label, jpeg) in enumerate(sorted(signs.items())):
        # A session each: what was shown before must not smooth the answer.
        client = visit()
        client.hello(model="hand_digits")
        hand = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
        frame = np.full((480, 640, 3), 127, np.uint8)
        frame[:, 80:560] = cv2.resize(hand, (480, 480), interpolation=cv2.INTER_CUBIC)
        named[label] = client.result(1 + number, pictures.jpeg(frame, 85))["picture"]["label"]
        client.close()
    right = [label for label, answer in named.items() if label == answer]
    assert len(right) >= 9, json.dumps(named)
