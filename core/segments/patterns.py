"""The seven-segment display: its patterns and its data.

A pattern is written as seven characters of 0 and 1 for the segments a to g, as data sheets name
them: a on top, then clockwise b, c, d, e, f, and g in the middle.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.data import Inputs, Split
from core.errors import InvalidInput
from core.noise.base import Noise

SEGMENTS = "abcdefg"
DIGIT_PATTERNS: tuple[str, ...] = (
    "1111110",
    "0110000",
    "1101101",
    "1111001",
    "0110011",
    "1011011",
    "1011111",
    "1110000",
    "1111111",
    "1111011",
)


def parse_pattern(text: str) -> str:
    """Validates a pattern from outside.

    Raises:
        InvalidInput: if it is not seven characters of 0 and 1.
    """
    if len(text) != len(SEGMENTS) or not set(text) <= {"0", "1"}:
        raise InvalidInput(
            "Expected seven characters, each 0 or 1, for the segments a to g. "
            f"Received: {text[:40]!r}"
        )
    return text


def to_inputs(*patterns: str) -> Inputs:
    """Turns patterns into network inputs: float32, shape (patterns, 7), values 0 and 1."""
    return np.array([[int(segment) for segment in parse_pattern(p)] for p in patterns], np.float32)


def to_pattern(x: NDArray[np.float32]) -> str:
    """Turns one network input, float32 of shape (7,), back into a pattern."""
    return "".join("1" if value >= 0.5 else "0" for value in x)


CLEAN: Inputs = to_inputs(*DIGIT_PATTERNS)  # (10, 7)
ALL_PATTERNS: Inputs = to_inputs(*(f"{number:07b}" for number in range(128)))  # (128, 7)


def nearest_digits(pattern: str) -> tuple[int, tuple[int, ...]]:
    """Finds the clean digits that differ from a pattern in the fewest segments.

    Returns:
        The number of segments that differ, and the digits at that distance, ascending.
    """
    distances = np.abs(CLEAN - to_inputs(pattern)).sum(axis=1)
    nearest = int(distances.min())
    return nearest, tuple(int(digit) for digit in np.flatnonzero(distances == nearest))


def make_clean(samples_per_digit: int) -> Split:
    """Returns every digit's clean pattern, `samples_per_digit` times, in the order 0 to 9."""
    y = np.repeat(np.arange(10), samples_per_digit)
    return Split(CLEAN[y], y)


def make_noisy(samples_per_digit: int, *, noise: Noise, level: float, random_state: int) -> Split:
    """Returns clean patterns corrupted by noise, in the order 0 to 9.

    Args:
        samples_per_digit: how many of each digit.
        noise: the kind of noise.
        level: 0 to the last of the noise's levels.
        random_state: seed; the same seed gives the same examples.
    """
    clean = make_clean(samples_per_digit)
    return Split(noise.apply(clean.x, level=level, random_state=random_state), clean.y)


def make_mixed(
    clean_per_digit: int = 200,
    noisy_per_digit: int = 2000,
    *,
    noise: Noise,
    level: float = 0.15,
    random_state: int,
) -> Split:
    """Returns clean and noisy patterns together, shuffled.

    Args:
        clean_per_digit: clean examples of each digit. Defaults to 200.
        noisy_per_digit: noisy examples of each digit. Defaults to 2,000.
        noise: the kind of noise.
        level: 0 to the last of the noise's levels. Defaults to 0.15.
        random_state: seed of the noise and of the order.
    """
    clean = make_clean(clean_per_digit)
    noisy = make_noisy(noisy_per_digit, noise=noise, level=level, random_state=random_state)
    x = np.concatenate([clean.x, noisy.x])
    y = np.concatenate([clean.y, noisy.y])
    order = np.random.default_rng([random_state, 1]).permutation(len(y))
    return Split(x[order], y[order])
