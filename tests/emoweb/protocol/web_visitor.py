"""A visitor over plain HTTP: cookies, the forms' token, images and videos uploaded as the pages do."""

from __future__ import annotations

import json
import re
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

PATIENCE_S = 60


class WebVisitor:
    """A visitor who uploads images and videos; responses are JSON, errors too."""

    def __init__(self, base: str, language: str = "en") -> None:
        """Visit the videos page, which sets the cookies and contains the CSRF token."""
        self.base = base
        self._jar = CookieJar()
        self._opener = build_opener(HTTPCookieProcessor(self._jar))
        self._headers = {"Accept-Language": language, "Origin": base}
        page = self._opener.open(f"{base}/video/", timeout=PATIENCE_S).read().decode()
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert found, "the page has no form"
        self._headers["X-CSRFToken"] = found[1]

    @property
    def cookie(self) -> str:
        """The cookie that says who this is, as a header's value."""
        return next(f"visitor={cookie.value}" for cookie in self._jar if cookie.name == "visitor")

    def post_form(self, path: str, **fields: str) -> str:
        """Send a page's form and return the page that follows."""
        headers = {**self._headers, "Content-Type": "application/x-www-form-urlencoded"}
        request = Request(self.base + path, data=urlencode(fields).encode(), headers=headers)
        with self._opener.open(request, timeout=PATIENCE_S) as answer:
            page: str = answer.read().decode()
        return page

    def post(self, path: str, body: bytes, content_type: str = "application/octet-stream") -> Any:
        """Post a body and return what is answered."""
        headers = {**self._headers, "Content-Type": content_type}
        request = Request(self.base + path, data=body, headers=headers)
        try:
            with self._opener.open(request, timeout=PATIENCE_S) as answer:
                return json.load(answer)
        except HTTPError as refusal:
            return json.load(refusal)

    def get(self, path: str) -> Any:
        """Return what an address answers."""
        with self._opener.open(self.base + path, timeout=PATIENCE_S) as answer:
            return json.load(answer)

    def upload_video(self, video: Path, stride: int = 5) -> Any:
        """Upload a video as the page's script does and return the last response, or the first error."""
        data = video.read_bytes()
        options = {"size": len(data), "name": video.name, "stride": stride, "quality": "balanced"}
        place = self.post(
            "/video/announce/", urlencode(options).encode(), "application/x-www-form-urlencoded"
        )
        if "error" in place:
            return place
        for offset in range(0, len(data), place["part_bytes"]):
            part = data[offset : offset + place["part_bytes"]]
            taken = self.post(f"{place['part']}?offset={offset}", part)
            if "error" in taken:
                return taken
        return {**place, **self.post(place["complete"], b"")}
