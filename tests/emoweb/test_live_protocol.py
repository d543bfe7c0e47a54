"""The wire of emotion.v1, without a socket."""

import contextlib
import json
import math
import re
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emoweb.live import protocol
from emoweb.live.protocol import FrameRefused, TextRefused, parse_frame, parse_text
from emoweb.live.socket.messages import sentence_for

CONSENT = "2026-11"
HELLO = {"type": "hello", "version": 1, "consent": CONSENT}


def frame(
    seq: int = 7,
    jpeg: bytes = b"jpeg",
    *,
    magic: bytes = b"EF",
    version: int = 1,
    flags: int = 0,
    captured_ms: float = 12.5,
    width: int = 640,
    height: int = 480,
    answered: int = 3,
) -> bytes:
    head = struct.pack(">2sBBIdHHI", magic, version, flags, seq, captured_ms, width, height, answered)
    return head + jpeg


def refused_frame(data: bytes) -> FrameRefused:
    with pytest.raises(FrameRefused) as caught:
        parse_frame(data)
    return caught.value


def refused_text(text: str, *, welcomed: bool = True) -> TextRefused:
    with pytest.raises(TextRefused) as caught:
        parse_text(text, welcomed=welcomed, consent=CONSENT)
    return caught.value


def hello(**changes: Any) -> str:
    return json.dumps({**HELLO, **changes})


def test_a_frame_is_read_field_by_field() -> None:
    header, jpeg = parse_frame(frame())
    assert header == protocol.FrameHeader(7, 12.5, 640, 480, 3)
    assert jpeg == b"jpeg"


def test_the_header_has_the_documented_length() -> None:
    assert len(frame(jpeg=b"")) == protocol.HEADER_BYTES == 24


def test_flags_are_ignored() -> None:
    assert parse_frame(frame(flags=255))[0].seq == 7


def test_a_frame_without_a_picture_has_a_readable_header() -> None:
    assert parse_frame(frame(jpeg=b""))[1] == b""


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "bad_header"),
        (frame(jpeg=b"")[:23], "bad_header"),
        (frame(magic=b"XX"), "bad_header"),
        (frame(version=2), "bad_version"),
        (frame(version=0), "bad_version"),
        (frame(captured_ms=math.nan), "bad_header"),
        (frame(captured_ms=math.inf), "bad_header"),
        (frame(captured_ms=-math.inf), "bad_header"),
    ],
)
def test_an_unreadable_header_is_refused_without_a_seq(data: bytes, code: str) -> None:
    refused = refused_frame(data)
    assert (refused.code, refused.seq) == (code, None)


def test_a_message_of_just_the_limit_is_taken() -> None:
    data = frame(jpeg=b"x" * (protocol.MAX_FRAME_BYTES - 24))
    assert len(parse_frame(data)[1]) == protocol.MAX_FRAME_BYTES - 24


def test_a_message_over_the_limit_is_refused_under_its_seq() -> None:
    refused = refused_frame(frame(seq=9, jpeg=b"x" * (protocol.MAX_FRAME_BYTES - 23)))
    assert (refused.code, refused.seq) == ("too_large", 9)


def test_a_large_message_without_a_header_is_too_large_and_nothing_else() -> None:
    refused = refused_frame(b"\x00" * (protocol.MAX_FRAME_BYTES + 1))
    assert (refused.code, refused.seq) == ("too_large", None)


@pytest.mark.parametrize(
    ("width", "height", "allowed"),
    [(640, 480, True), (1920, 1920, True), (1921, 10, False), (10, 20_000, False), (0, 10, False)],
)
def test_sides_up_to_the_limit_are_allowed(width: int, height: int, allowed: bool) -> None:
    assert parse_frame(frame(width=width, height=height))[0].side_is_allowed is allowed


@given(st.binary(max_size=200))
def test_no_bytes_take_the_reader_down(data: bytes) -> None:
    with contextlib.suppress(FrameRefused):
        header, _ = parse_frame(data)
        assert math.isfinite(header.captured_ms)


def test_a_hello_may_request_options() -> None:
    text = hello(model="se_resnet", label_set="fer5", quality="far", resume="abc", locale="vi", more=[1])
    message = parse_text(text, welcomed=False, consent=CONSENT)
    assert message == protocol.Hello("se_resnet", "fer5", "far", "abc", "vi")


def test_a_bare_hello_is_enough() -> None:
    assert parse_text(hello(), welcomed=False, consent=CONSENT) == protocol.Hello()


@pytest.mark.parametrize("consent", ["", "2025-01", None, 5, ["2026-11"]])
def test_another_consent_is_always_consent_required(consent: object) -> None:
    refused = refused_text(hello(consent=consent, version=9, model=5), welcomed=False)
    assert (refused.code, refused.close_code) == ("consent_required", 4401)


def test_a_missing_consent_is_consent_required() -> None:
    refused = refused_text('{"type": "hello", "version": 1}', welcomed=False)
    assert (refused.code, refused.close_code) == ("consent_required", 4401)


@pytest.mark.parametrize("version", [0, 2, 1.5, -1])
def test_another_version_is_bad_version(version: float) -> None:
    refused = refused_text(hello(version=version), welcomed=False)
    assert (refused.code, refused.close_code) == ("bad_version", 4400)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"version": "1"}, "version"),
        ({"version": True}, "version"),
        ({"version": None}, "version"),
        ({"model": 5}, "model"),
        ({"label_set": ["fer7"]}, "label_set"),
        ({"quality": "best"}, "quality"),
        ({"quality": 320}, "quality"),
        ({"resume": 1}, "resume"),
        ({"locale": {}}, "locale"),
    ],
)
def test_a_wrong_field_of_a_hello_is_named_and_another_may_follow(
    changes: dict[str, object], field: str
) -> None:
    refused = refused_text(hello(**changes), welcomed=False)
    assert (refused.code, refused.field, refused.close_code) == ("bad_field", field, None)


@pytest.mark.parametrize("text", ['{"type": "ping", "t": 1}', '{"type": "nonsense"}', "{}", '{"type": 5}'])
def test_anything_else_before_welcome_asks_for_a_hello(text: str) -> None:
    refused = refused_text(text, welcomed=False)
    assert (refused.code, refused.close_code) == ("hello_required", 4401)


@pytest.mark.parametrize("welcomed", [True, False])
@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "[]",
        "null",
        "5",
        '"hello"',
        '{"type": "ping", "t": 1',
        "[" * 8000,
        '{"a":' * 3000 + "1" + "}" * 3000,
        '{"t": ' + "9" * 5000 + "}",
        '{"type": "ping", "t": 1, "pad": "' + "x" * (16 * 1024) + '"}',
        '{"type": "ping", "t": 1, "pad": "' + "ế" * (6 * 1024) + '"}',
    ],
)
def test_what_is_not_one_json_object_is_bad_json(text: str, welcomed: bool) -> None:
    refused = refused_text(text, welcomed=welcomed)
    assert (refused.code, refused.close_code) == ("bad_json", 4400)


@pytest.mark.parametrize(
    "text", ['{"type": "nonsense"}', "{}", '{"type": 5}', '{"type": null}', '{"type": ["ping"]}', hello()]
)
def test_an_unknown_type_breaks_the_protocol(text: str) -> None:
    refused = refused_text(text)
    assert (refused.code, refused.close_code) == ("unknown_type", 4400)


@pytest.mark.parametrize("t", ["1e999", "-1e999", "NaN", "Infinity", '"1"', "null", "true", "[]"])
def test_a_ping_without_a_finite_number_is_a_bad_field(t: str) -> None:
    refused = refused_text(f'{{"type": "ping", "t": {t}}}')
    assert (refused.code, refused.field, refused.close_code) == ("bad_field", "t", None)


def test_a_ping_without_t_is_a_bad_field() -> None:
    assert refused_text('{"type": "ping"}').field == "t"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"type": "ping", "t": 5}', protocol.Ping(5)),
        ('{"type": "ping", "t": 5.25, "more": 1}', protocol.Ping(5.25)),
        ('{"type": "pause"}', protocol.Pause()),
        ('{"type": "unpause"}', protocol.Unpause()),
        ('{"type": "bye"}', protocol.Bye()),
        ('{"type": "settings"}', protocol.ChangeSettings()),
        ('{"type": "settings", "label_set": "fer5"}', protocol.ChangeSettings(label_set="fer5")),
        ('{"type": "settings", "quality": "fast"}', protocol.ChangeSettings(quality="fast")),
    ],
)
def test_every_message_is_understood(text: str, message: protocol.ClientMessage) -> None:
    assert parse_text(text, welcomed=True, consent=CONSENT) == message


@given(
    st.text(max_size=300) | st.dictionaries(st.text(), st.text() | st.floats() | st.none()).map(json.dumps)
)
def test_no_text_takes_the_reader_down(text: str) -> None:
    for welcomed in (True, False):
        with contextlib.suppress(TextRefused):
            assert parse_text(text, welcomed=welcomed, consent=CONSENT) is not None


def test_answers_carry_their_type_and_leave_out_what_is_missing() -> None:
    assert json.loads(protocol.Drop(3, "rate").text()) == {"type": "drop", "seq": 3, "reason": "rate"}
    error = json.loads(protocol.ErrorAnswer("bad_seq", "Number them.", 3).text())
    assert error == {"type": "error", "code": "bad_seq", "message": "Number them.", "seq": 3}
    assert "seq" not in json.loads(protocol.ErrorAnswer("bad_json", "Send JSON.").text())
    assert json.loads(protocol.Paused().text()) == {"type": "paused"}


def test_the_limits_are_the_documented_ones() -> None:
    limits = json.loads(
        json.dumps({name: getattr(protocol.Limits(), name) for name in protocol.Limits.__struct_fields__})
    )
    assert limits == {"max_frame_bytes": 524_288, "max_side": 1920, "max_fps": 30, "idle_s": 60}


# The twin


def in_twin(project: Path, name: str) -> str:
    """Return the words of a constant in static/js/protocol.js."""
    script = (project / "static" / "js" / "protocol.js").read_text("utf-8")
    found = re.search(rf"export const {name} = ([^;]+);", script)
    assert found is not None
    return found.group(1)


def names_in_twin(project: Path, name: str) -> list[str]:
    return re.findall(r'"(\w+)"', in_twin(project, name))


def test_both_twins_know_the_same_drop_reasons_and_error_codes(project: Path) -> None:
    assert names_in_twin(project, "DROP_REASONS") == list(protocol.DROP_REASONS)
    assert names_in_twin(project, "ERROR_CODES") == list(protocol.ERROR_CODES)


def test_both_twins_know_the_same_messages(project: Path) -> None:
    answers = {answer.__struct_config__.tag for answer in protocol.Answer.__subclasses__()}
    assert set(names_in_twin(project, "SERVER_MESSAGES")) == answers
    assert set(names_in_twin(project, "CLIENT_MESSAGES")) == {"hello", *protocol._READERS}


def test_both_twins_know_the_same_close_codes(project: Path) -> None:
    codes = set(map(int, re.findall(r"\d+", in_twin(project, "CLOSE_CODES"))))
    ours = {value for name, value in vars(protocol).items() if name.startswith("CLOSED_")}
    by_the_server_itself = {1001, 1006, 1009, 1011, 1012}
    assert codes == ours | by_the_server_itself


def test_both_twins_have_the_same_header(project: Path) -> None:
    assert in_twin(project, "HEADER_BYTES") == str(protocol.HEADER_BYTES)
    assert in_twin(project, "SUBPROTOCOL").strip('"') == protocol.SUBPROTOCOL
    assert in_twin(project, "VERSION") == str(protocol.VERSION)


@pytest.mark.parametrize("language", ["en", "vi"])
@pytest.mark.parametrize("code", [*protocol.ERROR_CODES, "starting"])
def test_every_error_code_has_a_sentence(code: str, language: str) -> None:
    sentence = sentence_for(code, language, field="model")
    assert sentence.endswith(".")
    assert "{" not in sentence
