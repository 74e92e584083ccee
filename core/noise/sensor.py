"""Noise of light and sensor: photon counts, faulty pixels, glare, fog.

All of these take `(x, level, generator)`: `x` float32, shape (n, height, width, 1), values in
0..1, white ink on black; they return noisy pictures of the same shape and leave `x` as it is.
"""

from __future__ import annotations

import numpy as np

from core.data import Inputs

# Chosen to make a level of 0.5 hard, but not hopeless, for a person; see `core.noise.corruptions`.
PHOTONS = 0.12  # mean photons from a white pixel, divided by the level squared
BRIGHTEST = 1.5  # added to every pixel, per level
DENSEST = 1.8  # share of the contrast that the densest fog hides, per level
THINNEST = np.float32(0.4)  # the thinnest fog, as a share of the densest
CLOUDS = (2, 4, 8)  # cells per side: large clouds, and smaller ones within them


def shot(x: Inputs, level: float, generator: np.random.Generator) -> Inputs:
    """Draws each pixel's photon count from a Poisson distribution, then rescales it to 0..1."""
    # At levels too low to see, the counts would become too large to draw.
    expected = PHOTONS / max(level, 1e-6) ** 2  # photons from a white pixel
    return np.minimum(generator.poisson(x * expected) / expected, 1).astype(np.float32)


def impulse(x: Inputs, level: float, generator: np.random.Generator) -> Inputs:
    """Replaces each pixel, with probability `level`, by a uniformly random brightness."""
    hit = generator.random(x.shape, dtype=np.float32) < level
    return np.where(hit, generator.random(x.shape, dtype=np.float32), x)


def brightness(x: Inputs, level: float, generator: np.random.Generator) -> Inputs:
    """Adds the same light to every pixel."""
    lighter: Inputs = x + np.float32(BRIGHTEST * level)
    return np.minimum(lighter, np.float32(1))


def fog(x: Inputs, level: float, generator: np.random.Generator) -> Inputs:
    """Mixes every pixel with white, in proportion to the density of the fog there."""
    density: Inputs = THINNEST + (1 - THINNEST) * _clouds(x, generator)
    density *= np.float32(DENSEST * level)
    return x + density * (1 - x)


def _clouds(x: Inputs, generator: np.random.Generator) -> Inputs:
    """Makes clouds of the shape of `x`, each from 0 where thinnest to 1 where densest."""
    import cv2

    count, height, width = x.shape[:3]
    clouds = np.zeros((count, height, width), np.float32)
    for cells in CLOUDS:
        nodes = generator.random((count, cells + 1, cells + 1), dtype=np.float32)
        # Resizing the identity matrix gives each node's interpolation weight at each pixel.
        unit = np.eye(cells + 1, dtype=np.float32)
        rows = cv2.resize(unit, (cells + 1, height), interpolation=cv2.INTER_CUBIC)
        columns = cv2.resize(unit, (cells + 1, width), interpolation=cv2.INTER_CUBIC)
        clouds += rows @ nodes @ columns.T / cells  # (n, height, width)
    clouds -= clouds.min(axis=(1, 2), keepdims=True)
    clouds /= clouds.max(axis=(1, 2), keepdims=True)
    return clouds[..., np.newaxis]
