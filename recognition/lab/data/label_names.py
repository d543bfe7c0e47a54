"""Maps a folder's name to a label: other case, synonyms of an expression, FER2013's numbers."""

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from recognition.models.tasks import LABEL_SETS

# What data sets call the expressions of `LABEL_SETS`.
EXPRESSION_WORDS = {
    "angry": ("anger",),
    "disgust": ("disgusted",),
    "fear": ("fearful", "afraid", "scared"),
    "happy": ("happiness", "joy"),
    "sad": ("sadness",),
    "surprise": ("surprised",),
    "neutral": ("neutrality",),
    "contempt": ("contemptuous",),
}
_EXPRESSIONS = {word: label for label, words in EXPRESSION_WORDS.items() for word in (label, *words)}
FER2013_NUMBERS = {str(number): label for number, label in enumerate(LABEL_SETS["fer7"])}


@dataclass(frozen=True)
class LabelNames:
    """The labels, what each folder's name means (`label_of` lacks names of no label), and notes on it."""

    labels: tuple[str, ...]
    label_of: dict[str, str]
    notes: tuple[str, ...] = ()


def name_labels(names: Collection[str], labels: Sequence[str]) -> LabelNames:
    """Return what folders of these names mean in `labels`.

    A name means the label that it equals, or else the only one that differs in case, in spaces, hyphens and
    underscores, or as words for an expression do. The names 0 to 6, all of them, are FER2013's expressions.
    """
    known = _by_key(labels)
    found = {name: name if name in labels else known.get(_key(name), "") for name in names}
    label_of = {name: label for name, label in found.items() if label}
    if not label_of and set(names) == set(FER2013_NUMBERS):
        label_of = {name: known[word] for name, word in FER2013_NUMBERS.items() if word in known}
        order = ", ".join(f"{number} {word}" for number, word in FER2013_NUMBERS.items())
        notes = (f"the label folders 0 to 6 are read in FER2013's order: {order}",) if label_of else ()
        return LabelNames(tuple(labels), label_of, notes)
    renamed = [f"{name} as {label}" for name, label in sorted(label_of.items()) if name != label]
    notes = (f"label folders are read under another name: {', '.join(renamed)}",) if renamed else ()
    return LabelNames(tuple(labels), label_of, notes)


def labels_of_folders(names: Sequence[str]) -> tuple[str, ...]:
    """Return the labels where only folders name them: the names, or the expressions that all of them mean."""
    expressions = [_EXPRESSIONS.get(_key(name), "") for name in names]
    return tuple(expressions if all(expressions) and len(set(expressions)) == len(names) else names)


def _by_key(labels: Sequence[str]) -> dict[str, str]:
    """Return the labels by their keys, without those that share one: which is meant would be a guess."""
    count = Counter(map(_key, labels))
    return {_key(label): label for label in labels if count[_key(label)] == 1}


def _key(name: str) -> str:
    # A Mac writes the accent of a letter as a character of its own.
    words = re.sub(r"[\s_-]+", " ", unicodedata.normalize("NFKC", name).casefold()).strip()
    return _EXPRESSIONS.get(words, words)
