"""Pictures leant, shrunk, turned and moved, each by exactly as much as the level says.

All of these take `(x, level, generator)`: `x` float32, shape (n, height, width, 1), values in
0..1, white ink on black; they return noisy pictures of the same shape and leave `x` as it is.
What comes from outside the picture is black.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.data import Inputs
from core.noise.augmentation import Augmentation, augment

# What makes a level of 0.5 hard, but not absurd for a person; see `core.noise.corruptions`.
LEAN = 2.0  # of the top against the bottom, as a share of the height, per level
SHRINKING = 1.2  # share of the width and height that is taken off, per level
DEGREES = 120.0  # of a turn, per level
WAY = 0.6  # as a share of the side, per level

# Columns of what `augment` takes.
_TURN, _RIGHT, _DOWN, _SCALE, _, _LEAN, _ = range(7)


def shear(x: Inputs, level: float, generator: np.random.Generator) -> Inputs:
    """Leans each picture to the left or to the right, as chance has it."""
    draws = _unchanged(len(x))
    draws[:, _LEAN] = LEAN * level * _either_side(len(x), generator)
    return augment(x, draws)


def scale(x: Inputs, level: float, generator: np.random.Generator) -> Inputs:
    """Makes each picture smaller about its centre."""
    draws = _unchanged(len(x))
    draws[:, _SCALE] = 1 - SHRINKING * level
    return augment(x, draws)


def rotate(x: Inputs, level: float, generator: np.random.Generator) -> Inputs:
    """Turns each picture about its centre, with the clock or against it, as chance has it."""
    draws = _unchanged(len(x))
    draws[:, _TURN] = DEGREES * level * _either_side(len(x), generator)
    return augment(x, draws)


def translate(x: Inputs, level: float, generator: np.random.Generator) -> Inputs:
    """Moves each picture in a direction of its own, by whole pixels across and down."""
    draws = _unchanged(len(x))
    direction = generator.uniform(0, 2 * np.pi, len(x))
    draws[:, _RIGHT] = WAY * level * np.cos(direction)
    draws[:, _DOWN] = WAY * level * np.sin(direction)
    return augment(x, draws)


def _unchanged(count: int) -> NDArray[np.float32]:
    """Returns draws that leave `count` pictures as they are, to be changed in a column or two."""
    return Augmentation().draw(count, np.random.default_rng(0))


def _either_side(count: int, generator: np.random.Generator) -> NDArray[np.int64]:
    return generator.choice([-1, 1], count)
