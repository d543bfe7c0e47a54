"""Accounts on real servers: signing up and in, whose sessions they are, and what nobody may do."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.request import Request, build_opener

import pytest

from tests.browser.site import Site, running_site
from tests.emoweb.person import PASSWORD, PATIENCE_S, Person
from tests.emoweb.protocol import pictures
from tests.emoweb.protocol.client import refusal_of

pytestmark = [pytest.mark.process, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site on which whoever likes has an account."""
    with running_site(tmp_path_factory.mktemp("accounts"), ACCOUNTS="optional") as running:
        yield running


@pytest.fixture(scope="module")
def closed_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site for people with an account alone."""
    with running_site(tmp_path_factory.mktemp("closed"), ACCOUNTS="required") as running:
        yield running


@pytest.fixture
def person(site: Site) -> Callable[..., Person]:
    """Makes people at browsers of their own."""
    return lambda **how: Person(site.address, **how)


@pytest.fixture(scope="module")
def faces() -> bytes:
    return pictures.two_faces()


def test_a_visitors_sessions_move_to_the_account_and_open_in_another_browser(
    person: Callable[..., Person], faces: bytes
) -> None:
    here, elsewhere = person().open("/"), person()
    first = here.stream(faces)
    assert here.sign_up("moves@example.com").path == "/history/"
    assert here.sessions() == [first]
    second = here.stream(faces)
    elsewhere.sign_in("moves@example.com")
    assert set(elsewhere.sessions()) == {first, second}
    assert "Only visible in your account" in elsewhere.page
    # Signed out, the same browser is a visitor with nothing.
    here.send("/account/logout/")
    assert here.sessions() == []
    assert here.open(f"/history/{first}/").status == 404


def test_keys_move_along_and_go_on_opening_the_sessions(person: Callable[..., Person], faces: bytes) -> None:
    somebody = person().open("/")
    recorded = somebody.stream(faces)
    key = re.search(r"emo_[\w-]{20,}", somebody.send("/account/keys/", name="script").page)
    assert key
    somebody.sign_up("keys@example.com")
    request = Request(f"{somebody.base}/api/v1/sessions", headers={"Authorization": f"Bearer {key[0]}"})
    with build_opener().open(request, timeout=PATIENCE_S) as answer:
        assert recorded in answer.read().decode()


def test_a_password_needs_ten_characters_that_are_hard_to_guess(person: Callable[..., Person]) -> None:
    assert "at least 10 characters" in person().sign_up("a@example.com", "short").page
    assert "too common" in person().sign_up("b@example.com", "1234567890").page
    assert "too similar" in person().sign_up("somebodylong@example.com", "somebodylong").page


def test_attempts_to_sign_in_are_limited_also_for_the_right_password(person: Callable[..., Person]) -> None:
    person().sign_up("guessed@example.com")
    guesser = person()
    for number in range(5):
        assert "not correct" in guesser.sign_in("guessed@example.com", f"wrong guess {number}").page
    assert "Too many failed login attempts" in guesser.sign_in("guessed@example.com").page


def test_an_attempt_that_no_longer_counts_is_dropped_with_the_next_one(
    person: Callable[..., Person], site: Site
) -> None:
    person().sign_in("nobody@example.com", "wrong guess one")
    with closing(sqlite3.connect(site.folder / "emoweb.sqlite3")) as database:
        counted = {key for (key,) in database.execute("SELECT cache_key FROM emoweb_cache")}
        database.execute("UPDATE emoweb_cache SET expires = '2020-01-01 00:00:00'")
        database.commit()
        person().sign_in("nobody.else@example.com", "wrong guess two")
        query = "SELECT cache_key FROM emoweb_cache WHERE expires < '2021-01-01 00:00:00'"
        assert counted
        assert database.execute(query).fetchall() == []


def test_a_changed_password_signs_everybody_else_out(person: Callable[..., Person]) -> None:
    here, elsewhere = person(), person()
    here.sign_up("changes@example.com")
    elsewhere.sign_in("changes@example.com")
    new = "another horse in the sun"
    changed = here.send("/account/password/change/", oldpassword=PASSWORD, password1=new, password2=new)
    assert changed.path == "/account/"
    assert here.open("/account/").path == "/account/"
    assert elsewhere.open("/account/").path == "/account/login/?next=/account/"
    assert person().sign_in("changes@example.com", new).path == "/history/"


def test_a_forgotten_password_is_reset_with_the_link_from_the_email(
    person: Callable[..., Person], site: Site
) -> None:
    person().sign_up("forgets@example.com")
    somebody = person().send("/account/password/reset/", email="forgets@example.com")
    assert somebody.path == "/account/password/reset/done/"
    link = re.findall(r"http://\S+(/account/password/reset/key/\S+)", site.log.read_text())[-1]
    form = somebody.open(link).path
    new = "a third horse, asleep"
    somebody.send(form, password1=new, password2=new)
    assert somebody.path == "/account/password/reset/key/done/"
    assert person().sign_in("forgets@example.com", new).path == "/history/"
    assert "already used" in person().open(link).page


def test_deleting_the_account_asks_for_the_password_and_deletes_all_of_it(
    person: Callable[..., Person], faces: bytes
) -> None:
    somebody = person()
    somebody.sign_up("leaves@example.com")
    recorded = somebody.stream(faces)
    asked = somebody.open("/account/delete/").path
    assert asked.startswith("/account/reauthenticate/")
    assert "Incorrect password" in somebody.send(asked, password="not this").page
    assert "1 session" in somebody.send(asked, password=PASSWORD, next="/account/delete/").page
    assert somebody.send("/account/delete/").path == "/"
    assert "not correct" in somebody.sign_in("leaves@example.com").page
    somebody.sign_up("leaves@example.com")
    assert recorded not in somebody.sessions()


def test_the_session_cookie_is_http_only(person: Callable[..., Person]) -> None:
    somebody = person()
    before = somebody.open("/").cookie
    somebody.sign_up("cookie@example.com")
    cookie = somebody.cookie_named("sessionid")
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite") == "Lax"
    assert "sessionid" not in before


def test_nobody_signs_in_without_the_forms_token(person: Callable[..., Person]) -> None:
    person().sign_up("token@example.com")
    assert person().open("/").post("/account/login/", login="token@example.com").status == 403


def test_the_pages_are_translated_to_vietnamese(person: Callable[..., Person]) -> None:
    somebody = person(language="vi")
    page = somebody.sign_in("nobody@example.com").page
    assert "Địa chỉ email hoặc mật khẩu không đúng." in page
    assert "quá ngắn. Mật khẩu phải có ít nhất 10 ký tự" in somebody.sign_up("vi@example.com", "short").page


def test_no_log_holds_a_password(person: Callable[..., Person], site: Site) -> None:
    person().sign_up("log@example.com")
    assert PASSWORD not in site.log.read_text()


@pytest.mark.parametrize("path", ["/", "/history/", "/photo/", "/video/", "/account/keys/", "/account/"])
def test_where_accounts_are_required_pages_lead_to_signing_in(closed_site: Site, path: str) -> None:
    assert Person(closed_site.address).open(path).path == f"/account/login/?next={path}"


@pytest.mark.parametrize("path", ["/privacy/", "/models/", "/health", "/api/", "/account/signup/"])
def test_where_accounts_are_required_these_stay_open(closed_site: Site, path: str) -> None:
    stranger = Person(closed_site.address).open(path)
    assert (stranger.path, stranger.status) == (path, 200)


def test_where_accounts_are_required_sockets_and_programs_without_one_are_refused(closed_site: Site) -> None:
    stranger = Person(closed_site.address).open("/privacy/")
    assert "visitor=" in stranger.cookie
    assert refusal_of(closed_site.address, cookie=stranger.cookie) == 403
    for path in ("/api/v1/sessions", "/api/v1/models"):
        assert stranger.open(path).status == 401
    assert stranger.post("/api/v1/analyze").status == 401


def test_where_accounts_are_required_whoever_has_one_streams(closed_site: Site, faces: bytes) -> None:
    somebody = Person(closed_site.address)
    somebody.sign_up("member@example.com")
    recorded = somebody.stream(faces)
    assert somebody.sessions() == [recorded]
    assert somebody.open("/").status == 200


def test_without_accounts_there_are_no_such_pages(tmp_path: Path) -> None:
    with running_site(tmp_path) as running:
        assert Person(running.address).open("/account/login/").status == 404
        assert "/account/login/" not in Person(running.address).open("/").page
