"""The REST API: pictures in, sessions out, and every error in one form."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
import schemathesis
from asgiref.sync import async_to_sync
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.wsgi import get_wsgi_application
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

import emoweb_client
from emoweb import engines
from emoweb.api import endpoints
from emoweb.api.models import MOST_KEYS, Key
from emoweb.api.rate_limit import WINDOW_S, RateLimit
from emoweb.images.analysis import analyse
from emoweb.images.refusals import MAX_IMAGE_BYTES, STATUS, ImageRefused
from emoweb_client import ApiError
from emoweb_client import Client as ApiClient
from tests.emoweb.hall import Hall
from tests.emoweb.image_engine import ImageEngine, image_bytes
from tests.emoweb.recorded import Visitor

BOUNDED = hypothesis_settings(
    max_examples=5, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
JPEG = b"\xff\xd8\xff picture"
ANSWER = {
    "file": None,
    "width": 4,
    "height": 3,
    "faces": [
        {
            "box": [0.1, 0.2, 0.3, 0.4],
            "score": 0.9,
            "label": "happy",
            "confidence": 0.8,
            "probabilities": {"happy": 0.8, "sad": 0.2},
            "uncertain": False,
        }
    ],
}


class Analyst:
    """Answers for the models, and remembers what it was asked."""

    refuses: str | None = None

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def __call__(self, data: bytes, **options: Any) -> dict[str, Any]:
        self.asked.append({"bytes": len(data), **options})
        if not data or self.refuses:
            raise ImageRefused(self.refuses or "empty")
        return {**ANSWER, "file": options["name"]}


@pytest.fixture
def analyst(monkeypatch: pytest.MonkeyPatch, hall: Hall) -> Analyst:
    analyst = Analyst()
    monkeypatch.setattr(endpoints, "analyse_image", analyst)
    monkeypatch.setattr(endpoints, "rate_limit", RateLimit())
    monkeypatch.setattr(engines, "current", lambda: hall.engine)
    return analyst


@pytest.fixture
def engine(analyst: Analyst, monkeypatch: pytest.MonkeyPatch) -> ImageEngine:
    """The site's engine, behind the real analysis."""
    engine = ImageEngine()
    monkeypatch.setattr(endpoints, "analyse_image", analyse)
    monkeypatch.setattr(engines, "current", lambda: engine)
    return engine


def post(body: Any, kind: str = "image/jpeg", address: str = "analyze", **headers: str) -> Any:
    return Client().post(f"/api/v1/{address}", body, content_type=kind, **headers)  # type: ignore[arg-type]


def error_of(response: Any, status: int) -> str:
    """Return the code of an answer that must be an error of this status in the API's form."""
    assert response.status_code == status, response.content
    assert response.headers["Content-Type"] == "application/json"
    body = response.json()
    assert list(body) == ["error"]
    assert body["error"]["message"]
    return str(body["error"]["code"])


def test_a_bare_picture_is_analysed(analyst: Analyst) -> None:
    assert post(JPEG, address="analyze?model=m&label_set=fer5").json() == ANSWER
    assert analyst.asked == [
        {"bytes": len(JPEG), "model": "m", "label_set": "fer5", "name": None, "detail": "auto"}
    ]


def test_a_forms_picture_is_analysed_under_its_name(analyst: Analyst) -> None:
    upload = SimpleUploadedFile("me.jpg", JPEG, "image/jpeg")
    assert Client().post("/api/v1/analyze", {"image": upload}).json()["file"] == "me.jpg"


def test_a_picture_over_djangos_own_limit_is_taken(analyst: Analyst) -> None:
    assert post(b"\xff\xd8\xff" + bytes(3_000_000)).status_code == 200


def test_a_picture_over_20_mb_is_refused(analyst: Analyst) -> None:
    assert error_of(post(bytes(MAX_IMAGE_BYTES + 1)), 413) == "too_large"
    assert analyst.asked == []


# What curl and other programs write over a picture: only multipart says anything about the body.
@pytest.mark.parametrize(
    "kind",
    [
        "application/x-www-form-urlencoded",
        "application/octet-stream",
        "application/json",
        "image/jpg",
        "image/pjpeg",
        "image/png",
        "IMAGE/JPEG",
        "text/plain",
        "nonsense",
        "",
    ],
)
def test_a_body_is_taken_by_its_bytes_whatever_its_content_type(engine: ImageEngine, kind: str) -> None:
    response = post(image_bytes(), kind)
    assert response.status_code == 200, response.content
    assert response.json()["faces"][0]["label"] == "happy"


def test_a_form_file_is_taken_by_its_bytes_too(engine: ImageEngine) -> None:
    upload = SimpleUploadedFile("me.txt", image_bytes(), "text/plain")
    assert Client().post("/api/v1/analyze", {"image": upload}).status_code == 200


@pytest.mark.parametrize(
    "kind", ["image/jpeg", "application/octet-stream", "application/x-www-form-urlencoded"]
)
@pytest.mark.parametrize("body", [b"name=value", b"%PDF-1.7", b"<svg></svg>", b"{}"])
def test_bytes_of_another_format_are_refused_whatever_their_content_type(
    engine: ImageEngine, kind: str, body: bytes
) -> None:
    assert error_of(post(body, kind), 415) == "unsupported_type"


@pytest.mark.parametrize(
    ("address", "named"),
    [
        ("analyze?modell=m", "modell"),
        ("analyze?label=fer5&model=m", "label"),
        ("analyze?model=a&model=b", "model"),
        ("analyze?Model=m", "Model"),
        ("analyze?file=x", "file"),
        ("analyze?%22=1", '"'),
    ],
)
def test_an_unknown_or_repeated_parameter_is_named(analyst: Analyst, address: str, named: str) -> None:
    response = post(JPEG, address=address)
    assert error_of(response, 400) == "bad_parameter"
    assert named in response.json()["error"]["message"]
    assert analyst.asked == []


@pytest.mark.parametrize(
    "address", ["models?all=1", "sessions?page=2", "sessions?limit=1&limit=2", "sessions/x?a=1"]
)
def test_every_address_names_the_parameters_that_it_does_not_know(
    analyst: Analyst, alice: Visitor, address: str
) -> None:
    assert error_of(alice.browser.get(f"/api/v1/{address}"), 400) == "bad_parameter"


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"image": [b"one", b"two"]}, "image"),
        ({"image": [b"one"], "model": "m"}, "model"),
        ({"image": [b"one"], "photo": [b"two"]}, "photo"),
        ({"image": [b"one", "text"]}, "image"),
    ],
)
def test_an_unknown_or_repeated_form_field_is_named(
    analyst: Analyst, fields: dict[str, Any], named: str
) -> None:
    form = {
        name: [
            SimpleUploadedFile(f"{value!r}.jpg", JPEG) if isinstance(value, bytes) else value
            for value in values
        ]
        if isinstance(values, list)
        else values
        for name, values in fields.items()
    }
    response = Client().post("/api/v1/analyze", form)
    assert error_of(response, 400) == "bad_form"
    assert named in response.json()["error"]["message"]
    assert analyst.asked == []


def test_an_empty_body_is_refused(analyst: Analyst) -> None:
    assert error_of(post(b""), 400) == "empty"


def test_a_form_without_the_picture_is_refused(analyst: Analyst) -> None:
    assert error_of(Client().post("/api/v1/analyze", {}), 400) == "no_image"
    assert error_of(Client().post("/api/v1/analyze", {"image": "text"}), 400) == "no_image"


def test_a_form_without_a_boundary_is_refused(analyst: Analyst) -> None:
    assert error_of(post(b"x", "multipart/form-data"), 400) == "bad_form"


@pytest.mark.parametrize(("code", "status"), STATUS.items())
def test_a_refused_picture_is_refused_with_a_reason(analyst: Analyst, code: str, status: int) -> None:
    analyst.refuses = code
    response = post(JPEG)
    assert error_of(response, status) == code
    assert ("Retry-After" in response.headers) == (status == 503)


def test_the_message_is_in_the_callers_language(analyst: Analyst) -> None:
    answers = {
        language: post(b"", HTTP_ACCEPT_LANGUAGE=language).headers["Content-Language"]
        for language in ("en", "vi")
    }
    assert answers == {"en": "en", "vi": "vi"}


def test_the_models_are_listed(analyst: Analyst) -> None:
    model = Client().get("/api/v1/models").json()["models"][0]
    assert set(model) == {"name", "title", "task", "label_sets"}


@pytest.mark.parametrize("address", ["nothing", "models/", "", "sessions/a/b"])
def test_an_unknown_address_is_answered_in_json(db: None, address: str) -> None:
    assert error_of(Client().get(f"/api/v1/{address}"), 404) == "not_found"


def test_a_wrong_method_is_answered_in_json(db: None) -> None:
    response = Client().get("/api/v1/analyze")
    assert error_of(response, 405) == "wrong_method"
    assert response.headers["Allow"] == "POST"


def test_an_unknown_host_is_answered_in_json(db: None) -> None:
    assert error_of(Client().get("/api/v1/models", HTTP_HOST="elsewhere.example"), 400) == "bad_request"


def test_no_answer_sets_a_visitors_cookie(analyst: Analyst) -> None:
    assert not Client().get("/api/v1/models").cookies


# How often


def test_over_the_limit_an_address_waits(analyst: Analyst, settings: Any) -> None:
    settings.API_LIMIT = 2
    assert [post(JPEG).status_code, Client().get("/api/v1/models").status_code] == [200, 200]
    response = post(JPEG)
    assert error_of(response, 429) == "rate_limited"
    assert 1 <= int(response.headers["Retry-After"]) <= WINDOW_S
    assert post(JPEG, REMOTE_ADDR="10.0.0.9").status_code == 200


def test_a_limit_of_0_is_none(analyst: Analyst, settings: Any) -> None:
    settings.API_LIMIT = 0
    assert {post(JPEG).status_code for _ in range(70)} == {200}


@pytest.mark.parametrize(("trusted", "last"), [(True, 200), (False, 429)])
def test_a_proxys_word_counts_where_it_is_trusted(
    analyst: Analyst, settings: Any, trusted: bool, last: int
) -> None:
    settings.API_LIMIT, settings.TRUSTED_PROXY = 1, trusted
    post(JPEG, HTTP_X_FORWARDED_FOR="10.0.0.1")
    assert post(JPEG, HTTP_X_FORWARDED_FOR="10.0.0.1, 10.0.0.2").status_code == last


def test_a_client_that_waits_for_retry_after_is_served() -> None:
    now = [0.0]
    limit = RateLimit(lambda: now[0])
    assert [limit.wait_s("a", 2) for _ in range(3)] == [0, 0, 60]
    now[0] = 59.5
    assert limit.wait_s("a", 2) == 1
    now[0] = 60.0
    assert limit.wait_s("a", 2) == 0


# Sessions and keys


def key_headers(secret: str) -> dict[str, str]:
    return {"HTTP_AUTHORIZATION": f"Bearer {secret}"}


def test_without_key_or_cookie_there_are_no_sessions(db: None) -> None:
    response = Client().get("/api/v1/sessions")
    assert error_of(response, 401) == "unauthorised"
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_alice_reads_her_sessions_by_cookie_and_by_key(alice: Visitor, bob: Visitor) -> None:
    older, newer = alice.record(title="Older"), alice.record(title="Newer")
    bob.record()
    _key, secret = Key.make(alice.owner, "notebook")
    by_cookie = alice.browser.get("/api/v1/sessions").json()
    assert by_cookie["total"] == 2
    assert {found["id"] for found in by_cookie["sessions"]} == {str(older.pk), str(newer.pk)}
    for headers in (key_headers(secret), {"HTTP_X_API_KEY": secret}):
        assert Client().get("/api/v1/sessions", **headers).json() == by_cookie  # type: ignore[arg-type]


def test_sessions_come_in_pages(alice: Visitor) -> None:
    for _ in range(3):
        alice.record()
    page = alice.browser.get("/api/v1/sessions?limit=2&offset=2").json()
    assert (len(page["sessions"]), page["total"]) == (1, 3)


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "limit=many", "offset=-1", "offset=1e9"])
def test_a_wrong_parameter_is_400(alice: Visitor, query: str) -> None:
    assert error_of(alice.browser.get(f"/api/v1/sessions?{query}"), 400) == "bad_parameter"


def test_a_session_is_what_its_export_says(alice: Visitor) -> None:
    session = alice.record(["happy", "sad"])
    _response, exported = async_to_sync(alice.read)(f"/history/{session.pk}/export.json")
    answered = alice.browser.get(f"/api/v1/sessions/{session.pk}").json()
    assert answered == json.loads(exported)


def test_another_owners_session_is_not_found(alice: Visitor, bob: Visitor) -> None:
    session = bob.record()
    for address in (str(session.pk), str(uuid.uuid4()), "none", "\u0661"):
        assert error_of(alice.browser.get(f"/api/v1/sessions/{address}"), 404) == "not_found"


@pytest.mark.parametrize("secret", ["", "emo_wrong", "\x00", "é"])
def test_a_wrong_key_is_refused_even_with_a_cookie(alice: Visitor, secret: str) -> None:
    response = alice.browser.get("/api/v1/sessions", **key_headers(secret))  # type: ignore[arg-type]
    assert error_of(response, 401) == "unauthorised"


def test_a_key_is_shown_once_and_stored_as_a_hash(alice: Visitor) -> None:
    page = alice.browser.post("/account/keys/", {"name": "notebook"}).content.decode()
    secret = page.split('id="new-key">')[1].split("<")[0]
    assert Client().get("/api/v1/sessions", **key_headers(secret)).status_code == 200  # type: ignore[arg-type]
    key = Key.objects.get()
    assert key.last_used is not None
    assert secret not in str(vars(key))
    assert secret not in alice.browser.get("/account/keys/").content.decode()


def test_a_revoked_key_opens_nothing(alice: Visitor) -> None:
    key, secret = Key.make(alice.owner, "notebook")
    assert alice.browser.post(f"/account/keys/{key.pk}/revoke/").status_code == 302
    assert error_of(Client().get("/api/v1/sessions", **key_headers(secret)), 401)  # type: ignore[arg-type]


def test_other_owners_keys_are_neither_visible_nor_revocable(alice: Visitor, bob: Visitor) -> None:
    key, _secret = Key.make(alice.owner, "notebook of Alice")
    assert "notebook of Alice" not in bob.browser.get("/account/keys/").content.decode()
    assert bob.browser.post(f"/account/keys/{key.pk}/revoke/").status_code == 404
    assert Key.objects.count() == 1


def test_a_key_needs_a_name_and_there_is_a_most(alice: Visitor) -> None:
    assert alice.browser.post("/account/keys/", {"name": " "}).status_code == 400
    for _ in range(MOST_KEYS):
        Key.make(alice.owner, "one more")
    assert alice.browser.post("/account/keys/", {"name": "too many"}).status_code == 400


def test_the_page_has_examples_for_this_site(db: None) -> None:
    page = Client().get("/api/").content.decode()
    for word in ("curl", "Python", "JavaScript", "http://testserver/api/v1/analyze"):
        assert word in page


# The document, and the client of the repository


@pytest.fixture
def document(analyst: Analyst, alice: Visitor, settings: Any) -> Any:
    settings.API_LIMIT = 0
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())


def test_every_answer_is_as_documented(document: Any) -> None:
    # By hand: schemathesis' own pytest plugin does not know pytest 9.
    operations = [found.ok() for found in document.get_all_operations()]
    assert len(operations) == 4
    for operation in operations:

        @BOUNDED
        @given(case=operation.as_strategy())
        def holds(case: Case) -> None:
            holds_to_the_document(case)

        holds()


def holds_to_the_document(case: Case) -> None:
    """Send a request that the document allows, and hold the answer to it."""
    checks = [
        not_a_server_error,
        status_code_conformance,
        content_type_conformance,
        response_schema_conformance,
    ]
    case.validate_response(case.call(), checks=checks)


def test_the_client_reads_what_a_server_answers(
    analyst: Analyst, transactional_db: None, live_server: Any
) -> None:
    alice = Visitor()
    session = alice.record(["happy", "sad"], title="Rehearsal")
    _key, secret = Key.make(alice.owner, "client")
    client = ApiClient(live_server.url, secret)
    assert client.analyze(JPEG).faces[0].box == (0.1, 0.2, 0.3, 0.4)
    assert client.models()[0].label_sets
    assert [found.title for found in client.sessions()] == ["Rehearsal"]
    found, samples = client.session(str(session.pk))
    assert (found.id, [sample.label for sample in samples]) == (str(session.pk), ["happy", "sad"])


def test_the_client_raises_the_sites_refusal(
    analyst: Analyst, transactional_db: None, live_server: Any
) -> None:
    with pytest.raises(ApiError) as refused:
        ApiClient(live_server.url).sessions()
    assert (refused.value.status, refused.value.code) == (401, "unauthorised")


def test_the_client_ignores_fields_that_it_does_not_know() -> None:
    sample = {
        "second": 1,
        "face": 2,
        "label": "sad",
        "confidence": 0.5,
        "n": 3,
        "probabilities": {},
        "new": 1,
    }
    assert emoweb_client._read(emoweb_client.Sample, sample).face == 2
