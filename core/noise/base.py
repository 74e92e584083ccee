"""Noise: ways to corrupt an input, each at a level that a slider can set.

Every noise has the same interface, so one slider fits all of them. Noise on the segments of a
display is in `core.segments.channels`, noise on pictures in `core.noise.corruptions`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.data import Inputs
from core.errors import InvalidInput

LEVEL_STEP = 0.025
# For noise that leaves little or no information at level 0.5.
LEVELS: tuple[float, ...] = tuple(round(LEVEL_STEP * index, 3) for index in range(21))
# For noise that hits an input as a whole, with some probability.
ALL_LEVELS: tuple[float, ...] = tuple(round(2 * LEVEL_STEP * index, 3) for index in range(21))
MAX_LEVEL = 1.0


@dataclass(frozen=True)
class Noise(ABC):
    """One way of corrupting inputs.

    Args:
        name: short and stable; used in URLs, cards and commands.
        title: display name.
        description: one sentence about what happens to the input.
        level_label: what the level measures, or `amount` if there is one, with its unit.
        levels: the levels that a slider offers, ascending from 0, no noise. Any other level up to
            the last works as well.
    """

    name: str
    title: str
    description: str
    level_label: str
    levels: tuple[float, ...]

    @abstractmethod
    def _corrupt(self, x: Inputs, level: float, generator: np.random.Generator) -> Inputs:
        """Returns noisy inputs of the same shape and dtype, and leaves `x` as it is."""

    def apply(self, x: Inputs, *, level: float, random_state: int) -> Inputs:
        """Returns a corrupted copy of `x`, the same each time for the same `random_state`.

        Args:
            x: float32, shape (n, *input_shape), values in 0..1.
            level: 0 (no noise) to the last of `levels`.
            random_state: seed of the generator.

        Returns:
            float32, the shape of `x`.

        Raises:
            InvalidInput: if the level is out of range.
        """
        self.check_level(level)
        if level == 0:
            return x.copy()
        return self._corrupt(x, level, np.random.default_rng(random_state))

    def check_level(self, level: float) -> None:
        """Raises InvalidInput if the level is out of range."""
        if not 0 <= level <= self.levels[-1]:
            raise InvalidInput(
                f"Expected a noise level in 0..{self.levels[-1]:g} for {self.title.lower()}."
                f" Received: {level:g}"
            )

    def amount(self, level: float) -> str:
        """Returns a level's amount with its unit, as in "24°"; empty if it is the level itself."""
        return ""

    def level_text(self, level: float) -> str:
        """Returns a level as people read it: "0.2", or "0.2 (24°)"."""
        amount = self.amount(level) if level else ""
        return f"{level:g} ({amount})" if amount else f"{level:g}"

    def nearest_level(self, level: float) -> float:
        """Returns the slider level nearest to a number."""
        return min(self.levels, key=lambda offered: abs(offered - level))


@dataclass(frozen=True)
class PixelNoise(Noise):
    """Noise that a function makes: on pictures, and on other inputs that are no display.

    Args:
        function: `(x, level, generator) -> noisy x`: float32, shape (n, *input_shape), for pictures
            (n, height, width, 1), values in 0..1, white ink on black; `x` is not changed.
        measure: amount of a level above 0, with its unit. Defaults to the level itself.
    """

    function: Callable[[Inputs, float, np.random.Generator], Inputs]
    measure: Callable[[float], str] | None = None

    def _corrupt(self, x: Inputs, level: float, generator: np.random.Generator) -> Inputs:
        return self.function(x, level, generator)

    def amount(self, level: float) -> str:
        """Returns a level's amount with its unit, as in "24°"; empty if it is the level itself."""
        return self.measure(level) if self.measure else ""


def gaussian(x: Inputs, level: float, generator: np.random.Generator) -> Inputs:
    """Adds Gaussian noise with standard deviation `level`, then clips to 0..1."""
    noisy = x + level * generator.standard_normal(x.shape, dtype=np.float32)
    return np.clip(noisy, 0, 1).astype(np.float32)


def salt_and_pepper(x: Inputs, level: float, generator: np.random.Generator) -> Inputs:
    """Makes each pixel white or black, equally often, with probability `level`."""
    draw = generator.random(x.shape)
    return np.where(draw < level, draw < level / 2, x).astype(np.float32)


GAUSSIAN = PixelNoise(
    "gaussian",
    "Gaussian noise",
    "A random amount is added to every pixel, as in a poor camera.",
    "standard deviation (pixels run from 0 to 1)",
    LEVELS,
    gaussian,
)
SALT_AND_PEPPER = PixelNoise(
    "salt-and-pepper",
    "Salt and pepper",
    "Some pixels turn fully white or fully black, as in a faulty sensor.",
    "probability per pixel",
    LEVELS,
    salt_and_pepper,
)
