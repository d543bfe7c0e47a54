"""What an image shows: logits named by a model's card."""

from collections.abc import Sequence
from typing import Any

from recognition.errors import LabelSetUnknown
from recognition.models.cards import Card
from recognition.models.labels import label_positions, restrict
from recognition.results import Face, Prediction, Result
from recognition.types import Box, FloatArray, FrameResult, ImageAnswer


def resolve_label_set(card: Card, label_set: str | None) -> str:
    """Return the label set to answer in, the card's own for None; raise LabelSetUnknown."""
    if label_set is None:
        return card.label_sets[0]
    if label_set not in card.label_sets:
        known = ", ".join(card.label_sets)
        raise LabelSetUnknown(f"{card.name} has no label set {label_set!r}; choose one of {known}.")
    return label_set


def answer_image(logits: FloatArray, card: Card) -> ImageAnswer:
    """Name a whole image by a model's logits (labels,)."""
    head = card.heads[0]
    probabilities = head.probabilities(logits)
    best = int(probabilities.argmax())
    confidence = float(probabilities[best])
    uncertain = confidence < head.uncertain_below
    return ImageAnswer(card.labels[best], confidence, uncertain, tuple(probabilities.tolist()))


def name_result(
    file: str | None, result: FrameResult, card: Card, label_set: str, notes: Sequence[str] = ()
) -> Result:
    """Return what one image shows in a label set; `notes` of the file go before those of the result."""
    labels = card.labels_of(label_set)
    picture = result.picture
    # An engine of an earlier version makes one pass and does not say so.
    detail = (result.detail or "fast") if picture is None else None
    return Result(
        file=file,
        width=result.width,
        height=result.height,
        model=card.name,
        label_set=label_set,
        labels=labels,
        faces=() if picture else _named_faces(result, card, labels),
        answer=as_prediction(picture, labels) if picture else None,
        detail=detail,
        notes=(*notes, *result.notes),
    )


def describe_result(
    file: str | None, result: FrameResult, card: Card, label_set: str, notes: Sequence[str] = ()
) -> dict[str, Any]:
    """Return what one image shows as the object that `predict --json` and the API print."""
    return {**name_result(file, result, card, label_set, notes).to_dict()}


def as_prediction(answer: ImageAnswer, labels: Sequence[str]) -> Prediction:
    """Return an answer with its probabilities by label; they are in the order of `labels`."""
    return Prediction(
        label=answer.label,
        confidence=answer.confidence,
        uncertain=answer.uncertain,
        probabilities=dict(zip(labels, answer.probabilities, strict=True)),
    )


def pixel_box(box: Box, width: int, height: int) -> tuple[float, float, float, float]:
    """Return a box's left, top, right and bottom in pixels of a width x height image, within it."""
    right, bottom = min(box.x + box.w, 1.0), min(box.y + box.h, 1.0)
    return box.x * width, box.y * height, right * width, bottom * height


def _named_faces(result: FrameResult, card: Card, labels: Sequence[str]) -> tuple[Face, ...]:
    head = card.head(labels)
    positions = label_positions(head.labels, labels)
    faces = []
    for face in sorted(result.faces, key=lambda face: -face.score):
        probabilities = restrict(head.probabilities(face.logits), positions)
        best = int(probabilities.argmax())
        confidence = float(probabilities[best])
        faces.append(
            Face(
                box_xyxy=pixel_box(face.box, result.width, result.height),
                box=face.box,
                score=face.score,
                label=labels[best],
                confidence=confidence,
                uncertain=confidence < head.uncertain_below,
                probabilities=dict(zip(labels, probabilities.tolist(), strict=True)),
            )
        )
    return tuple(faces)
