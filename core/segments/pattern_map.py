"""The 128 patterns of a display under noise: how often each segment is lit, and a map of them.

Nothing is drawn by chance here: everything follows from the probabilities of the patterns.
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
    """The patterns that can be seen, as points on the two axes along which they differ most.

    Args:
        patterns: int64, shape (n,): rows of ALL_PATTERNS whose probability is above 0.
        points: float64, shape (n, 2): where each lies.
        explained: share of the variance along each of the two axes, 0..1.
        probabilities: float64, shape (n,), of each pattern when all digits are equally frequent.
        digits: int64, shape (n,): the digit that each most probably shows, the lowest of equals.
        certainties: float64, shape (n,): the probability that it is that digit, 0..1.
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
    """Returns the map of all patterns under a noise, digits being equally frequent."""
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
    """Principal component analysis of points that count differently.

    Args:
        x: float32, shape (n, values).
        weights: float64, shape (n,), of each point, above 0.

    Returns:
        The points on the first two axes, float64 of shape (n, 2), the weighted mean at 0; and the
        share of the variance along each, 0..1. Each axis points to where its largest entry is
        positive, so that the same points give the same map.
    """
    shares = weights / weights.sum()
    centred = x - shares @ x  # (n, values)
    variances, axes = np.linalg.eigh((centred * shares[:, None]).T @ centred)
    first_two = axes[:, [-1, -2]]  # eigh sorts upwards
    largest = np.abs(first_two).argmax(axis=0)
    first_two = first_two * np.sign(first_two[largest, [0, 1]])
    total = max(float(variances.sum()), 1e-12)
    return centred @ first_two, (float(variances[-1]) / total, float(variances[-2]) / total)
