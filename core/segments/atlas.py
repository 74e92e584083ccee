"""The atlas: how a network and the exact rule classify each of the 128 patterns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from core.segments.bayes import UNIFORM, Likelihood, Prior, best_rule
from core.segments.patterns import ALL_PATTERNS, DIGIT_PATTERNS, to_pattern


class Verdict(Enum):
    """How a network's answer compares with the exact rule's."""

    SAME = "same"
    DIFFERENT = "different"
    IMPOSSIBLE = "impossible"  # the pattern cannot arise, so no answer is right or wrong


@dataclass(frozen=True)
class Entry:
    """One pattern of the atlas.

    Args:
        pattern: seven characters of 0 and 1.
        answer: the digit that the network finds most probable.
        confidence: the network's probability of that digit, 0..1.
        best: the most probable digits by the exact rule, ascending; several if they are tied, none
            if the pattern cannot arise.
        probability: probability of the pattern under the noise, 0..1.
    """

    pattern: str
    answer: int
    confidence: float
    best: tuple[int, ...]
    probability: float

    @property
    def verdict(self) -> Verdict:
        """How the answer compares with the exact one; any of the tied digits is as good."""
        if not self.best:
            return Verdict.IMPOSSIBLE
        return Verdict.SAME if self.answer in self.best else Verdict.DIFFERENT

    @property
    def is_digit(self) -> bool:
        """Whether it is one of the ten clean patterns."""
        return self.pattern in DIGIT_PATTERNS

    @property
    def digit(self) -> int:
        """The digit whose clean pattern it is; raises ValueError if it is none."""
        return DIGIT_PATTERNS.index(self.pattern)


def atlas(
    probabilities: NDArray[np.float32], likelihood: Likelihood, prior: Prior = UNIFORM
) -> tuple[Entry, ...]:
    """Returns all patterns in numerical order.

    Args:
        probabilities: the network's for ALL_PATTERNS: float32, shape (128, 10).
        likelihood: of the noise: float64, shape (10, 128).
        prior: probability of each digit: float64, shape (10,). Defaults to uniform.
    """
    best = best_rule(likelihood, prior)
    evidence = prior @ likelihood  # (128,)
    answers = probabilities.argmax(axis=1)
    return tuple(
        Entry(
            pattern=to_pattern(x),
            answer=int(answer),
            confidence=float(row[answer]),
            best=tuple(int(digit) for digit in np.flatnonzero(shares)),
            probability=float(share),
        )
        for x, answer, row, shares, share in zip(
            ALL_PATTERNS, answers, probabilities, best, evidence, strict=True
        )
    )


def count(entries: Sequence[Entry], verdict: Verdict) -> int:
    """Returns how many of the entries have that verdict."""
    return sum(entry.verdict is verdict for entry in entries)


def by_answer(entries: Sequence[Entry]) -> list[Entry]:
    """Returns the entries grouped by the network's answer, the most confident first."""
    return sorted(entries, key=lambda entry: (entry.answer, -entry.confidence))


def by_probability(entries: Sequence[Entry]) -> list[Entry]:
    """Returns the entries from the most to the least probable pattern, ties by number.

    Probabilities that differ only by rounding count as equal.
    """
    return sorted(entries, key=lambda entry: -float(f"{entry.probability:.9g}"))
