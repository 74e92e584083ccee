"""Accuracy with its confidence interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass as plain_dataclass
from enum import Enum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, StrictBool, TypeAdapter, computed_field
from pydantic.dataclasses import dataclass

from core.data import Inputs, Split
from core.errors import InvalidInput
from core.schema import DEFERRED

Interval = tuple[float, float]
Z_95 = 1.959963984540054  # the normal distribution's 97.5 % point
_ROUNDING = 1e-9  # tolerance for exact values, which have no width


def wilson_interval(correct: int, total: int) -> tuple[float, float]:
    """Returns the 95 % confidence interval of a share, after Wilson.

    Unlike the textbook's normal interval, it stays inside 0..1 and is honest near both ends, where
    good classifiers live.

    Args:
        correct: successes, 0..total.
        total: trials, at least 1.

    Returns:
        Lower and upper end, each in 0..1.

    Source: E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical
    Inference", Journal of the American Statistical Association 22 (1927).
    """
    if total < 1 or not 0 <= correct <= total:
        raise ValueError(f"Expected 0 <= correct <= total. Received: {correct} of {total}")
    share = correct / total
    spread = Z_95**2 / total
    centre = (share + spread / 2) / (1 + spread)
    half = Z_95 * math.sqrt(share * (1 - share) / total + spread / (4 * total)) / (1 + spread)
    return max(0.0, centre - half), min(1.0, centre + half)


def percent(share: float, decimals: int = 2) -> str:
    """Formats a share of 0..1 as a percentage, never rounding up to 100 %."""
    text = f"{share:.{decimals}%}"
    if share < 1 and text.startswith("100"):
        text = f"over {100 - 10**-decimals:.{decimals}f}%"
    return text.replace("%", " %")


@dataclass(frozen=True, config=ConfigDict(serialize_by_alias=True, defer_build=True))
class Accuracy:
    """How many of how many answers were correct, and on which data.

    Args:
        data: description of the test examples.
        correct: the number classified correctly.
        total: the number of examples.
        exhaustive: True if the examples are all that exist, so that no interval is needed.
        best: the accuracy that no classifier can beat on such data, or None where theory does
            not give it.
    """

    data: str
    correct: int
    total: int
    exhaustive: StrictBool = False
    best: float | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.correct <= self.total or self.total < 1:
            raise InvalidInput(f"{self.correct} of {self.total} examples cannot be right.")

    # What is derived stands in JSON as well, for whoever reads it.

    @computed_field(alias="accuracy")  # type: ignore[prop-decorator]
    @property
    def value(self) -> float:
        """The share classified correctly, 0..1."""
        return self.correct / self.total

    @computed_field  # type: ignore[prop-decorator]
    @property
    def low(self) -> float:
        """The lower end of the interval."""
        return self.interval[0]

    @computed_field  # type: ignore[prop-decorator]
    @property
    def high(self) -> float:
        """The upper end of the interval."""
        return self.interval[1]

    @property
    def interval(self) -> Interval:
        """95 % interval of the share; a single point where the examples are exhaustive."""
        if self.exhaustive:
            return self.value, self.value
        return wilson_interval(self.correct, self.total)

    def __str__(self) -> str:
        share = f"{percent(self.value)} of {self.total:,} ({self.data})"
        if self.exhaustive:
            return f"{share}, exactly"
        low, high = self.interval
        if self.best is not None:
            share += f", best possible on average {percent(self.best)}"
        return f"{share}, 95 % interval {percent(low)} to {percent(high)}"


ACCURACY = TypeAdapter(Accuracy)
FIGURES: TypeAdapter[Sequence[Accuracy]] = TypeAdapter(Sequence[Accuracy], config=DEFERRED)


@plain_dataclass(frozen=True)
class ExactAccuracy:
    """The probability of a correct answer where theory gives it: no examples, no interval.

    Args:
        data: what it is computed for, such as "bit flip at 0.15".
        value: 0..1.
        best: the accuracy that no classifier can beat there, 0..1.
    """

    data: str
    value: float
    best: float

    @property
    def interval(self) -> Interval:
        """A single point."""
        return self.value, self.value


def accuracy_of(probabilities: Inputs, split: Split, *, data: str) -> Accuracy:
    """Counts how often the most probable class is the label.

    Args:
        probabilities: float32, shape (n, classes), the answers to the split's examples.
        split: the examples.
        data: description of them.
    """
    return accuracy_of_right(probabilities.argmax(axis=1) == split.y, split, data=data)


def accuracy_of_right(right: NDArray[np.bool_], split: Split, *, data: str) -> Accuracy:
    """Returns the accuracy that answers come to.

    Args:
        right: bool, shape (n,), which of the split's examples are classified correctly.
        split: the examples.
        data: description of them.
    """
    return Accuracy(data, int(right.sum()), len(split), split.exhaustive, split.best_accuracy)


class Measure(Protocol):
    """A share with its 95 % interval, such as an `Accuracy`."""

    @property
    def value(self) -> float: ...  # noqa: D102
    @property
    def interval(self) -> Interval: ...  # noqa: D102


class Change(Enum):
    """How one share compares with another."""

    BETTER = "better"  # the intervals do not overlap
    PERHAPS_BETTER = "perhaps better"  # they overlap, so it may be chance
    SAME = "same"
    PERHAPS_WORSE = "perhaps worse"
    WORSE = "worse"

    @property
    def clear(self) -> bool:
        """Whether the two are clearly different."""
        return self in (Change.BETTER, Change.WORSE)


def apart(one: Interval, other: Interval) -> bool:
    """Returns whether two intervals do not overlap."""
    return one[0] > other[1] + _ROUNDING or other[0] > one[1] + _ROUNDING


def change(before: Measure, after: Measure) -> Change:
    """Returns how a share compares with the one before.

    The two are clearly different only if their intervals do not overlap. If both were measured on
    the same examples, that is conservative.
    """
    gained = after.value - before.value
    if abs(gained) < _ROUNDING:
        return Change.SAME
    if apart(before.interval, after.interval):
        return Change.BETTER if gained > 0 else Change.WORSE
    return Change.PERHAPS_BETTER if gained > 0 else Change.PERHAPS_WORSE
