"""Examples to copy, in three languages, with the site's own address."""

from __future__ import annotations

from dataclasses import dataclass
from string import Template
from typing import Final


@dataclass(frozen=True, slots=True)
class Example:
    """One language's way to do one thing."""

    language: str
    code: str


_ANALYZE: Final = {
    "curl": "curl --data-binary @image.jpg '$site/api/v1/analyze'",
    "Python": """\
import json
from pathlib import Path
from urllib.request import Request, urlopen

picture = Path("image.jpg").read_bytes()
request = Request("$site/api/v1/analyze", picture, {"Content-Type": "image/jpeg"})
for face in json.load(urlopen(request))["faces"]:
    print(face["label"], face["confidence"])""",
    "JavaScript": """\
const body = document.querySelector("input[type=file]").files[0];
const response = await fetch("$site/api/v1/analyze", {
  method: "POST",
  headers: { "Content-Type": body.type },
  body,
});
const { faces } = await response.json();
console.log(faces.map((face) => face.label));""",
}
_SESSIONS: Final = {
    "curl": "curl -H 'Authorization: Bearer YOUR_KEY' '$site/api/v1/sessions'",
    "Python": """\
import json
from urllib.request import Request, urlopen

request = Request("$site/api/v1/sessions", headers={"Authorization": "Bearer YOUR_KEY"})
for session in json.load(urlopen(request))["sessions"]:
    print(session["id"], session["started"])""",
    "JavaScript": """\
const response = await fetch("$site/api/v1/sessions", {
  headers: { Authorization: "Bearer YOUR_KEY" },
});
const { sessions } = await response.json();
console.log(sessions.map((session) => session.started));""",
}


def examples(site: str) -> dict[str, list[Example]]:
    """Return the examples of `analyze` and `sessions`; `site` is such as https://example.org."""
    return {"analyze": _filled(_ANALYZE, site), "sessions": _filled(_SESSIONS, site)}


def _filled(codes: dict[str, str], site: str) -> list[Example]:
    return [Example(language, Template(code).substitute(site=site)) for language, code in codes.items()]
