"""Two networks on the same examples: is one of them better, or was it chance?

Examples that both classified correctly, or both wrongly, say nothing about which is better.
McNemar's test looks only at the rest: if both were equally good, each example on which only one is
right would be a coin toss.

Source: Q. McNemar, "Note on the Sampling Error of the Difference between Correlated Proportions or
Percentages", Psychometrika 12 (1947). This is the exact form, by the binomial distribution, which
is valid for small numbers too.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.evaluation.evaluation import Evaluation

SIGNIFICANT = 0.05


@dataclass(frozen=True)
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

    both: int
    only_first: int
    only_second: int
    neither: int
    exhaustive: bool = False

    @classmethod
    def of(cls, first: Evaluation, second: Evaluation) -> PairedAnswers:
        """Counts for two networks; raises ValueError if they did not read the same examples."""
        if not np.array_equal(first.y, second.y):
            raise ValueError("Expected two evaluations on the same examples.")
        a, b = first.right, second.right
        both, only_first, only_second = (int(part.sum()) for part in (a & b, a & ~b, ~a & b))
        neither = len(a) - both - only_first - only_second
        return cls(both, only_first, only_second, neither, first.exhaustive)

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
        if self.disputed == 0:
            return 1.0
        from scipy.stats import binomtest

        return float(binomtest(self.only_first, self.disputed, 0.5).pvalue)

    @property
    def ahead(self) -> Literal["first", "second"] | None:
        """Which of the two is right more often; None if they are equal."""
        if self.only_first == self.only_second:
            return None
        return "first" if self.only_first > self.only_second else "second"

    @property
    def is_decided(self) -> bool:
        """Whether the one that is ahead is significantly better."""
        if self.exhaustive:
            return self.ahead is not None
        return self.p_value < SIGNIFICANT


def disagreements(first: Evaluation, second: Evaluation) -> tuple[NDArray[np.int64], ...]:
    """Returns the indices of the examples that the two did not both classify correctly.

    Returns:
        Three arrays, int64: only the first is right, only the second, neither; each sorted by the
        confidence of the one that is wrong (for neither: the first), the most confident first.
    """
    a, b = first.right, second.right
    groups = ((a & ~b, second), (~a & b, first), (~a & ~b, first))
    found = []
    for mask, mistaken in groups:
        places = np.flatnonzero(mask)
        found.append(places[np.argsort(-mistaken.confidence[places], kind="stable")])
    return tuple(found)
