"""The 128 patterns of a display under noise: how often each segment is lit, and a map of them.

Nothing is sampled: everything follows from the probabilities of the patterns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.segments.channels import Channel
from core.segments.patterns import ALL_PATTERNS

Probabilities = NDArray[np.float64]


@dataclass(frozen=True)
class PatternMap:
    """The possible patterns as points on their first two principal components.

    Args:
        patterns: int64, shape (n,): rows of ALL_PATTERNS whose probability is above 0.
        points: float64, shape (n, 2): the position of each.
        explained: share of the variance along each of the two axes, 0..1.
        probabilities: float64, shape (n,), of each pattern when all digits are equally likely.
        digits: int64, shape (n,): the most probable digit of each, the lowest if tied.
        certainties: float64, shape (n,): the probability of that digit, 0..1.
    """

    patterns: NDArray[np.int64]
    points: NDArray[np.float64]
    explained: tuple[float, float]
    probabilities: Probabilities
    digits: NDArray[np.int64]
    certainties: Probabilities


def lit_shares(noise: Channel, level: float) -> Probabilities:
    """Returns how often each segment is lit for each digit: float64, shape (10, 7), 0..1."""
    return np.asarray(noise.likelihood(level) @ ALL_PATTERNS, np.float64)


def pattern_map(noise: Channel, level: float) -> PatternMap:
    """Returns the map of all patterns under a noise, with all digits equally likely."""
    joint = noise.likelihood(level) / 10  # (10, 128)
    probabilities = joint.sum(axis=0)  # (128,)
    patterns = np.flatnonzero(probabilities > 0)
    points, explained = weighted_pca(ALL_PATTERNS[patterns], probabilities[patterns])
    digits = joint[:, patterns].argmax(axis=0)
    return PatternMap(
        patterns,
        points,
        explained,
        probabilities[patterns],
        digits,
        joint[digits, patterns] / probabilities[patterns],
    )


def weighted_pca(
    x: NDArray[np.float32], weights: Probabilities
) -> tuple[NDArray[np.float64], tuple[float, float]]:
    """Principal component analysis of weighted points.

    Args:
        x: float32, shape (n, values).
        weights: float64, shape (n,), of each point, above 0.

    Returns:
        The points on the first two axes, float64 of shape (n, 2), the weighted mean at 0; and the
        share of the variance along each, 0..1. Each axis is oriented so that its largest entry is
        positive: the same points give the same map.
    """
    shares = weights / weights.sum()
    centred = x - shares @ x  # (n, values)
    variances, axes = np.linalg.eigh((centred * shares[:, None]).T @ centred)
    first_two = axes[:, [-1, -2]]  # eigh sorts in ascending order
    largest = np.abs(first_two).argmax(axis=0)
    first_two = first_two * np.sign(first_two[largest, [0, 1]])
    total = max(float(variances.sum()), 1e-12)
    return centred @ first_two, (float(variances[-1]) / total, float(variances[-2]) / total)
