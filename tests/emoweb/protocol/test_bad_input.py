"""What a client may do wrong: each has its documented answer, and the other client loses nothing."""

from __future__ import annotations

import json
import math
import struct
import time
from collections.abc import Callable
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from tests.emoweb.protocol import pictures
from tests.emoweb.protocol.client import Client, fetch_json
from tests.emoweb.protocol.conftest import OtherClient

pytestmark = [pytest.mark.process, pytest.mark.usefixtures("other_client")]
Visit = Callable[..., Client]


@pytest.fixture
def client(visit: Visit) -> Client:
    """A welcomed visitor."""
    visitor = visit()
    assert visitor.hello()["type"] == "welcome"
    return visitor


def head(seq: int = 1, **changes: Any) -> bytes:
    fields = {"magic": b"EF", "version": 1, "flags": 0, "seq": seq, "captured_ms": 0.0, "width": 640}
    fields |= {"height": 480, "answered": 0, **changes}
    return struct.pack(">2sBBIdHHI", *fields.values())


def test_unreadable_headers_are_errors_without_a_seq(client: Client, faces: bytes) -> None:
    bad = [
        (b"", "bad_header"),
        (head()[:20], "bad_header"),
        (head(magic=b"JP") + faces, "bad_header"),
        (head(captured_ms=math.nan) + faces, "bad_header"),
        (head(version=2) + faces, "bad_version"),
    ]
    for seq, (data, code) in enumerate(bad, start=1):
        client.send(data)
        error = client.receive()
        assert (error["type"], error["code"], error.get("seq")) == ("error", code, None)
        assert client.ask(seq, faces)["type"] in ("result", "drop")


def test_pictures_that_are_no_good_are_dropped(client: Client, faces: bytes) -> None:
    huge = pictures.with_sides(faces, 20_000, 20_000)
    bad = [
        (b"this is no JPEG", 640, 480),
        (b"", 640, 480),
        (faces[: len(faces) // 2], 640, 480),
        (faces, 639, 480),
        (faces, 640, 481),
        (faces, 0, 0),
        (huge, 20_000, 20_000),
        (huge, 640, 480),
    ]
    for i, (picture, width, height) in enumerate(bad):
        drop = client.ask(2 * i + 1, picture, width, height)
        assert drop == {"type": "drop", "seq": 2 * i + 1, "reason": "bad_image"}
        assert client.ask(2 * i + 2, faces)["type"] in ("result", "drop")


def test_a_frame_over_the_limit_is_too_large(client: Client, faces: bytes) -> None:
    client.send(head(7) + faces + b"\x00" * 600_000)
    error = client.receive()
    assert (error["type"], error["code"], error["seq"]) == ("error", "too_large", 7)
    client.send(b"\x00" * 600_000)
    error = client.receive()
    assert (error["code"], error.get("seq")) == ("too_large", None)
    assert client.ask(8, faces)["type"] in ("result", "drop")


def test_a_number_that_does_not_rise_is_refused(client: Client, faces: bytes) -> None:
    client.ask(10, faces)
    for seq in (10, 9, 0):
        client.show(seq, faces)
        error = client.receive()
        assert (error["code"], error["seq"]) == ("bad_seq", seq)
    assert client.ask(2**32 - 1, faces)["type"] in ("result", "drop")


def test_flags_are_ignored(client: Client, faces: bytes) -> None:
    client.send(head(1, flags=255) + faces)
    assert client.receive()["type"] in ("result", "drop")


def test_ten_bad_frames_in_a_row_end_it(client: Client, faces: bytes) -> None:
    for _ in range(9):
        client.send(b"nonsense")
    client.show(1, faces)
    answers = [client.receive() for _ in range(10)]
    if answers[-1]["type"] != "result":
        pytest.skip("the machine is too slow for the good frame between the bad ones")
    for _ in range(5):
        client.send(b"nonsense")
        client.send(head(0) + faces)
    messages, code = client.messages_until_closed()
    assert [message["code"] for message in messages] == ["bad_header", "bad_seq"] * 5
    assert code == 4400


def test_ten_pictures_that_are_none_end_it_too(client: Client) -> None:
    for seq in range(1, 11):
        assert client.ask(seq, b"no picture")["reason"] == "bad_image"
    assert client.closed() == 4400


@pytest.mark.parametrize("welcomed", [True, False])
@pytest.mark.parametrize(
    "text",
    [
        "garbage",
        "[]",
        "null",
        "{",
        "[" * 10_000,
        '{"a":' * 2_500 + "1" + "}" * 2_500,
        '{"type": "ping", "t": 1, "pad": "' + "x" * 17_000 + '"}',
    ],
)
def test_text_that_is_not_one_json_object_ends_it(visit: Visit, text: str, welcomed: bool) -> None:
    client = visit()
    if welcomed:
        client.hello()
    client.send(text)
    messages, code = client.messages_until_closed()
    assert [message["code"] for message in messages] == ["bad_json"]
    assert code == 4400


@pytest.mark.parametrize(
    "text", ['{"type": "nonsense"}', "{}", '{"type": 7}', '{"type": "hello", "version": 1}']
)
def test_an_unknown_type_ends_it(client: Client, text: str) -> None:
    client.send(text)
    messages, code = client.messages_until_closed()
    assert ([message["code"] for message in messages], code) == (["unknown_type"], 4400)


@pytest.mark.parametrize("t", ["1e999", "null", '"1"', "true"])
def test_a_bad_field_is_named_and_ends_nothing(client: Client, t: str) -> None:
    client.send(f'{{"type": "ping", "t": {t}}}')
    error = client.receive()
    assert error["code"] == "bad_field"
    assert "t" in error["message"]
    client.say("ping", t=1)
    assert client.receive()["type"] == "pong"


@pytest.mark.parametrize(
    ("options", "code", "close_code"),
    [
        ({"consent": None}, "consent_required", 4401),
        ({"consent": ""}, "consent_required", 4401),
        ({"consent": "2020-01"}, "consent_required", 4401),
        ({"version": 2}, "bad_version", 4400),
    ],
)
def test_a_hello_that_does_not_agree_ends_it(
    visit: Visit, options: dict[str, Any], code: str, close_code: int
) -> None:
    client = visit()
    assert client.hello(**options)["code"] == code
    assert client.closed() == close_code


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"model": "nobody"}, "unknown_model"),
        ({"model": ""}, "unknown_model"),
        ({"model": "face_yolov8n"}, "unknown_model"),
        ({"label_set": "nothing"}, "unknown_labels"),
        ({"quality": "best"}, "bad_field"),
        ({"resume": 5}, "bad_field"),
    ],
)
def test_a_refused_hello_may_be_followed_by_another(visit: Visit, options: dict[str, Any], code: str) -> None:
    client = visit()
    assert client.hello(**options)["code"] == code
    assert client.hello()["type"] == "welcome"


def test_a_frame_before_hello_ends_it(visit: Visit, faces: bytes) -> None:
    client = visit()
    client.show(1, faces)
    messages, code = client.messages_until_closed()
    assert ([message["code"] for message in messages], code) == (["hello_required"], 4401)


def test_another_message_before_hello_ends_it(visit: Visit) -> None:
    client = visit()
    client.say("ping", t=1)
    messages, code = client.messages_until_closed()
    assert ([message["code"] for message in messages], code) == (["hello_required"], 4401)


def test_nothing_at_all_ends_it(visit: Visit) -> None:
    assert visit().closed() == 4408


@pytest.mark.parametrize("token", ["", "forged", "a:b:c", "x" * 5_000])
def test_a_forged_token_starts_a_new_session(visit: Visit, token: str) -> None:
    assert visit().hello(resume=token)["resumed"] is False


def test_a_message_of_five_megabytes_ends_it(client: Client) -> None:
    code = client.closed_while(lambda: client.send(b"\x00" * 5_000_000))
    assert (code or client.closed()) == 1009


def test_a_burst_is_answered_frame_by_frame(client: Client, faces: bytes) -> None:
    for seq in range(1, 301):
        client.show(seq, faces)
    answers = [client.receive() for _ in range(300)]
    assert [answer["seq"] for answer in answers] == list(range(1, 301))
    assert {"rate"} <= {answer.get("reason") for answer in answers}
    assert answers[0]["type"] in ("result", "drop")


def test_three_thousand_frames_affect_only_their_sender(client: Client, faces: bytes) -> None:
    answers: list[dict[str, Any]] = []

    def flood() -> None:
        for seq in range(1, 3001):
            client.show(seq, faces, answered=seq - 1)
        answers.extend(client.receive() for _ in range(3000))
        client.say("ping", t=1)
        assert client.receive()["type"] == "pong"

    code = client.closed_while(flood)
    # On a machine so slow that it takes more than five seconds, it is a flood that ends the socket.
    assert code in (None, 4429)
    assert [answer["seq"] for answer in answers] == list(range(1, len(answers) + 1))
    assert code == 4429 or len(answers) == 3000


def send_until_closed(client: Client, picture: bytes, fps: float, answered: int | None) -> int | None:
    """Send for a minute at most; return the close code."""
    end = time.monotonic() + 60
    seq = 0
    try:
        while time.monotonic() < end:
            seq += 1
            client.show(seq, picture, answered=seq - 1 if answered is None else answered)
            time.sleep(1 / fps)
    except ConnectionClosed:
        return client.closed()
    return None


def test_a_flood_ends_it(client: Client) -> None:
    assert send_until_closed(client, pictures.nobody(), fps=150, answered=None) == 4429


def test_who_says_that_nothing_is_read_is_closed(client: Client) -> None:
    assert send_until_closed(client, pictures.nobody(), fps=12, answered=0) == 4429


def test_a_client_that_does_not_read_loses_its_place(visit: Visit, base: str, faces: bytes) -> None:
    client = visit(read_ahead=1)
    client.hello()
    before = fetch_json(base, "/health")["viewers"]
    end = time.monotonic() + 60
    seq = 0
    while fetch_json(base, "/health")["viewers"] >= before:
        assert time.monotonic() < end, "the place is still taken"
        for _ in range(8):
            seq += 1
            try:
                client.show(seq, faces, answered=0)
            except ConnectionClosed:
                break
            time.sleep(0.04)


def test_the_other_client_stayed_connected(other_client: OtherClient, visit: Visit) -> None:
    visit().send("garbage")
    end = time.monotonic() + 60
    while len(other_client.answers) < 3:
        assert time.monotonic() < end
        time.sleep(0.05)
    json.dumps(other_client.answers, allow_nan=False)
