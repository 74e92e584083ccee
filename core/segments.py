"""The seven-segment display: its patterns, its data, and what noise does to it exactly.

A pattern is written as seven characters of 0 and 1 for the segments a to g, as data sheets name
them: a on top, then clockwise b, c, d, e, f, and g in the middle.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.data import Inputs, Split
from core.errors import InvalidInput
from core.noise import Noise

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
    """Checks a pattern that came from outside.

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
        The number of segments that differ, and the digits at that distance in rising order.
    """
    distances = np.abs(CLEAN - to_inputs(pattern)).sum(axis=1)
    nearest = int(distances.min())
    return nearest, tuple(int(digit) for digit in np.flatnonzero(distances == nearest))


def make_clean(samples_per_digit: int) -> Split:
    """Returns every digit's clean pattern, `samples_per_digit` times, in the order 0 to 9."""
    y = np.repeat(np.arange(10), samples_per_digit)
    return Split(CLEAN[y], y)


def make_noisy(samples_per_digit: int, *, noise: Noise, level: float, random_state: int) -> Split:
    """Returns clean patterns spoilt by noise, in the order 0 to 9.

    Args:
        samples_per_digit: how many of each digit.
        noise: the kind of noise.
        level: its probability per segment, 0..0.5.
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
        level: its probability per segment. Defaults to 0.15.
        random_state: seed of the noise and of the order.
    """
    clean = make_clean(clean_per_digit)
    noisy = make_noisy(noisy_per_digit, noise=noise, level=level, random_state=random_state)
    x = np.concatenate([clean.x, noisy.x])
    y = np.concatenate([clean.y, noisy.y])
    order = np.random.default_rng([random_state, 1]).permutation(len(y))
    return Split(x[order], y[order])


# Probability that a lit segment goes dark, and that a dark one lights up, at level 1.
CHANNELS: dict[str, tuple[float, float]] = {
    "flip": (1.0, 1.0),
    "missing": (1.0, 0.0),
    "extra": (0.0, 1.0),
}


def likelihood(noise: Noise, level: float) -> NDArray[np.float64]:
    """Returns the probability of every pattern given every digit, exactly.

    Args:
        noise: flip, missing or extra.
        level: its probability per segment, 0..0.5.

    Returns:
        float64, shape (10, 128): row d holds the probabilities of ALL_PATTERNS given digit d,
        and sums to 1.
    """
    on_to_off, off_to_on = (share * level for share in CHANNELS[noise.name])
    lit = CLEAN[:, None, :] * np.array(1 - on_to_off) + (1 - CLEAN[:, None, :]) * off_to_on
    seen = ALL_PATTERNS[None, :, :]
    return np.asarray((seen * lit + (1 - seen) * (1 - lit)).prod(axis=2), dtype=np.float64)


def best_accuracy(noise: Noise, level: float, *, clean_share: float = 0.0) -> float:
    """Returns the accuracy that no classifier can beat, all digits being equally frequent.

    The best answer to a pattern is the digit that makes it most probable (Bayes' rule), so the
    ceiling is the sum over all 128 patterns of the largest of the ten likelihoods, over ten.

    Args:
        noise: flip, missing or extra.
        level: its probability per segment, 0..0.5.
        clean_share: share of the examples that are left clean, 0..1. Defaults to 0.
    """
    mixed = (1 - clean_share) * likelihood(noise, level) + clean_share * likelihood(noise, 0)
    return float(mixed.max(axis=0).sum() / len(DIGIT_PATTERNS))
