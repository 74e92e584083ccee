"""Noise on the rows of a table: numbers that are off, and values that are missing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.data import Inputs
from core.datasets.tables.applying import fills
from core.datasets.tables.description import NumberInput, Record
from core.noise.base import ALL_LEVELS, LEVELS, Noise


@dataclass(frozen=True)
class MeasuringNoise(Noise):
    """Gaussian noise on the numbers, in units of each column's own spread.

    Args:
        spreads: standard deviation of each input in the training part; 0 for categories.
    """

    spreads: tuple[float, ...]

    def _corrupt(self, x: Inputs, level: float, generator: np.random.Generator) -> Inputs:
        drawn = generator.standard_normal(x.shape, dtype=np.float32)
        return np.asarray(x + drawn * np.float32(level) * np.array(self.spreads, np.float32))


@dataclass(frozen=True)
class MissingValues(Noise):
    """Values go missing; what stands for a gap takes their place.

    Args:
        widths: how many inputs each column has.
        fill: what stands for gaps, one number for each input.
    """

    widths: tuple[int, ...]
    fill: tuple[float, ...]

    def _corrupt(self, x: Inputs, level: float, generator: np.random.Generator) -> Inputs:
        missing = generator.random((len(x), len(self.widths))) < level  # (n, columns)
        missing = np.repeat(missing, self.widths, axis=1)  # (n, features)
        return np.where(missing, np.array(self.fill, np.float32), x)


def noises(record: Record) -> tuple[Noise, ...]:
    """Returns the noises that suit a table."""
    widths = [1 if isinstance(e, NumberInput) else len(e.categories) for e in record.inputs]
    spreads: list[float] = []
    for each, width in zip(record.inputs, widths, strict=True):
        spreads += [each.spread] if isinstance(each, NumberInput) else [0.0] * width
    missing = MissingValues(
        "missing-values",
        "Missing values",
        "Some values get lost, and the usual one (median, or most frequent) takes their place.",
        "probability per value",
        ALL_LEVELS,
        tuple(widths),
        tuple(float(value) for value in fills(record)),
    )
    if not any(spreads):
        return (missing,)
    measuring = MeasuringNoise(
        "measuring",
        "Measuring errors",
        "A random amount (Gaussian noise) is added to every number, as by a poor instrument."
        " Categories stay as they are.",
        "in standard deviations of each column",
        LEVELS,
        tuple(spreads),
    )
    return measuring, missing
