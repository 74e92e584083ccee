"""Shear, scale, rotation and translation, each by exactly the amount that the level sets.

All of these take `(x, level, generator)`: `x` float32, shape (n, height, width, 1), values in
0..1, white ink on black; they return noisy pictures of the same shape and leave `x` as it is.
Pixels from outside the picture are black.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.data import Inputs
from core.noise.augmentation import Augmentation, augment

# Chosen to make a level of 0.5 hard, but not hopeless, for a person; see `core.noise.corruptions`.
LEAN = 2.0  # shift of the top against the bottom, as a share of the height, per level
SHRINKING = 1.2  # reduction of width and height, as a share, per level
DEGREES = 120.0  # of rotation, per level
DISTANCE = 0.6  # distance, as a share of the side, per level

# Columns of the draws that `augment` takes.
_TURN, _RIGHT, _DOWN, _SCALE, _, _LEAN, _ = range(7)


def shear(x: Inputs, level: float, generator: np.random.Generator) -> Inputs:
    """Shears each picture to the left or to the right, at random."""
    draws = _unchanged(len(x))
    draws[:, _LEAN] = LEAN * level * _either_side(len(x), generator)
    return augment(x, draws)


def scale(x: Inputs, level: float, generator: np.random.Generator) -> Inputs:
    """Shrinks each picture about its centre."""
    draws = _unchanged(len(x))
    draws[:, _SCALE] = 1 - SHRINKING * level
    return augment(x, draws)


def rotate(x: Inputs, level: float, generator: np.random.Generator) -> Inputs:
    """Rotates each picture about its centre, clockwise or counterclockwise at random."""
    draws = _unchanged(len(x))
    draws[:, _TURN] = DEGREES * level * _either_side(len(x), generator)
    return augment(x, draws)


def translate(x: Inputs, level: float, generator: np.random.Generator) -> Inputs:
    """Moves each picture in a random direction, by whole pixels across and down."""
    draws = _unchanged(len(x))
    direction = generator.uniform(0, 2 * np.pi, len(x))
    draws[:, _RIGHT] = DISTANCE * level * np.cos(direction)
    draws[:, _DOWN] = DISTANCE * level * np.sin(direction)
    return augment(x, draws)


def _unchanged(count: int) -> NDArray[np.float32]:
    """Returns draws that leave `count` pictures unchanged, for a caller to edit."""
    return Augmentation().draw(count, np.random.default_rng(0))


def _either_side(count: int, generator: np.random.Generator) -> NDArray[np.int64]:
    return generator.choice([-1, 1], count)
