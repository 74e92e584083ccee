"""Sequences of digits by simple rules, modulo ten, and what comes next.

All of them are listed: a rule, where it starts, and its steps. So what theory says of them is a sum
over all, never a sample.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import product

import numpy as np
from numpy.typing import NDArray

from core.data import Inputs, Labels

WINDOW = 6
DIGITS = 10
RULES = (
    "equal steps",
    "multiplied",
    "sum of the last two",
    "two steps in turn",
    "growing steps",
)


@dataclass(frozen=True, eq=False)
class Sequences:
    """Windows of six digits, all different, with the digit that comes next.

    Args:
        windows: int64, shape (n, 6), digits.
        following: int64, shape (n,), the next digit.
        rules: int64, shape (n,), index in RULES of the first rule that makes the window.
    """

    windows: NDArray[np.int64]
    following: Labels
    rules: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.following)

    def part(self, indices: NDArray[np.int64]) -> Sequences:
        """Returns those with these indices."""
        return Sequences(self.windows[indices], self.following[indices], self.rules[indices])


def _every(length: int) -> Iterator[tuple[int, list[int]]]:
    """Yields every sequence with its rule's index; several rules can make the same one."""
    digits = range(DIGITS)
    for start, step in product(digits, digits):
        yield 0, [start + step * place for place in range(length)]
    for start, factor in product(digits, range(2, DIGITS)):
        yield 1, [start * factor**place for place in range(length)]
    for first, second in product(digits, digits):
        terms = [first, second]
        while len(terms) < length:
            terms.append(terms[-1] + terms[-2])
        yield 2, terms
    for start, one, other in product(digits, digits, digits):
        places = range(length)
        yield 3, [start + one * ((place + 1) // 2) + other * (place // 2) for place in places]
    for start, step, growth in product(digits, digits, range(1, DIGITS)):
        yield (
            4,
            [start + step * place + growth * place * (place - 1) // 2 for place in range(length)],
        )


def answers(window: int = WINDOW) -> dict[tuple[int, ...], set[int]]:
    """Returns every digit that some rule gives next, keyed by the window of that many digits."""
    found: dict[tuple[int, ...], set[int]] = {}
    for _, terms in _every(window + 1):
        *seen, following = (term % DIGITS for term in terms)
        found.setdefault(tuple(seen), set()).add(following)
    return found


@cache
def every() -> Sequences:
    """Returns all sequences; those that several rules make are there once.

    Six digits are enough to tell: whichever rules make a window, they agree on what comes next.
    """
    found: dict[tuple[int, ...], tuple[int, int]] = {}
    for rule, terms in _every(WINDOW + 1):
        *seen, last = (term % DIGITS for term in terms)
        found.setdefault(tuple(seen), (last, rule))
    following, rules = np.array(list(found.values()), np.int64).T
    return Sequences(np.array(list(found), np.int64), following, rules)


@cache
def parts() -> tuple[Sequences, Sequences, Sequences]:
    """Returns whole sequences for training, validation and testing, 65 : 10 : 25 of each rule."""
    whole, generator = every(), np.random.default_rng(0)
    indices: list[list[int]] = [[], [], []]
    for rule in range(len(RULES)):
        drawn = generator.permutation(np.flatnonzero(whole.rules == rule))
        ends = [round(len(drawn) * share) for share in (0.65, 0.75)]
        for part, some in zip(indices, np.split(drawn, ends), strict=True):
            part += some.tolist()
    first, second, third = (whole.part(np.array(sorted(part), np.int64)) for part in indices)
    return first, second, third


def to_inputs(windows: NDArray[np.int64]) -> Inputs:
    """Returns each digit as ten numbers, 1 for the digit and 0 for all others.

    Args:
        windows: int64, shape (n, 6).

    Returns:
        float32, shape (n, 6, 10).
    """
    return np.asarray(np.eye(DIGITS, dtype=np.float32)[windows])


@lru_cache(maxsize=64)
def ceiling_misread(sequences: Sequences, level: float) -> float:
    """Returns the accuracy that no classifier can beat where digits are misread, 0..1.

    Args:
        sequences: each equally likely.
        level: probability that a digit is replaced by one of the nine others.
    """
    seen = np.full((DIGITS, DIGITS), level / (DIGITS - 1))
    np.fill_diagonal(seen, 1 - level)
    # Of every three digits that may be seen, given each sequence's: (n, 1000).
    halves = [
        np.einsum("na,nb,nc->nabc", *(seen[sequences.windows[:, place]] for place in places))
        for places in ((0, 1, 2), (3, 4, 5))
    ]
    first, second = (half.reshape(len(sequences), DIGITS**3) for half in halves)
    best = np.zeros((DIGITS**3, DIGITS**3))
    for digit in range(DIGITS):
        these = sequences.following == digit
        np.maximum(best, first[these].T @ second[these], out=best)
    return min(1.0, float(best.sum()) / len(sequences))


@lru_cache(maxsize=16)
def _best_counts(sequences: Sequences) -> tuple[int, ...]:
    """Returns how many sequences the best classifier gets right, summed over what it is shown.

    Entry k is the sum over all ways of showing k of the six digits.
    """
    counts = [0] * (WINDOW + 1)
    for shown in product((False, True), repeat=WINDOW):
        _, kinds = np.unique(sequences.windows[:, np.array(shown)], axis=0, return_inverse=True)
        table = np.zeros((len(sequences), DIGITS), np.int64)
        np.add.at(table, (kinds.ravel(), sequences.following), 1)
        counts[sum(shown)] += int(table.max(axis=1).sum())
    return tuple(counts)


def ceiling_missing(sequences: Sequences, level: float) -> float:
    """Returns the accuracy that no classifier can beat where digits are missing, 0..1.

    Args:
        sequences: each equally likely.
        level: probability that a digit is not shown.
    """
    total = sum(
        level ** (WINDOW - shown) * (1 - level) ** shown * count
        for shown, count in enumerate(_best_counts(sequences))
    )
    return min(1.0, total / len(sequences))
