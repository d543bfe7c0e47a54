"""Somebody with an account, or without one, at a browser without scripts."""

from __future__ import annotations

import re
from http.cookiejar import Cookie, CookieJar
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

from tests.emoweb.protocol.client import Client, fetch_json

PASSWORD = "a horse in the rain"
PATIENCE_S = 60


class Person:
    """Somebody at a browser without scripts: cookies, pages and forms."""

    def __init__(self, base: str, language: str = "en", cookies: str = "") -> None:
        """Open the browser; `cookies` are those that it kept from before, as a header's value."""
        self.base, self.page, self.status, self.path = base, "", 0, ""
        self._jar = CookieJar()
        for name, _, value in (cookie.partition("=") for cookie in cookies.split("; ") if cookie):
            self._jar.set_cookie(_cookie(name, value))
        self._opener = build_opener(HTTPCookieProcessor(self._jar))
        self._headers = {"Accept-Language": language, "Origin": base}

    @property
    def cookie(self) -> str:
        """All cookies, as a header's value."""
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self._jar)

    def cookie_named(self, name: str) -> Any:
        """One cookie; raises StopIteration where there is none."""
        return next(cookie for cookie in self._jar if cookie.name == name)

    def open(self, path: str) -> Person:
        """Open a page."""
        return self._ask(Request(self.base + path, headers=self._headers))

    def send(self, path: str, **fields: str) -> Person:
        """Open a page and send its form."""
        return self.open(path).answer(path, **fields)

    def answer(self, path: str, **fields: str) -> Person:
        """Send a form of the page that is open."""
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.page)
        assert token, f"{self.path} has no form: {self.page}"
        return self.post(path, csrfmiddlewaretoken=token[1], **fields)

    def post(self, path: str, **fields: str) -> Person:
        """Send a form without opening its page."""
        return self._ask(Request(self.base + path, urlencode(fields).encode(), self._headers))

    def sign_up(self, email: str, password: str = PASSWORD) -> Person:
        """Create an account."""
        return self.send("/account/signup/", email=email, password1=password, password2=password)

    def sign_in(self, email: str, password: str = PASSWORD) -> Person:
        """Sign in."""
        return self.send("/account/login/", login=email, password=password)

    def stream(self, picture: bytes, frames: int = 12) -> str:
        """Show some frames on the live page; return the session's id."""
        client = Client(self.base, cookie=self.cookie)
        welcome = client.hello()
        for seq in range(1, frames + 1):
            client.ask(seq, picture)
        client.say("bye")
        client.closed()
        return str(welcome["session"])

    def sessions(self) -> list[str]:
        """The ids of this person's sessions, by the API with their cookies."""
        answer = fetch_json(self.base, "/api/v1/sessions", self.cookie)
        return [session["id"] for session in answer["sessions"]]

    def _ask(self, request: Request) -> Person:
        try:
            with self._opener.open(request, timeout=PATIENCE_S) as answer:
                self.page, self.status, url = answer.read().decode(), answer.status, answer.url
        except HTTPError as refusal:
            self.page, self.status, url = refusal.read().decode(), refusal.code, refusal.url
        self.path = url.removeprefix(self.base)
        return self


def _cookie(name: str, value: str) -> Cookie:
    """Return a cookie of this machine that the browser keeps until it is closed."""
    here = ("127.0.0.1", False, False, "/", True)
    return Cookie(0, name, value, None, False, *here, False, None, True, None, None, {})
