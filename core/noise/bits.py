"""Noise on bits: each changes by itself, with a known probability, so theory is exact."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.data import Inputs
from core.noise.base import LEVELS, Noise


@dataclass(frozen=True)
class BitNoise(Noise):
    """Noise on rows of bits.

    Args:
        changes: `(level) -> (a 1 becomes 0, a 0 becomes 1)`, the two probabilities.
    """

    changes: Callable[[float], tuple[float, float]]

    def _corrupt(self, x: Inputs, level: float, generator: np.random.Generator) -> Inputs:
        lost, gained = self.changes(level)
        change = np.where(x >= 0.5, lost, gained)
        return np.where(generator.random(x.shape) < change, 1 - x, x).astype(np.float32)

    def transition(self, level: float) -> NDArray[np.float64]:
        """Returns the probability of each bit seen, given each bit sent: float64, shape (2, 2)."""
        lost, gained = self.changes(level)
        return np.array([[1 - gained, gained], [lost, 1 - lost]])


FLIPPED = BitNoise(
    "flip",
    "Flipped bits",
    "Each bit may be wrong: 0 becomes 1, and 1 becomes 0.",
    "probability per bit",
    LEVELS,
    lambda level: (level, level),
)
LOST = BitNoise(
    "lost",
    "Lost ones",
    "Each 1 may become 0, as when a pulse on a wire is missed; a 0 stays 0.",
    "probability per 1",
    LEVELS,
    lambda level: (level, 0.0),
)
