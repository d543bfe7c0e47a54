"""The former place of what is now in `recognition.data.split`."""

from collections.abc import Sequence

from recognition.data.labelled import LabelledImages
from recognition.data.split import Split, read_split

__all__ = ["Split", "read_split", "select_labels"]


def select_labels(name: str, data: LabelledImages, labels: Sequence[str]) -> Split:
    """Keep the pictures of `labels`, renumbered in their order, and count the others."""
    return Split(name, *data.in_labels(labels))
