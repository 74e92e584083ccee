"""Noise on normalised hands of 21 points, the wrist in the middle; see core.datasets.landmarks."""

from __future__ import annotations

import numpy as np

from core.data import Inputs
from core.noise.base import ALL_LEVELS, LEVELS, PixelNoise

_WRIST = 0.5
_LARGEST_TURN = 180  # degrees, at level 1
_JITTER = 0.2  # standard deviation at level 1: the hand is at most 1 wide


def _jitter(x: Inputs, level: float, generator: np.random.Generator) -> Inputs:
    moved = x + _JITTER * level * generator.standard_normal(x.shape)
    return np.clip(moved, 0, 1).astype(np.float32)


def _missing(x: Inputs, level: float, generator: np.random.Generator) -> Inputs:
    """Puts all points of a finger onto the wrist, each finger with probability `level`."""
    points = x.reshape(len(x), 21, 3).copy()
    gone = np.repeat(generator.random((len(x), 5)) < level, 4, axis=1)  # (n, 20)
    points[:, 1:][gone] = _WRIST
    return points.reshape(x.shape)


def _turn(x: Inputs, level: float, generator: np.random.Generator) -> Inputs:
    """Turns each hand about its wrist in the picture, by up to the level's angle."""
    angle = np.deg2rad(_LARGEST_TURN * level) * generator.uniform(-1, 1, len(x))
    points = x.reshape(len(x), 21, 3) - _WRIST
    cosine, sine = np.cos(angle)[:, np.newaxis], np.sin(angle)[:, np.newaxis]
    across, down = points[..., 0], points[..., 1]
    turned = np.stack(
        [cosine * across - sine * down, sine * across + cosine * down, points[..., 2]], axis=-1
    )
    return np.clip(turned + _WRIST, 0, 1).astype(np.float32).reshape(x.shape)


JITTER = PixelNoise(
    "jitter",
    "Jitter",
    "Every point is a little off, as where a camera's tracker is unsure.",
    "standard deviation, in fifths of the largest width",
    ALL_LEVELS,
    _jitter,
)
MISSING_FINGERS = PixelNoise(
    "missing-fingers",
    "Missing fingers",
    "Fingers may be hidden; all their points are then reported at the wrist.",
    "probability per finger",
    LEVELS,
    _missing,
)
TURNED = PixelNoise(
    "turned",
    "Turned hand",
    "The hand is turned about its wrist, to either side, by any angle up to the largest.",
    "largest turn, as a share of half a turn",
    ALL_LEVELS,
    _turn,
    lambda level: f"{_LARGEST_TURN * level:.0f}°",
)
