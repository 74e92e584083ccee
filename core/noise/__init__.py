"""Noise on pictures and on displays: corruptions of an input, at a level that a slider sets."""

from core.noise.base import Noise, PixelNoise

__all__ = ["Noise", "PixelNoise"]
