"""The votes of FER+'s ten raters per image, and the majority label (Barsoum et al. 2016, section 3)."""

import numpy as np
import numpy.typing as npt

from recognition.models.tasks import LABEL_SETS

LABELS = LABEL_SETS["ferplus8"]
# FER+'s columns in the order of `ferplus8`; its columns unknown and NF (not a face) name no expression.
VOTE_COLUMNS = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt")
COUNT_COLUMNS = (*VOTE_COLUMNS, "unknown", "NF")
NO_MAJORITY = -1
OUTLIER_VOTES = 1  # a label that one rater alone gave counts as a slip


def majority_labels(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Number into `ferplus8` of each row's majority (n,), or NO_MAJORITY; `counts`: votes (n, 10).

    As the authors' program decides: single votes are dropped, then a label needs more than half of what is
    left, and must be an expression, not unknown or "no face".
    """
    votes = np.where(counts > OUTLIER_VOTES, counts, 0)
    winners = votes.argmax(axis=1)
    clear = (2 * votes.max(axis=1) > votes.sum(axis=1)) & (winners < len(LABELS))
    return np.where(clear, winners, NO_MAJORITY).astype(np.int64)
