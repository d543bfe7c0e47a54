"""The API's response types; the OpenAPI document is generated from them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from ninja import Schema
from pydantic import Field

Fraction = Annotated[float, Field(ge=0, le=1)]
Probabilities = Annotated[dict[str, Fraction], Field(description="By label; together 1.")]


class ErrorDetail(Schema):
    """An error: a code for programs, a message for people."""

    code: str
    message: str


class Error(Schema):
    """Every error has this form."""

    error: ErrorDetail


class FoundFace(Schema):
    """A face in an image."""

    box: Annotated[list[float], Field(min_length=4, max_length=4, description="x, y, width, height: 0 to 1")]
    score: Annotated[Fraction, Field(description="The detector's confidence that this is a face.")]
    label: str
    confidence: Fraction
    probabilities: Probabilities
    uncertain: Annotated[bool, Field(description="The confidence is below the model's threshold.")] = False


class WholePicture(Schema):
    """The result for an image as a whole: hand signs, scenes, places."""

    label: str
    confidence: Fraction
    uncertain: bool
    probabilities: Probabilities


class Analysis(Schema):
    """An image's results; `picture` is only present for models of complete images."""

    file: str | None
    width: int
    height: int
    faces: Annotated[list[FoundFace], Field(description="By falling score.")]
    picture: WholePicture | None = None
    detail: Annotated[
        str | None, Field(description="The pass that found the faces: fast, auto (reduced) or full.")
    ] = None
    notes: Annotated[
        list[str] | None,
        Field(
            description="first_frame, padded, turned_90, turned_180, turned_270: only where there are any."
        ),
    ] = None


class Model(Schema):
    """A model that is served."""

    name: str
    title: str
    task: str
    label_sets: list[str]


class Models(Schema):
    """All models that are served, each task's default first."""

    models: list[Model]


class SessionFields(Schema):
    """A recorded session."""

    id: UUID
    title: str
    started: datetime
    ended: datetime | None
    model: str
    label_set: str
    labels: list[str]
    frames: int
    drops: dict[str, int]


class Sessions(Schema):
    """A page of the owner's sessions, newest first; `total` counts all of them."""

    sessions: list[SessionFields]
    total: int


class SampleFields(Schema):
    """The mean of one face's results within one second."""

    second: int
    face: int
    label: str
    confidence: Fraction
    n: int
    probabilities: dict[str, float]
    uncertain: bool


class SessionWithSamples(Schema):
    """A session and all its samples, as the history's JSON export has them."""

    session: SessionFields
    samples: list[SampleFields]
