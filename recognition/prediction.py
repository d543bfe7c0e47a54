"""What an image shows, as the plain values that `predict` and the API print."""

from collections.abc import Sequence
from typing import Any

from recognition.errors import LabelSetUnknown
from recognition.models.cards import Card
from recognition.models.labels import label_positions, restrict
from recognition.types import FloatArray, FrameResult, ImageAnswer


def resolve_label_set(card: Card, label_set: str | None) -> str:
    """Give the label set to answer in, the card's own for None; raise LabelSetUnknown."""
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


def describe_result(
    file: str | None, result: FrameResult, card: Card, label_set: str, notes: Sequence[str] = ()
) -> dict[str, Any]:
    """Give `{file, width, height, faces, detail}`; boxes in fractions of the image, probabilities by label.

    A whole-image model gives no faces, and `picture` in place of `detail`. `notes`, where
    there are any: those given, of the file, and the result's own.
    """
    described = {"file": file, "width": result.width, "height": result.height}
    noted = {"notes": [*notes, *result.notes]} if notes or result.notes else {}
    if result.picture is not None:
        return {**described, "faces": [], "picture": _described_answer(result.picture, card), **noted}
    faces = _described_faces(result, card, label_set)
    # An engine of an earlier version makes one pass and does not say so.
    return {**described, "faces": faces, "detail": result.detail or "fast", **noted}


def _described_answer(answer: ImageAnswer, card: Card) -> dict[str, Any]:
    return {
        "label": answer.label,
        "confidence": answer.confidence,
        "uncertain": answer.uncertain,
        "probabilities": dict(zip(card.labels, answer.probabilities, strict=True)),
    }


def _described_faces(result: FrameResult, card: Card, label_set: str) -> list[dict[str, Any]]:
    labels = card.labels_of(label_set)
    head = card.head(labels)
    positions = label_positions(head.labels, labels)
    faces = []
    for face in sorted(result.faces, key=lambda face: -face.score):
        probabilities = restrict(head.probabilities(face.logits), positions)
        best = int(probabilities.argmax())
        faces.append(
            {
                "box": [face.box.x, face.box.y, face.box.w, face.box.h],
                "score": face.score,
                "label": labels[best],
                "confidence": float(probabilities[best]),
                "probabilities": dict(zip(labels, probabilities.tolist(), strict=True)),
                "uncertain": float(probabilities[best]) < head.uncertain_below,
            }
        )
    return faces
