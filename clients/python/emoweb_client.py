"""A typed client of emoweb's REST API: one file, the standard library alone, to copy where it is needed.

client = Client("https://expressions.example.org", key="emo_...")
for face in client.analyze(Path("picture.jpg").read_bytes()).faces:
    print(face.label, face.confidence)
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from http.client import HTTPMessage
from typing import Any, TypeVar
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

T = TypeVar("T")


class ApiError(Exception):
    """The site's refusal: HTTP status, code, and `retry_after_s` where it says when to ask again."""

    def __init__(self, status: int, code: str, message: str, retry_after_s: int | None = None) -> None:
        super().__init__(f"{message} ({status} {code})")
        self.status = status
        self.code = code
        self.message = message
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, slots=True)
class Face:
    """A face; its box is x, y, width, height in fractions of the image."""

    box: tuple[float, float, float, float]
    score: float
    label: str
    confidence: float
    probabilities: dict[str, float]
    uncertain: bool = False


@dataclass(frozen=True, slots=True)
class Analysis:
    """What an image shows; `picture` only from models of complete images."""

    file: str | None
    width: int
    height: int
    faces: tuple[Face, ...]
    picture: dict[str, Any] | None
    detail: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Model:
    """A model that `analyze` takes."""

    name: str
    title: str
    task: str
    label_sets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Session:
    """A recorded session; the moments are ISO 8601 in UTC."""

    id: str
    title: str
    started: str
    ended: str | None
    model: str
    label_set: str
    labels: tuple[str, ...]
    frames: int
    drops: dict[str, int]


@dataclass(frozen=True, slots=True)
class Sample:
    """One second of one face."""

    second: int
    face: int
    label: str
    confidence: float
    n: int
    probabilities: dict[str, float]
    uncertain: bool = False


class Client:
    """One site, seen with a key or without; each call raises ApiError where the site refuses."""

    def __init__(self, site: str, key: str | None = None, timeout_s: float = 60.0) -> None:
        """Take the site's address, such as http://127.0.0.1:8000; no request is sent yet."""
        self._base = site.rstrip("/") + "/api/v1/"
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._timeout_s = timeout_s

    def analyze(
        self,
        picture: bytes,
        model: str | None = None,
        label_set: str | None = None,
        detail: str | None = None,
    ) -> Analysis:
        """Name what an image shows; `detail`: auto, fast or full."""
        query = {"model": model, "label_set": label_set, "detail": detail}
        found = self._ask("analyze", query, picture)
        faces = tuple(_read(Face, {**face, "box": tuple(face["box"])}) for face in found["faces"])
        notes = tuple(found.get("notes", ()))
        size = (found["width"], found["height"])
        return Analysis(found["file"], *size, faces, found.get("picture"), found.get("detail"), notes)

    def models(self) -> list[Model]:
        """List the models."""
        listed = self._ask("models", {})["models"]
        return [_read(Model, {**model, "label_sets": tuple(model["label_sets"])}) for model in listed]

    def sessions(self, limit: int = 100, offset: int = 0) -> list[Session]:
        """List the key's owner's sessions, the newest first."""
        listed = self._ask("sessions", {"limit": str(limit), "offset": str(offset)})["sessions"]
        return [_session(fields) for fields in listed]

    def session(self, session_id: str) -> tuple[Session, list[Sample]]:
        """Read a session and its samples."""
        found = self._ask(f"sessions/{quote(session_id, safe='')}", {})
        return _session(found["session"]), [_read(Sample, sample) for sample in found["samples"]]

    def _ask(self, path: str, query: Mapping[str, str | None], body: bytes | None = None) -> Any:
        given = {name: value for name, value in query.items() if value is not None}
        address = self._base + path + (f"?{urlencode(given)}" if given else "")
        # The image's bytes tell its format; without this, urllib would call it a form.
        headers = {**self._headers, **({"Content-Type": "application/octet-stream"} if body else {})}
        # The address is the caller's own.
        request = Request(address, data=body, headers=headers)  # noqa: S310
        try:
            with urlopen(request, timeout=self._timeout_s) as response:  # noqa: S310
                return json.load(response)
        except HTTPError as error:
            raise _refusal(error.code, error.headers, error.read()) from error


def _session(found: dict[str, Any]) -> Session:
    return _read(Session, {**found, "labels": tuple(found["labels"])})


def _read(kind: type[T], found: dict[str, Any]) -> T:
    """Make a value of the fields that this client knows; a newer site may send more."""
    known = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    return kind(**{name: value for name, value in found.items() if name in known})


def _refusal(status: int, headers: HTTPMessage, body: bytes) -> ApiError:
    retry = headers.get("Retry-After")
    retry_after_s = int(retry) if retry and retry.isdigit() else None
    try:
        error = json.loads(body)["error"]
        return ApiError(status, error["code"], error["message"], retry_after_s)
    except (ValueError, KeyError, TypeError):
        return ApiError(status, "no_json", "The answer is not of emoweb's API.", retry_after_s)
