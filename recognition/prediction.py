"""What a picture shows, as the plain values that `predict` and the API print."""

from typing import Any

from recognition.cards import Card
from recognition.errors import LabelSetUnknown
from recognition.labels import LABEL_SETS, label_positions, restrict, softmax
from recognition.types import FrameResult


def resolve_label_set(card: Card, label_set: str | None) -> str:
    """Give the label set to answer in, the card's own for None; raise LabelSetUnknown."""
    if label_set is None:
        return card.label_sets[0]
    if label_set not in card.label_sets:
        known = ", ".join(card.label_sets)
        raise LabelSetUnknown(f"{card.name} has no label set {label_set!r}; choose one of {known}.")
    return label_set


def describe_picture(file: str | None, result: FrameResult, card: Card, label_set: str) -> dict[str, Any]:
    """Give `{file, width, height, faces}`; boxes in fractions of the picture, probabilities by label."""
    labels = LABEL_SETS.get(label_set, card.labels)
    positions = label_positions(card.labels, labels)
    faces = []
    for face in sorted(result.faces, key=lambda face: -face.score):
        probabilities = restrict(softmax(face.logits, card.temperature), positions)
        best = int(probabilities.argmax())
        faces.append(
            {
                "box": [face.box.x, face.box.y, face.box.w, face.box.h],
                "score": face.score,
                "label": labels[best],
                "confidence": float(probabilities[best]),
                "probabilities": dict(zip(labels, probabilities.tolist(), strict=True)),
            }
        )
    return {"file": file, "width": result.width, "height": result.height, "faces": faces}
