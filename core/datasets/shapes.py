"""Pictures of the edges of simple shapes, at random places, in random sizes, turned at random."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from core.data import Inputs, Split

SIDE = 16
NAMES = ("circle", "triangle", "square", "pentagon", "star", "cross")
SIZES = (3.5, 7.0)  # from the middle to the farthest corner, in pixels
COUNTS = (500, 100, 250)  # pictures of each shape for training, validation and testing
_SEED = 0
_FRACTION = 4  # binary places of a corner's position
_ROUND = 48  # corners of a circle


def corners(name: str) -> NDArray[np.float64]:
    """Returns a shape's corners around (0, 0), the farthest at 1: float64, shape (n, 2)."""
    if name == "star":
        radii = np.tile([1.0, 0.45], 5)
    elif name == "cross":
        # A plus sign, a third as wide as it is long.
        arm = 1 / 3
        points = [(arm, 1), (arm, arm), (1, arm), (1, -arm), (arm, -arm), (arm, -1)]
        plus = np.array([*points, *[(-x, -y) for x, y in points]])
        return np.asarray(plus / np.hypot(*plus.T).max())
    else:
        sides = {"circle": _ROUND, "triangle": 3, "square": 4, "pentagon": 5}[name]
        radii = np.ones(sides)
    angles = 2 * np.pi * np.arange(len(radii)) / len(radii)
    return np.stack([radii * np.cos(angles), radii * np.sin(angles)], axis=1)


def draw(name: str, generator: np.random.Generator) -> NDArray[np.uint8]:
    """Returns one picture of a shape: uint8, shape (16, 16), 0 and 255."""
    import cv2  # slow to load, and the server shows tasks without their data

    size = generator.uniform(*SIZES)
    middle = generator.uniform(size, SIDE - 1 - size, 2) if size < (SIDE - 1) / 2 else SIDE / 2
    turn = generator.uniform(0, 2 * np.pi)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    places = corners(name) @ rotation.T * size + middle
    picture = np.zeros((SIDE, SIDE), np.uint8)
    fixed = np.round(places * 2**_FRACTION).astype(np.int32)
    cv2.polylines(picture, [fixed], isClosed=True, color=255, shift=_FRACTION)
    return picture


def part(number: int) -> Split:
    """Returns pictures for training (0), validation (1) or testing (2)."""
    return _parts()[number]


@cache
def _parts() -> tuple[Split, Split, Split]:
    """Returns pictures for training, validation and testing; none is there twice."""
    generator = np.random.default_rng(_SEED)
    seen: set[bytes] = set()
    found = []
    for count in COUNTS:
        pictures: list[Inputs] = []
        labels: list[int] = []
        for label, name in enumerate(NAMES):
            while labels.count(label) < count:
                picture = draw(name, generator)
                if picture.tobytes() in seen:
                    continue
                seen.add(picture.tobytes())
                pictures.append((picture[..., np.newaxis] / 255).astype(np.float32))
                labels.append(label)
        order = generator.permutation(len(labels))
        found.append(Split(np.stack(pictures)[order], np.array(labels, np.int64)[order]))
    train, validation, test = found
    return train, validation, test
