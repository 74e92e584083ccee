"""Two networks on the same examples: is one of them better, or was it chance?

Examples that both classified correctly, or both wrongly, say nothing about which is better.
McNemar's test looks only at the rest: if both were equally good, each example on which only one is
right would be a coin toss.

Sources: Q. McNemar, "Note on the Sampling Error of the Difference between Correlated Proportions or
Percentages", Psychometrika 12 (1947). This is the exact form, by the binomial distribution, which
is valid for small numbers too. S. Holm, "A Simple Sequentially Rejective Multiple Test Procedure",
Scandinavian Journal of Statistics 6 (1979).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from functools import cached_property
from typing import Annotated, Literal, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import ConfigDict, Field, StrictBool, TypeAdapter
from pydantic.dataclasses import dataclass

from core.data import Labels
from core.schema import DEFERRED

SIGNIFICANT = 0.05
Right = NDArray[np.bool_]
_Count = Annotated[int, Field(ge=0, le=10**15)]
_Pair = TypeVar("_Pair", bound=Hashable)


class Answered(Protocol):
    """A network's answers to labelled examples, such as an `Evaluation`."""

    @property
    def y(self) -> Labels: ...  # noqa: D102
    @property
    def right(self) -> Right: ...  # noqa: D102
    @property
    def exhaustive(self) -> bool: ...  # noqa: D102


@dataclass(frozen=True, config=ConfigDict(defer_build=True))
class PairedAnswers:
    """How often two networks are right on the same examples.

    Args:
        both: examples that both classified correctly.
        only_first: those that only the first classified correctly.
        only_second: those that only the second classified correctly.
        neither: those that neither classified correctly.
        exhaustive: whether the examples are all that exist, so that nothing is left to chance.
            Defaults to False.
    """

    both: _Count
    only_first: _Count
    only_second: _Count
    neither: _Count
    exhaustive: StrictBool = False

    @classmethod
    def of(cls, first: Answered, second: Answered) -> PairedAnswers:
        """Counts for two networks; raises ValueError if they did not read the same examples."""
        if not np.array_equal(first.y, second.y):
            raise ValueError("Expected two evaluations on the same examples.")
        return cls.of_right(first.right, second.right, exhaustive=first.exhaustive)

    @classmethod
    def of_right(cls, first: Right, second: Right, *, exhaustive: bool = False) -> PairedAnswers:
        """Counts for two networks by which of the same examples, in the same order, each got right.

        Args:
            first: bool, shape (n,), whether the first is right.
            second: the same for the second.
            exhaustive: whether the examples are all that exist. Defaults to False.

        Raises:
            ValueError: if the two have different lengths.
        """
        if first.shape != second.shape:
            raise ValueError("Expected answers to the same examples.")
        both, only_first, only_second = (
            int(part.sum()) for part in (first & second, first & ~second, ~first & second)
        )
        neither = len(first) - both - only_first - only_second
        return cls(both, only_first, only_second, neither, exhaustive)

    @property
    def swapped(self) -> PairedAnswers:
        """The same with the second network first."""
        return PairedAnswers(
            self.both, self.only_second, self.only_first, self.neither, self.exhaustive
        )

    @property
    def total(self) -> int:
        """Number of examples."""
        return self.both + self.only_first + self.only_second + self.neither

    @property
    def disputed(self) -> int:
        """Examples on which exactly one of them is right."""
        return self.only_first + self.only_second

    @cached_property
    def p_value(self) -> float:
        """The probability that chance splits the disputed examples at least as unevenly, 0..1."""
        if self.only_first == self.only_second:
            return 1.0
        from scipy.special import bdtr

        # A fair coin is symmetric: the other tail is as probable.
        return float(min(1.0, 2 * bdtr(min(self.only_first, self.only_second), self.disputed, 0.5)))

    @property
    def ahead(self) -> Literal["first", "second"] | None:
        """Which of the two is right more often; None if they are equal."""
        if self.only_first == self.only_second:
            return None
        return "first" if self.only_first > self.only_second else "second"

    @property
    def is_decided(self) -> bool:
        """Whether the one that is ahead is significantly better."""
        return self.is_decided_at(self.p_value)

    def is_decided_at(self, p_value: float) -> bool:
        """Returns whether the one that is ahead is significantly better, by a corrected p-value.

        Args:
            p_value: after a correction for several comparisons, see `holm`; 0..1.
        """
        return self.ahead is not None and (self.exhaustive or p_value < SIGNIFICANT)


PAIRS: TypeAdapter[Sequence[PairedAnswers]] = TypeAdapter(Sequence[PairedAnswers], config=DEFERRED)


def holm(p_values: Mapping[_Pair, float]) -> dict[_Pair, float]:
    """Corrects p-values for being many: the more comparisons, the more look clear by chance.

    The smallest is multiplied by the number of comparisons, the next by one less, and so on; none
    becomes smaller than the one before it, or larger than 1. Calling those below SIGNIFICANT clear
    is then wrong about any of them with a probability of at most SIGNIFICANT.

    Args:
        p_values: by comparison, 0..1.
    """
    corrected: dict[_Pair, float] = {}
    largest = 0.0
    for place, pair in enumerate(sorted(p_values, key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (len(p_values) - place) * p_values[pair]))
        corrected[pair] = largest
    return corrected
