"""One face's probabilities and label over time: calm, and slow to change its mind."""

import math
from dataclasses import dataclass

import numpy as np

from recognition.options import SmoothOptions
from recognition.types import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Steady:
    """What a face shows by now: smoothed probabilities, the number of the steady label, its probability."""

    probabilities: FloatArray
    label: int
    confidence: float
    uncertain: bool


class Smoother:
    """An exponential average that knows how much time passed, and a label with margin and dwell."""

    def __init__(self, options: SmoothOptions | None = None) -> None:
        self._options = options or SmoothOptions()
        self._mean: FloatArray | None = None
        self._at = 0.0
        self._label: int | None = None
        self._rival: int | None = None
        self._rival_since = 0.0

    def update(self, probabilities: FloatArray, at: float) -> Steady:
        """Take one frame's probabilities (labels,) seen `at` seconds."""
        mean = self._blend(probabilities, at)
        label = self._decide(mean, at)
        confidence = float(mean[label])
        return Steady(mean, label, confidence, confidence < self._options.uncertain_below)

    def _blend(self, probabilities: FloatArray, at: float) -> FloatArray:
        if self._mean is None:
            mean = probabilities.astype(np.float32)
        else:
            # Weight of the new frame after dt seconds, so that the frame rate does not change the calm.
            weight = 1 - math.exp(-max(at - self._at, 0.0) / self._options.tau_s)
            mean = np.asarray(self._mean + weight * (probabilities - self._mean), dtype=np.float32)
        self._mean, self._at = mean, at
        return mean

    def _decide(self, mean: FloatArray, at: float) -> int:
        best = int(mean.argmax())
        if self._label is None or best == self._label:
            self._label, self._rival = best if self._label is None else self._label, None
            return self._label
        if mean[best] - mean[self._label] < self._options.margin:
            self._rival = None
        elif best != self._rival:
            self._rival, self._rival_since = best, at
        elif at - self._rival_since >= self._options.dwell_s:
            self._label, self._rival = best, None
        return self._label
