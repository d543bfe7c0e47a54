"""Every page speaks both languages, keeps the security headers, and has no inline code."""

from __future__ import annotations

import html
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver

from emoweb.live import service
from emoweb.live.monitoring import LiveStatus
from emoweb.live.session.recorder import RecorderHealth
from recognition import EngineStats, default_weights_folder
from recognition.served_models import ServedModels
from tests.emoweb.recorded import LANGUAGES, Visitor

PAGES = [
    "/",
    "/account/keys/",
    "/api/",
    "/data/",
    "/history/",
    "/history/compare/?a={id}&b={id}",
    "/history/delete/",
    "/models/",
    "/photo/",
    "/privacy/",
    "/nowhere/",
    "{session}",
    "{session}delete/",
]


class Tags(HTMLParser):
    """Collects a page's tags."""

    def __init__(self, page: str) -> None:
        """Read the page."""
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Keep a tag with its attributes."""
        self.found.append((tag, dict(attributes)))


def page_of(visitor: Visitor, address: str, language: str = "en") -> Any:
    """Return a page in a language; `{session}` and `{id}` stand for a session of the visitor."""
    session = visitor.record(["happy", "sad"], title="Rehearsal")
    visitor.browser.cookies["django_language"] = language
    return visitor.browser.get(address.format(session=session.get_absolute_url(), id=session.pk))


def words_of(page: str) -> str:
    """Return what a reader sees of a page, names of files, recipes and distillation teachers left out."""
    seen = re.sub(r"<script.*?</script>|<[^>]+>", " ", page, flags=re.DOTALL)
    return re.sub(r"\S+/\S+|distilled from \S+", " ", html.unescape(seen))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("address", [*PAGES, "/video/"])
def test_a_model_is_named_by_its_title(alice: Visitor, address: str, language: str) -> None:
    words = words_of(page_of(alice, address, language).content.decode())
    # The other models' names are words and data sets too: "places", "hand_digits".
    assert re.findall(r"\b(?:se|cbam)_resnet\b", words) == []
    if "{" in address and "delete" not in address:
        assert words.count("My_model (SE-ResNet)") == address.count("{")


def test_a_model_that_is_not_served_any_more_keeps_its_stored_name(alice: Visitor) -> None:
    session = alice.record(model="expressions_of_1998")
    for address in (
        session.get_absolute_url(),
        f"/history/compare/?a={session.pk}&b={session.pk}",
    ):
        assert "expressions_of_1998" in words_of(alice.browser.get(address).content.decode())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("address", PAGES)
def test_no_page_has_inline_code(alice: Visitor, address: str, language: str) -> None:
    for tag, attributes in Tags(page_of(alice, address, language).content.decode()).found:
        assert "style" not in attributes, tag
        assert not [name for name in attributes if name.startswith("on")], tag
        assert tag != "style"
        if tag == "script":
            assert attributes.get("src") or attributes.get("type") == "application/json"


@pytest.mark.parametrize("address", PAGES)
def test_every_page_keeps_the_security_headers(alice: Visitor, address: str) -> None:
    headers = page_of(alice, address).headers
    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    directives = {line.split()[0]: line.split()[1:] for line in policy.split("; ")}
    assert directives["default-src"] == ["'none'"]
    assert directives["script-src"] == ["'self'"]
    assert directives["style-src"] == ["'self'"]
    assert directives["connect-src"] == ["'self'"]
    assert directives["img-src"] == ["'self'", "blob:", "data:"]
    assert directives["worker-src"] == ["'self'", "blob:"]
    assert directives["frame-ancestors"] == directives["base-uri"] == ["'none'"]
    assert "camera=(self)" in headers["Permissions-Policy"]
    assert "microphone=()" in headers["Permissions-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.parametrize("address", PAGES)
def test_no_page_loads_anything_from_elsewhere(alice: Visitor, address: str) -> None:
    for tag, attributes in Tags(page_of(alice, address).content.decode()).found:
        loaded = attributes.get("src") or (attributes.get("href") if tag == "link" else None)
        assert loaded is None or loaded.startswith("/static/"), loaded


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("address", PAGES)
def test_every_page_names_its_language_and_has_one_heading(
    alice: Visitor, address: str, language: str
) -> None:
    page = page_of(alice, address, language).content.decode()
    assert f'<html lang="{language}">' in page
    assert page.count("<h1") == 1
    assert re.search(r"<title>[^<]+ · emoweb</title>", page)


@pytest.mark.parametrize("address", PAGES)
def test_no_two_parts_of_a_page_share_an_id(alice: Visitor, address: str) -> None:
    tags = Tags(page_of(alice, address).content.decode()).found
    ids = [attributes["id"] for _, attributes in tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in tags:
        for name in (attributes.get("aria-labelledby") or attributes.get("for") or "").split():
            assert name in ids


@pytest.mark.django_db
def test_the_language_switch_works_both_ways() -> None:
    browser = Client()
    for language in ["vi", "en", "vi"]:
        response = browser.post("/i18n/setlang/", {"language": language, "next": "/privacy/"}, follow=True)
        assert response.redirect_chain == [("/privacy/", 302)]
        assert f'<html lang="{language}">' in response.content.decode()


@pytest.mark.django_db
def test_each_language_is_offered_under_its_own_name() -> None:
    browser = Client()
    assert ">Tiếng Việt</button>" in browser.get("/privacy/").content.decode()
    browser.cookies["django_language"] = "vi"
    assert ">English</button>" in browser.get("/privacy/").content.decode()


@pytest.mark.django_db
def test_the_language_switch_leads_to_no_other_site() -> None:
    response = Client().post("/i18n/setlang/", {"language": "vi", "next": "https://evil.example/"})
    assert response["Location"] == "/"


@pytest.mark.django_db
def test_the_browsers_language_applies_until_the_visitor_chooses() -> None:
    preference = {"Accept-Language": "vi-VN,vi;q=0.9"}
    assert '<html lang="vi">' in Client(headers=preference).get("/privacy/").content.decode()
    browser = Client(headers=preference)
    browser.cookies["django_language"] = "en"
    assert '<html lang="en">' in browser.get("/privacy/").content.decode()


@pytest.mark.django_db
def test_the_page_shows_the_consent_version(settings: Any) -> None:
    assert f'data-consent="{settings.CONSENT_VERSION}"' in Client().get("/").content.decode()


@pytest.mark.django_db
def test_the_privacy_page_says_how_long_the_history_is_kept(settings: Any) -> None:
    settings.HISTORY_DAYS = 30
    assert "30 days, or until you delete it" in Client().get("/privacy/").content.decode()


@pytest.mark.django_db
def test_the_models_page_shows_each_cards_figures(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shutil.copy(Path(__file__).parent / "card.json", tmp_path / "examined.json")
    monkeypatch.setenv("WEIGHTS", str(tmp_path))
    page = Client().get("/models/").content.decode()
    for words in [
        "An examined model",
        "66.7%",
        "95% interval 64.1% to 69.2%",
        "n = 1,234",
        "PublicTest",
        "4,987,654",
    ]:
        assert words in page
    for words in ["Profiles are often named wrong.", "test-time augmentation: flip", "research only"]:
        assert words in page
    assert 'width="66.66" height="10"' in page


@pytest.mark.django_db
def test_the_models_page_shows_the_models_that_the_site_serves() -> None:
    page = Client().get("/models/").content.decode()
    cards = sorted(default_weights_folder().glob("*.json"))
    assert cards
    assert all(f'id="{card.stem}"' in page for card in cards)
    default = ServedModels.read(default_weights_folder()).default.name
    assert re.findall(r'<article[^>]* id="(\w+)"', page)[0] == default


@pytest.mark.django_db
@pytest.mark.parametrize("broken", ["{", '{"name": "other"}', None])
def test_unreadable_cards_are_no_error_to_a_visitor(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, broken: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    weights = tmp_path / "weights"
    monkeypatch.setenv("WEIGHTS", str(weights))
    if broken is not None:
        weights.mkdir()
        (weights / "broken.json").write_text(broken)
    response = Client().get("/models/")
    assert response.status_code == 200
    assert "No models available" in response.content.decode()
    assert "weights" in caplog.text


class StubService:
    """A service in a state of the test's choice."""

    def __init__(self, state: Any) -> None:
        """Take the state."""
        self._state = state

    def status(self) -> LiveStatus:
        """Return the state, with nobody watching."""
        nothing = EngineStats(fps=0, queue=0, drops={}, frame_ms=0, failure=None)
        return LiveStatus(
            state=self._state,
            version="0",
            consent="0",
            device="cpu",
            models=(),
            viewers=0,
            capacity=8,
            all_viewers=0,
            all_capacity=8,
            drops={},
            engine=nothing,
            recorder=RecorderHealth(failure=None, waiting=0, lost=0),
        )


@pytest.mark.parametrize(("state", "code"), [("starting", 503), ("ready", 200), ("degraded", 200)])
def test_health_is_503_only_while_starting(monkeypatch: pytest.MonkeyPatch, state: str, code: int) -> None:
    monkeypatch.setattr(service, "current", lambda: StubService(state))
    response = Client().get("/health")
    assert response.status_code == code
    assert response.json()["status"] == state
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_a_missing_page_says_where_to_go() -> None:
    response = Client().get("/nowhere/")
    assert response.status_code == 404
    assert "Page not found" in response.content.decode()
    assert 'href="/history/"' in response.content.decode()


@pytest.mark.django_db
def test_an_unexpected_error_shows_a_page_and_no_details(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise ZeroDivisionError("a secret detail")

    monkeypatch.setattr(service, "current", fail)
    response = Client(raise_request_exception=False).get("/health")
    assert response.status_code == 500
    assert "Something went wrong" in response.content.decode()
    assert "secret" not in response.content.decode()


def test_every_address_is_known_here() -> None:
    """A new page must be added to PAGES above, or named here with its reason."""
    tested = {"", "account/keys/", "api/", "data/", "models/", "photo/", "privacy/"}
    tested |= {f"history/{page}" for page in ("", "compare/", "delete/")}
    actions = {"rename/", "delete/", "export.csv", "export.json", "timeline.json", "merge/", "part/", ""}
    actions |= {f"markers/{action}" for action in ("", "<int:marker_id>/", "<int:marker_id>/remove/")}
    elsewhere = {
        "health",
        "metrics",
        "i18n/setlang/",
        "photo/analyse/",
        "api/v1/",
        "account/keys/<int:key_id>/revoke/",
        "data/export.json",
    }
    elsewhere |= {f"history/<uuid:session_id>/{action}" for action in actions}
    videos = "part/ upload/ complete/ status/ pause/ resume/ cancel/ delete/ "
    videos += "annotated.webm export.csv export.json"
    elsewhere |= {"video/", "video/announce/", "video/<uuid:video_id>/"}
    elsewhere |= {f"video/<uuid:video_id>/{action}" for action in videos.split()}
    addresses = {
        str(pattern.pattern) + str(inner.pattern)
        for pattern in get_resolver().url_patterns
        for inner in getattr(pattern, "url_patterns", [])
    } | {
        str(pattern.pattern)
        for pattern in get_resolver().url_patterns
        if not hasattr(pattern, "url_patterns")
    }
    assert addresses == tested | elsewhere


def test_only_safe_methods_open_a_page(alice: Visitor) -> None:
    for address in ["/", "/history/", "/models/", "/privacy/", "/health"]:
        assert alice.browser.post(address).status_code == 405


@pytest.mark.parametrize(("language", "written"), [("en", "5,616 frames"), ("vi", "5.616")])
def test_large_numbers_are_grouped_as_the_language_does(alice: Visitor, language: str, written: str) -> None:
    session = alice.record(frames=5616)
    alice.browser.cookies["django_language"] = language
    assert written in alice.browser.get(session.get_absolute_url()).content.decode()
