"""Whether confidence can be trusted: of the answers given with 80 %, are 80 % right?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.data import Labels
from core.metrics.accuracy import wilson_interval

BINS = 15  # of equal width
SMALL_ERROR = 0.01  # a calibration error below this is negligible
# "mixed" is too high in some ranges and too low in others, and neither prevails.
Tendency = Literal["calibrated", "mixed", "overconfident", "underconfident"]


@dataclass(frozen=True)
class ReliabilityBin:
    """The answers whose confidence lies in one range.

    Args:
        low: lower end of the range, 0..1.
        high: upper end.
        confidence: their mean confidence.
        correct: how many of them are correct.
        total: how many there are, at least 1.
    """

    low: float
    high: float
    confidence: float
    correct: int
    total: int

    @property
    def accuracy(self) -> float:
        """The share that is correct, 0..1."""
        return self.correct / self.total

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of that share."""
        return wilson_interval(self.correct, self.total)

    @property
    def gap(self) -> float:
        """Confidence minus accuracy: above 0 if overconfident, below if underconfident."""
        return self.confidence - self.accuracy


def reliability(probabilities: NDArray[np.float32], y: Labels) -> tuple[ReliabilityBin, ...]:
    """Sorts answers by confidence into 15 ranges of equal width.

    Args:
        probabilities: float32, shape (n, classes), the answers.
        y: int64, shape (n,), the labels.

    Returns:
        The ranges that have answers, the lowest first.
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
    """Returns the expected calibration error: how far confidence is from accuracy, 0..1.

    It is the mean absolute gap over the ranges of `reliability`, weighted by their answers. M. P.
    Naeini, G. Cooper and M. Hauskrecht (2015), "Obtaining Well Calibrated Probabilities Using
    Bayesian Binning".

    Args:
        probabilities: float32, shape (n, classes), the answers.
        y: int64, shape (n,), the labels.
    """
    return sum(each.total * abs(each.gap) for each in reliability(probabilities, y)) / len(y)


def tendency(bins: Sequence[ReliabilityBin], error: float) -> Tendency:
    """Returns whether a network is overconfident or underconfident.

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
