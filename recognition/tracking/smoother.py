"""One face's probabilities and label over time: stable, and never contradicting each other."""

import math
from dataclasses import dataclass

import numpy as np

from recognition.options import SmoothOptions
from recognition.types import FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Steady:
    """A face's answer at one frame: smoothed probabilities, the position of the leading one, its value.

    Where `uncertain` is false, the label leads with at least the required confidence, and has led for long
    enough to be named.
    """

    probabilities: FloatArray
    label: int
    confidence: float
    uncertain: bool


class Smoother:
    """An exponential average over time, and how long its leading label has led.

    Everything is counted in seconds: a frame stands for the time since the frame before it. With frames
    further apart than `dwell_s` a single one is enough, and the first frame of all always is.
    """

    def __init__(self, options: SmoothOptions | None = None) -> None:
        self._options = options or SmoothOptions()
        self._mean: FloatArray = np.zeros(1, np.float32)
        self._at = -math.inf
        self._label: int | None = None
        self._led_s = 0.0
        self._named = False

    def update(self, probabilities: FloatArray, at: float) -> Steady:
        """Return the answer after one frame's probabilities (labels,), seen `at` seconds.

        A time before the latest one counts as the latest: no time has passed.
        """
        elapsed_s = max(at - self._at, 0.0)
        self._at = max(at, self._at)
        mean = self._blend(probabilities, elapsed_s)
        label = int(mean.argmax())
        confidence = float(mean[label])
        reached = confidence >= self._options.uncertain_below
        self._count(label, _lead(mean, label), reached, elapsed_s)
        named = reached and self._led_s >= self._options.dwell_s
        self._named |= named
        return Steady(mean, label, confidence, uncertain=not named)

    def _blend(self, probabilities: FloatArray, elapsed_s: float) -> FloatArray:
        # The weight follows the elapsed time, so that the frame rate does not change how calm the mean is.
        weight = 1 - math.exp(-elapsed_s / self._options.tau_s)
        self._mean = np.asarray(self._mean + weight * (probabilities - self._mean), dtype=np.float32)
        return self._mean

    def _count(self, label: int, lead: float, reached: bool, elapsed_s: float) -> None:
        """Add the elapsed time to what the label has led for; start again where the label is another one.

        Also start again where a named label falls below the required confidence: around it, the noise of
        single frames would name and withdraw the label many times a second.
        """
        if label != self._label:
            self._label, self._led_s, self._named = label, 0.0, False
        if self._named and not reached:
            self._led_s = 0.0
        elif lead > 0:
            # A narrow lead takes longer: near a tie the noise would decide, too.
            self._led_s += elapsed_s * min(lead / self._options.margin, 1.0)


def _lead(mean: FloatArray, label: int) -> float:
    """Return how far the label is ahead of every other one; 0 at a tie."""
    others = mean.copy()
    others[label] = 0.0
    return float(mean[label]) - float(others.max())
