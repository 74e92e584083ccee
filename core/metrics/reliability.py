"""Whether confidence can be trusted: of what a network is 80 % sure of, are 80 % right?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.data import Labels
from core.metrics.accuracy import wilson_interval

BINS = 15  # of equal width
SMALL_ERROR = 0.01  # a calibration error below it is as good as none
# "mixed" is too high here and too low there, so that neither prevails.
Tendency = Literal["calibrated", "mixed", "overconfident", "underconfident"]


@dataclass(frozen=True)
class ReliabilityBin:
    """The answers whose confidence lies in one range.

    Args:
        low: where the range begins, 0..1.
        high: where it ends.
        confidence: their mean confidence.
        correct: how many of them are right.
        total: how many there are, at least 1.
    """

    low: float
    high: float
    confidence: float
    correct: int
    total: int

    @property
    def accuracy(self) -> float:
        """The share that is right, 0..1."""
        return self.correct / self.total

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of that share."""
        return wilson_interval(self.correct, self.total)

    @property
    def gap(self) -> float:
        """By how much it promises more than it keeps; negative where it keeps more."""
        return self.confidence - self.accuracy


def reliability(probabilities: NDArray[np.float32], y: Labels) -> tuple[ReliabilityBin, ...]:
    """Sorts answers by confidence into 15 ranges of equal width.

    Args:
        probabilities: float32, shape (n, classes), the answers.
        y: int64, shape (n,), the labels.

    Returns:
        The ranges in which there are answers, the lowest first.
    """
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == y
    places = np.minimum((confidence * BINS).astype(int), BINS - 1)
    return tuple(
        ReliabilityBin(
            place / BINS,
            (place + 1) / BINS,
            float(confidence[places == place].mean(dtype=np.float64)),
            int(right[places == place].sum()),
            int((places == place).sum()),
        )
        for place in np.unique(places).tolist()
    )


def calibration_error(probabilities: NDArray[np.float32], y: Labels) -> float:
    """Returns how far confidence and accuracy lie apart: the expected calibration error, 0..1.

    It is the mean size of the gaps in the ranges of `reliability`, each weighed by its answers.
    M. P. Naeini, G. Cooper and M. Hauskrecht (2015), "Obtaining Well Calibrated Probabilities
    Using Bayesian Binning".

    Args:
        probabilities: float32, shape (n, classes), the answers.
        y: int64, shape (n,), the labels.
    """
    return sum(each.total * abs(each.gap) for each in reliability(probabilities, y)) / len(y)


def tendency(bins: Sequence[ReliabilityBin], error: float) -> Tendency:
    """Returns whether a network is too sure of itself, or not sure enough.

    Args:
        bins: what `reliability` returned.
        error: the calibration error, 0..1.
    """
    total = sum(each.total for each in bins)
    gap = sum(each.gap * each.total for each in bins) / total
    if error < SMALL_ERROR:
        return "calibrated"
    if abs(gap) < error / 2:
        return "mixed"
    return "overconfident" if gap > 0 else "underconfident"
