"""Marks on top of a picture: a stripe, drops, dotted lines, a zigzag.

All of these take `(x, level, generator)`: `x` float32, shape (n, height, width, 1), values in
0..1, white ink on black; they return noisy pictures of the same shape and leave `x` as it is.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from core.data import Inputs

# Chosen to make a level of 0.5 hard, but not hopeless, for a person; see `core.noise.corruptions`.
STRIPE = 1.0  # height, as a share of the picture's, per level
SPATTER = 0.4  # share of the picture that drops cover, per level
DROP = 0.05  # standard deviation of the blur that turns noise into drops, as a share of the side
LINES = 10  # dotted ones, per level
DOT = 0.018  # radius, as a share of the side
GAP = 0.16  # from one dot's middle to the next, as a share of the side
SWING = 0.8  # height of the zigzag, as a share of the side, per level
TEETH = 7  # strokes of the zigzag from one side to the other
ENDS = (0.15, 0.85)  # range along a side where lines begin and end
_SHIFT = 4  # fractional bits of OpenCV's coordinates


def stripe(x: Inputs, level: float, generator: np.random.Generator) -> Inputs:
    """Swaps light and dark in a band across each picture, at a random height."""
    count, height = x.shape[:2]
    thickness = max(1, round(STRIPE * level * height))
    top = generator.integers(0, height - thickness, count, endpoint=True)[:, np.newaxis]
    rows = np.arange(height)
    inside = (rows >= top) & (rows < top + thickness)  # (n, height)
    return np.where(inside[..., np.newaxis, np.newaxis], 1 - x, x)


def spatter(x: Inputs, level: float, generator: np.random.Generator) -> Inputs:
    """Covers a share of each picture with white drops of all shapes."""
    import cv2

    count, height, width = x.shape[:3]
    covered = round(SPATTER * level * height * width)  # pixels
    wetness = generator.standard_normal((count, height, width), dtype=np.float32)
    for picture in wetness:
        cv2.GaussianBlur(picture, (0, 0), DROP * max(height, width), dst=picture)
    flat = wetness.reshape(count, height * width)
    wettest = np.argsort(flat, axis=1)[:, height * width - covered :]
    noisy = x.copy()
    np.put_along_axis(noisy.reshape(flat.shape), wettest, 1, axis=1)
    return noisy


def dotted_line(x: Inputs, level: float, generator: np.random.Generator) -> Inputs:
    """Draws straight dotted lines from one side of each picture to the other."""
    import cv2

    side = max(x.shape[1:3])
    one = 1 << _SHIFT

    def draw(canvas: NDArray[np.uint8]) -> None:
        for _ in range(lines(level)):
            start, end, _ = _across(canvas.shape, generator)
            dots = round(float(np.linalg.norm(end - start)) / (GAP * side)) + 1
            for place in np.linspace(start, end, dots):
                centre = (round(place[0] * one), round(place[1] * one))
                cv2.circle(canvas, centre, round(DOT * side * one), 255, -1, cv2.LINE_AA, _SHIFT)

    return _drawn_over(x, draw)


def lines(level: float) -> int:
    """Returns the number of dotted lines at a level, at least 1."""
    return max(1, round(LINES * level))


def zigzag(x: Inputs, level: float, generator: np.random.Generator) -> Inputs:
    """Draws a zigzag from one side of each picture to the other."""
    import cv2

    swing = SWING * level * max(x.shape[1:3])

    def draw(canvas: NDArray[np.uint8]) -> None:
        start, end, aside = _across(canvas.shape, generator)
        corners = np.linspace(start, end, TEETH + 1)  # (corners, 2)
        corners[::2, aside] -= swing / 2
        corners[1::2, aside] += swing / 2
        places = np.rint(corners * (1 << _SHIFT)).astype(np.int32)
        cv2.polylines(canvas, [places], False, 255, 1, cv2.LINE_AA, _SHIFT)

    return _drawn_over(x, draw)


def _across(
    shape: tuple[int, ...], generator: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64], int]:
    """Picks a line's two ends at random, on opposite sides of a picture.

    Returns:
        The ends as (column, row), and the axis perpendicular to the line: 1 for a line from left to
        right, 0 for one from top to bottom.
    """
    height, width = shape
    first, last = generator.uniform(*ENDS, 2)
    if generator.random() < 0.5:
        ends = [0, first * (height - 1)], [width - 1, last * (height - 1)]
        return np.array(ends[0]), np.array(ends[1]), 1
    ends = [first * (width - 1), 0], [last * (width - 1), height - 1]
    return np.array(ends[0]), np.array(ends[1]), 0


def _drawn_over(x: Inputs, draw: Callable[[NDArray[np.uint8]], None]) -> Inputs:
    """Returns copies of pictures with white drawn over them, each from its own canvas."""
    noisy = x.copy()
    for picture in noisy[..., 0]:
        canvas = np.zeros(picture.shape, np.uint8)
        draw(canvas)
        np.maximum(picture, canvas / np.float32(255), out=picture)
    return noisy
