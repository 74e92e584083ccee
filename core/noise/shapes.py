"""Noise on pictures of edges: white lines, a pixel wide, on black."""

from __future__ import annotations

import numpy as np

from core.data import Inputs
from core.noise.base import LEVELS, PixelNoise


def _flipped(x: Inputs, level: float, generator: np.random.Generator) -> Inputs:
    """Turns each pixel into its opposite with probability `level`."""
    return np.where(generator.random(x.shape) < level, 1 - x, x).astype(np.float32)


def _gap(x: Inputs, level: float, generator: np.random.Generator) -> Inputs:
    """Blacks out what lies within an angle of `level` of a full turn, seen from the middle."""
    rows, columns = np.indices(x.shape[1:3])[:, np.newaxis]  # (1, height, width) each
    weights = x[..., 0] + 1e-9
    total = weights.sum(axis=(1, 2))
    middle = [(weights * axis).sum(axis=(1, 2)) / total for axis in (rows, columns)]
    angles = np.arctan2(
        rows - middle[0][:, np.newaxis, np.newaxis],
        columns - middle[1][:, np.newaxis, np.newaxis],
    )
    starts = generator.random(len(x))[:, np.newaxis, np.newaxis]
    hidden = (angles / (2 * np.pi) - starts) % 1 < level
    return np.where(hidden[..., np.newaxis], 0, x).astype(np.float32)


FLIPPED_PIXELS = PixelNoise(
    "pixels",
    "Flipped pixels",
    "Pixels may turn into their opposite: specks appear, and the edge gets holes.",
    "probability per pixel",
    LEVELS,
    _flipped,
)
GAP = PixelNoise(
    "gap",
    "Gap in the edge",
    "A piece of the edge is missing, as if something covered it.",
    "share of the full turn",
    LEVELS,
    _gap,
    lambda level: f"{360 * level:.0f}°",
)
