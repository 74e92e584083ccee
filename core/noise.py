"""Noise: the ways in which an input is spoilt, each at a level from 0 to 0.5.

Every noise has the same signature, so that a page needs one slider for all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.data import Inputs
from core.errors import InvalidInput

MAX_LEVEL = 0.5
LEVEL_STEP = 0.025
LEVELS: tuple[float, ...] = tuple(
    round(LEVEL_STEP * index, 3) for index in range(round(MAX_LEVEL / LEVEL_STEP) + 1)
)


@dataclass(frozen=True)
class Noise:
    """One way of spoiling inputs.

    Args:
        name: short and stable; stands in URLs, cards and commands.
        title: what a person reads.
        description: one sentence: what happens to the input.
        level_label: what the level measures, with its unit.
        function: `(x, level, generator) -> spoilt x`, same shape and dtype; `x` is not changed.
    """

    name: str
    title: str
    description: str
    level_label: str
    function: Callable[[Inputs, float, np.random.Generator], Inputs]

    def apply(self, x: Inputs, *, level: float, random_state: int) -> Inputs:
        """Spoils `x`, the same way each time for the same `random_state`.

        Args:
            x: float32, shape (n, *input_shape), values in 0..1.
            level: 0 (nothing happens) to 0.5.
            random_state: seed of the generator.

        Returns:
            float32, the shape of `x`.

        Raises:
            InvalidInput: if the level is outside 0..0.5.
        """
        if not 0 <= level <= MAX_LEVEL:
            raise InvalidInput(f"Expected a noise level in 0..{MAX_LEVEL}. Received: level={level}")
        if level == 0:
            return x.copy()
        return self.function(x, level, np.random.default_rng(random_state))


def flip(x: Inputs, level: float, generator: np.random.Generator) -> Inputs:
    """Turns each value of 0 or 1 into the other with probability `level`."""
    return np.where(generator.random(x.shape) < level, 1 - x, x).astype(np.float32)


def missing(x: Inputs, level: float, generator: np.random.Generator) -> Inputs:
    """Turns each 1 into a 0 with probability `level`."""
    return np.where(generator.random(x.shape) < level, 0, x).astype(np.float32)


def extra(x: Inputs, level: float, generator: np.random.Generator) -> Inputs:
    """Turns each 0 into a 1 with probability `level`."""
    return np.where(generator.random(x.shape) < level, 1, x).astype(np.float32)


def gaussian(x: Inputs, level: float, generator: np.random.Generator) -> Inputs:
    """Adds normal noise with standard deviation `level`, then clips to 0..1."""
    spoilt = x + level * generator.standard_normal(x.shape, dtype=np.float32)
    return np.clip(spoilt, 0, 1).astype(np.float32)


def salt_and_pepper(x: Inputs, level: float, generator: np.random.Generator) -> Inputs:
    """Makes each pixel white or black, evenly, with probability `level`."""
    draw = generator.random(x.shape)
    return np.where(draw < level, draw < level / 2, x).astype(np.float32)


BIT_FLIP = Noise(
    "flip",
    "Bit flip",
    "Every segment may be wrong: lit ones go dark and dark ones light up.",
    "probability per segment",
    flip,
)
MISSING = Noise(
    "missing",
    "Missing segments",
    "Lit segments may go dark, as in a worn display; dark ones stay dark.",
    "probability per lit segment",
    missing,
)
EXTRA = Noise(
    "extra",
    "Extra segments",
    "Dark segments may light up, as in a leaking display; lit ones stay lit.",
    "probability per dark segment",
    extra,
)
GAUSSIAN = Noise(
    "gaussian",
    "Gaussian noise",
    "A random amount is added to every pixel, as by a poor camera.",
    "standard deviation (pixels run from 0 to 1)",
    gaussian,
)
SALT_AND_PEPPER = Noise(
    "salt-and-pepper",
    "Salt and pepper",
    "Pixels turn fully white or fully black, as by a faulty sensor.",
    "probability per pixel",
    salt_and_pepper,
)
