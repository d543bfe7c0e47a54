"""Which of a model's labels a session shows: samples keep them all, a label set is a view of them."""

from __future__ import annotations

from emoweb.history.models import Session
from recognition import LABEL_SETS


def shown_labels(session: Session) -> tuple[list[str], list[int]]:
    """Return the labels of the session's label set and their places in its probabilities.

    A label set that is not known here, or does not fit the model, gives all of the model's labels.
    """
    labels = LABEL_SETS.get(session.label_set, ())
    if not labels or not set(labels) <= set(session.labels):
        labels = session.labels
    return list(labels), [session.labels.index(label) for label in labels]
