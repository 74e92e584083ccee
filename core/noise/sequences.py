"""Noise on sequences of digits, each digit written as ten numbers of which one is 1."""

from __future__ import annotations

import numpy as np

from core.data import Inputs
from core.noise.base import LEVELS, PixelNoise


def _misread(x: Inputs, level: float, generator: np.random.Generator) -> Inputs:
    """Replaces each digit with probability `level` by one of the others."""
    choices = x.shape[-1]
    digits = x.argmax(axis=-1)
    wrong = generator.random(digits.shape) < level
    moved = (digits + generator.integers(1, choices, digits.shape)) % choices
    return np.asarray(np.eye(choices, dtype=np.float32)[np.where(wrong, moved, digits)])


def _missing(x: Inputs, level: float, generator: np.random.Generator) -> Inputs:
    """Sets each digit with probability `level` to zeros."""
    kept = generator.random(x.shape[:-1]) >= level
    return (x * kept[..., np.newaxis]).astype(np.float32)


MISREAD = PixelNoise(
    "misread",
    "Misread digits",
    "Digits may be replaced by others, as when a hand is hard to read.",
    "probability per digit",
    LEVELS,
    _misread,
)
MISSING = PixelNoise(
    "missing",
    "Missing digits",
    "Digits may be left blank.",
    "probability per digit",
    LEVELS,
    _missing,
)
