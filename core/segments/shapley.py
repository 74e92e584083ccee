"""Why a network gave its answer to a pattern: the contribution of each of the seven segments.

With seven binary inputs, a network is just a table of 128 answers. So what must elsewhere be
estimated by sampling is computed exactly here.

Sources: L. S. Shapley, "A Value for n-Person Games", Contributions to the Theory of Games II
(1953), for dividing a result fairly among those who produced it; S. Lundberg, S.-I. Lee, "A Unified
Approach to Interpreting Model Predictions" (2017), for doing so with a network's inputs.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import InvalidInput
from core.segments.patterns import DIGIT_PATTERNS, SEGMENTS, parse_pattern

Table = NDArray[np.float32]  # the probabilities of every digit for ALL_PATTERNS: (128, 10)

_COUNT = len(SEGMENTS)
_PATTERNS = 2**_COUNT
_BITS = 1 << np.arange(_COUNT)[::-1]  # (7,): segment a is the most significant of seven bits


@dataclass(frozen=True)
class Background:
    """What a pattern is compared with: it supplies the segments that a coalition leaves out.

    Args:
        name: short and stable; used in URLs.
        patterns: averaged, all with the same weight.
    """

    name: str
    patterns: tuple[str, ...]

    @property
    def weights(self) -> NDArray[np.float64]:
        """The share of each of ALL_PATTERNS: float64, shape (128,), summing to 1."""
        return np.bincount(_indices(self.patterns), minlength=_PATTERNS) / len(self.patterns)


AVERAGE_DIGIT = Background("digits", DIGIT_PATTERNS)
ALL_DARK = Background("dark", ("0" * _COUNT,))
ALL_LIT = Background("lit", ("1" * _COUNT,))
AVERAGE_PATTERN = Background("patterns", tuple(f"{number:07b}" for number in range(_PATTERNS)))
SINGLE_DIGITS = tuple(
    Background(str(digit), (pattern,)) for digit, pattern in enumerate(DIGIT_PATTERNS)
)
BACKGROUNDS: tuple[Background, ...] = (
    AVERAGE_DIGIT,
    AVERAGE_PATTERN,
    ALL_DARK,
    ALL_LIT,
    *SINGLE_DIGITS,
)


def background(name: str) -> Background:
    """Returns one of BACKGROUNDS.

    Raises:
        InvalidInput: if there is none of that name.
    """
    for known in BACKGROUNDS:
        if known.name == name:
            return known
    names = ", ".join(known.name for known in BACKGROUNDS)
    raise InvalidInput(f"Expected one of {names}. Received: {name[:40]!r}")


@dataclass(frozen=True)
class Attribution:
    """A digit's probability, attributed to the segments.

    Args:
        digit: the digit, 0..9.
        values: the Shapley value of each segment a..g, float64 of shape (7,). They add up to
            `value - base`.
        base: the mean probability of the digit for the background.
        value: its probability for the pattern shown.
    """

    digit: int
    values: NDArray[np.float64]
    base: float
    value: float


def shapley_values(table: Table, pattern: str, digit: int, background: Background) -> Attribution:
    """Attributes a digit's probability to the segments, over all 128 coalitions.

    A coalition is a set of segments that are as in the pattern shown, while the others are as in
    the background. Its worth is the digit's probability, averaged over the background. A segment's
    Shapley value is its marginal contribution to the worth, averaged over all 5,040 orders in which
    the seven can join one by one.

    Args:
        table: float32, shape (128, 10), the probabilities for ALL_PATTERNS.
        pattern: seven characters of 0 and 1.
        digit: the one whose probability is explained, 0..9.
        background: what the pattern is compared with.

    Raises:
        InvalidInput: if the table, the pattern or the digit is invalid.
    """
    _check(table)
    if not 0 <= digit < len(DIGIT_PATTERNS):
        raise InvalidInput(f"Expected a digit in 0..9. Received: digit={digit}")
    chosen = table[:, digit].astype(np.float64)
    shown = int(parse_pattern(pattern), 2)
    masks, joining = _coalitions()
    others = np.array(_indices(background.patterns))  # (patterns,)
    mixed = (masks & shown)[:, np.newaxis] | (~masks[:, np.newaxis] & others)  # (128, patterns)
    worth = chosen[mixed].mean(axis=1)  # (128,)
    return Attribution(digit, joining @ worth, float(worth[0]), float(worth[-1]))


@functools.cache
def _coalitions() -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Returns what does not depend on the pattern.

    Returns:
        All coalitions as numbers of seven bits, int64 of shape (128,), and the weights of their
        worths in each segment's value, float64 of shape (7, 128).
    """
    masks = np.arange(_PATTERNS)
    member = (masks & _BITS[:, np.newaxis]) > 0  # (7, 128)
    size = member.sum(axis=0) - member  # of the coalition without the segment: (7, 128)
    # The probability, in a random order, that exactly these segments precede it.
    share = np.array(
        [
            math.factorial(n) * math.factorial(_COUNT - 1 - n) / math.factorial(_COUNT)
            for n in range(_COUNT)
        ]
    )
    return masks, np.where(member, share[size], -share[size])


@dataclass(frozen=True)
class Flip:
    """What a network would answer if one segment were flipped.

    Args:
        segment: its letter.
        pattern: the flipped pattern.
        digit: the answer to it.
        probability: the probability of that answer.
        change: in the original answer's probability, -1..1; above 0 if flipping raises it.
    """

    segment: str
    pattern: str
    digit: int
    probability: float
    change: float


def flip_effects(table: Table, pattern: str) -> tuple[Flip, ...]:
    """Returns the effect of flipping each of the segments a..g.

    Args:
        table: float32, shape (128, 10), the probabilities for ALL_PATTERNS.
        pattern: seven characters of 0 and 1.

    Raises:
        InvalidInput: if the table or the pattern is invalid.
    """
    _check(table)
    shown = int(parse_pattern(pattern), 2)
    present = int(table[shown].argmax())
    flips = []
    for segment, bit in zip(SEGMENTS, _BITS, strict=True):
        index = shown ^ int(bit)
        after = table[index]
        digit = int(after.argmax())
        change = float(after[present]) - float(table[shown, present])
        flips.append(Flip(segment, f"{index:07b}", digit, float(after[digit]), change))
    return tuple(flips)


def _check(table: Table) -> None:
    if table.shape != (_PATTERNS, len(DIGIT_PATTERNS)):
        raise InvalidInput(f"Expected a table of shape (128, 10). Received: {table.shape}")


def _indices(patterns: Sequence[str]) -> list[int]:
    return [int(pattern, 2) for pattern in patterns]
