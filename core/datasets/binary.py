"""Numbers as bits: all that eight bits can hold, what they are labelled by, and the exact theory.

There are 256 of them, so that the best possible accuracy under a noise is a sum, never a sample.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from core.data import Inputs, Labels
from core.noise.bits import BitNoise

BITS = 8
COUNT = 2**BITS
FEATURES = tuple(f"bit {2**bit}" for bit in reversed(range(BITS)))  # by what each is worth
Numbers = NDArray[np.int64]


def to_bits(numbers: Numbers) -> Inputs:
    """Returns numbers of 0 to 255 as bits, the largest first: float32, shape (n, 8)."""
    places = np.arange(BITS - 1, -1, -1)
    return ((numbers[:, np.newaxis] >> places) & 1).astype(np.float32)


def is_odd(numbers: Numbers) -> Labels:
    """Returns 1 for every odd number and 0 for every even one: int64, shape (n,)."""
    return np.asarray(numbers & 1)


def has_odd_count(numbers: Numbers) -> Labels:
    """Returns 1 where the count of ones among the bits is odd, else 0: int64, shape (n,)."""
    return np.asarray(to_bits(numbers).sum(axis=1).astype(np.int64) & 1)


def likelihood(noise: BitNoise, level: float) -> NDArray[np.float64]:
    """Returns the exact probability of every number seen, given every number sent.

    Returns:
        float64, shape (256, 256); row n sums to 1.
    """
    noise.check_level(level)
    whole: NDArray[np.float64] = np.ones((1, 1))
    for _ in range(BITS):
        whole = np.asarray(np.kron(whole, noise.transition(level)), np.float64)
    return whole


def ceiling(numbers: Numbers, labels: Labels, noise: BitNoise, level: float) -> float:
    """Returns the accuracy that no classifier can beat (Bayes-optimal accuracy), 0..1.

    Args:
        numbers: int64, shape (n,), each equally likely to be sent.
        labels: int64, shape (n,), 0 or 1.
        noise: what happens to the bits on the way.
        level: of the noise.
    """
    seen = likelihood(noise, level)[numbers]  # (n, 256)
    joint = np.stack([seen[labels == label].sum(axis=0) for label in (0, 1)]) / len(numbers)
    return min(1.0, float(joint.max(axis=0).sum()))  # rounding alone could give a little more


@cache
def halves() -> tuple[Numbers, Numbers, Numbers]:
    """Returns the numbers for training, validation and testing: 128, 32 and 96, of each parity.

    They are drawn at random, so that each part has as many of either parity, of the number and of
    the count of ones.
    """
    generator = np.random.default_rng(0)
    every = np.arange(COUNT)
    kinds = 2 * is_odd(every) + has_odd_count(every)
    parts: list[list[int]] = [[], [], []]
    for kind in range(4):
        drawn = generator.permutation(every[kinds == kind]).tolist()
        for part, (start, end) in zip(parts, ((0, 32), (32, 40), (40, 64)), strict=True):
            part += drawn[start:end]
    first, second, third = (np.array(sorted(part), np.int64) for part in parts)
    return first, second, third
