"""Every message of emotion.v1, over a real socket from a real server."""

from __future__ import annotations

import json
import math
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from tests.emoweb.protocol import pictures
from tests.emoweb.protocol.client import Client, fetch_json, refusal_of, visitor_cookie

pytestmark = pytest.mark.process
Visit = Callable[..., Client]


@pytest.fixture
def client(visit: Visit) -> Client:
    """A welcomed visitor."""
    visitor = visit()
    assert visitor.hello()["type"] == "welcome"
    return visitor


def test_welcome_is_complete(visit: Visit, base: str) -> None:
    health = fetch_json(base, "/health")
    welcome = visit().hello()
    assert set(welcome) == {
        *("type", "version", "session", "resume", "resumed", "credit", "consent", "device", "model"),
        *("label_set", "labels", "models", "quality", "limits"),
    }
    uuid.UUID(welcome["session"])
    assert (welcome["version"], welcome["resumed"], welcome["credit"]) == (1, False, 2)
    assert (welcome["consent"], welcome["device"]) == (health["consent"], health["device"])
    assert welcome["limits"] == {"max_frame_bytes": 524_288, "max_side": 1920, "max_fps": 30, "idle_s": 60}
    assert [model["name"] for model in welcome["models"]] == health["models"]
    for model in welcome["models"]:
        assert set(model) == {"name", "title", "task", "label_sets"}
    assert welcome["model"] == welcome["models"][0]["name"]
    assert welcome["label_set"] == welcome["models"][0]["label_sets"][0]
    assert welcome["quality"] == "balanced"


def test_health_is_complete(base: str) -> None:
    assert set(fetch_json(base, "/health")) == {
        *("status", "version", "consent", "device", "models", "viewers", "capacity", "fps", "queue", "drops"),
        "recorder",
    }


def test_two_faces_come_back_as_a_result(client: Client, faces: bytes) -> None:
    client.show(41, faces)
    result = client.receive()
    assert set(result) == {"type", "seq", "captured_ms", "width", "height", "faces", "timing"}
    assert (result["type"], result["seq"]) == ("result", 41)
    assert (result["width"], result["height"]) == (640, 480)
    assert len(result["faces"]) == 2
    for face in result["faces"]:
        assert set(face) == {"id", "box", "score", "label", "confidence", "uncertain", "probabilities"}
        assert face["id"] >= 1
        x, y, w, h = face["box"]
        assert min(x, y, w, h) >= 0
        assert max(x + w, y + h) <= 1.00001
        assert sum(face["probabilities"]) == pytest.approx(1, abs=1e-3)
        assert 0 < face["score"] <= 1
        assert 0 < face["confidence"] <= 1
    assert set(result["timing"]) == {"queue_ms", "decode_ms", "detect_ms", "classify_ms", "total_ms"}
    assert all(math.isfinite(ms) and ms >= 0 for ms in result["timing"].values())


def test_ids_stay_with_their_people(client: Client, faces: bytes) -> None:
    seq, ids = 0, []
    for _ in range(10):
        result = client.result(seq + 1, faces)
        seq = result["seq"]
        ids.append({face["id"] for face in result["faces"]})
    assert ids == [ids[0]] * 10


def test_a_picture_without_a_face_gives_an_empty_result(client: Client) -> None:
    assert client.result(1, pictures.nobody())["faces"] == []


def test_captured_ms_is_echoed_exactly(client: Client, faces: bytes) -> None:
    import struct

    head = struct.pack(">2sBBIdHHI", b"EF", 1, 0, 1, -12345.0625, 640, 480, 0)
    client.send(head + faces)
    assert client.receive()["captured_ms"] == -12345.0625


def test_pause_and_unpause(client: Client, faces: bytes) -> None:
    client.say("pause")
    assert client.receive() == {"type": "paused"}
    assert client.ask(1, faces) == {"type": "drop", "seq": 1, "reason": "paused"}
    client.say("unpause")
    assert client.receive() == {"type": "unpaused"}
    assert client.result(2, faces)["faces"]


def test_ping_is_answered(client: Client) -> None:
    client.say("ping", t=3.5)
    pong = client.receive()
    assert set(pong) == {"type", "t", "server_ms"}
    assert pong["t"] == 3.5


def test_stats_come_by_themselves(client: Client, faces: bytes) -> None:
    answered = client.result(1, faces)["seq"]
    stats = client.receive("stats")
    assert set(stats) == {"type", "fps", "latency_ms", "frames", "drops", "viewers", "device"}
    assert set(stats["latency_ms"]) == {"p50", "p95"}
    assert stats["frames"] + sum(stats["drops"].values()) == answered
    assert stats["viewers"] >= 1


def test_another_label_set_continues_the_session(visit: Visit, faces: bytes) -> None:
    client = visit()
    welcome = client.hello(label_set="fer7")
    before = client.result(1, faces)
    client.say("settings", label_set="fer5", quality="far")
    settings = client.receive()
    assert set(settings) == {"type", "session", "resume", "model", "label_set", "labels", "quality"}
    assert (settings["session"], settings["label_set"]) == (welcome["session"], "fer5")
    assert settings["labels"] == ["angry", "happy", "sad", "surprise", "neutral"]
    assert settings["quality"] == "far"
    after = client.result(before["seq"] + 1, faces)
    assert {len(face["probabilities"]) for face in before["faces"]} == {7}
    assert {len(face["probabilities"]) for face in after["faces"]} == {5}
    assert {face["id"] for face in after["faces"]} == {face["id"] for face in before["faces"]}


def test_another_model_opens_a_new_session(visit: Visit, faces: bytes, base: str) -> None:
    names = fetch_json(base, "/health")["models"]
    if len(names) < 2:
        pytest.skip("this server has one model only")
    client = visit()
    welcome = client.hello(model=names[0])
    client.say("settings", model=names[1])
    settings = client.receive("settings")
    assert settings["model"] == names[1]
    assert settings["session"] != welcome["session"]
    assert client.result(1, faces)["faces"]


@pytest.mark.parametrize("quality", ["fast", "balanced", "far"])
def test_every_quality_finds_the_faces(visit: Visit, faces: bytes, quality: str) -> None:
    client = visit()
    assert client.hello(quality=quality)["quality"] == quality
    assert client.result(1, faces)["faces"]


def test_bye_ends_the_session_and_names_its_history(client: Client, faces: bytes, base: str) -> None:
    client.ask(1, faces)
    goodbye = client.bye()
    assert set(goodbye) == {"type", "session", "history_url", "reason"}
    assert goodbye["history_url"] == f"/history/{goodbye['session']}/"
    exported = fetch_json(base, f"{goodbye['history_url']}export.json", client.cookie)
    assert exported["session"]["ended"] is not None


def test_samples_have_the_right_averages(visit: Visit, faces: bytes, base: str) -> None:
    client = visit()
    labels = client.hello(label_set="fer7")["labels"]
    results = [client.ask(seq, faces) for seq in range(1, 41)]
    results = [result for result in results if result["type"] == "result"]
    goodbye = client.bye()
    exported = fetch_json(base, f"{goodbye['history_url']}export.json", client.cookie)
    assert exported["session"]["frames"] == len(results)
    samples = exported["samples"]
    for face in results[-1]["faces"]:
        mine = [sample for sample in samples if sample["face"] == face["id"]]
        assert sum(sample["n"] for sample in mine) == len(results)
        # The picture never changes, so neither does what is measured: smoothed, raw and mean are one.
        for sample in mine:
            means = [sample["probabilities"][label] for label in labels]
            assert means == pytest.approx(face["probabilities"], abs=0.01)
            assert sample["label"] == max(sample["probabilities"], key=sample["probabilities"].get)
            assert sample["confidence"] == pytest.approx(max(means), abs=1e-6)


def test_two_visitors_are_never_mixed(visit: Visit, faces: bytes) -> None:
    an, binh = visit(), visit()
    assert an.hello()["session"] != binh.hello()["session"]
    for i in range(30):
        an.show(i + 1, faces)
        binh.show(1000 + i, pictures.nobody())
        mine, hers = an.receive(), binh.receive()
        assert (mine["seq"], hers["seq"]) == (i + 1, 1000 + i)
        if mine["type"] == "result":
            assert [face["id"] for face in mine["faces"]] in ([1, 2], [2, 1])
        if hers["type"] == "result":
            assert hers["faces"] == []


def test_unknown_fields_are_ignored(visit: Visit) -> None:
    client = visit()
    assert client.hello(more={"deep": [1, 2]})["type"] == "welcome"
    client.say("ping", t=1, more="x")
    assert client.receive()["type"] == "pong"


@pytest.mark.parametrize(
    "how",
    [
        {"subprotocols": []},
        {"subprotocols": ["emotion.v2"]},
        {"origin": "http://evil.example"},
        {"origin": None},
        {"cookie": ""},
        {"cookie": "visitor=forged:1:signature"},
    ],
)
def test_a_handshake_without_what_it_needs_is_refused(base: str, how: dict[str, Any]) -> None:
    assert refusal_of(base, **how) == 403


def test_a_complete_handshake_is_accepted(base: str) -> None:
    assert refusal_of(base, cookie=visitor_cookie(base)) == 101


@pytest.mark.parametrize(("locale", "begin"), [("en", "Choose"), ("vi", None)])
def test_errors_are_sentences(visit: Visit, locale: str, begin: str | None) -> None:
    client = visit()
    client.hello(locale=locale)
    client.say("settings", model="nobody")
    error = client.receive()
    assert error["code"] == "unknown_model"
    assert error["message"].endswith(".")
    assert begin is None or error["message"].startswith(begin)


def test_no_message_is_ever_not_json(client: Client, faces: bytes) -> None:
    client.show(1, faces)
    for _ in range(3):
        message = client.receive("result", "stats", "hint")
        json.dumps(message, allow_nan=False)
        if message["type"] == "stats":
            break
