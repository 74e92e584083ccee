"""Pen strokes on a sheet, as a browser sends them, and how they look as a picture."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MAX_POINTS = 40_000  # of one drawing
MAX_WIDTH = 100.0
PAPER, INK = 255, 0
_SHIFT = 4  # OpenCV takes coordinates in sixteenths of a pixel


@dataclass(frozen=True)
class Stroke:
    """One movement of the pen, from putting it down to lifting it.

    Args:
        width: of the line, in pixels of the sheet.
        points: (x, y) in pixels of the sheet, from its top left corner; at least one.
    """

    width: float
    points: tuple[tuple[float, float], ...]


def strokes_from(sent: object) -> tuple[Stroke, ...]:
    """Reads strokes that came from outside.

    Args:
        sent: a sequence of `{"width": ..., "points": [x, y, x, y, ...]}`. Whatever is not a stroke
            is left out, numbers are clipped to what a sheet can hold, and after MAX_POINTS points
            the rest is dropped.
    """
    if not isinstance(sent, Sequence) or isinstance(sent, str | bytes):
        return ()
    strokes: list[Stroke] = []
    left = MAX_POINTS
    for each in sent:
        stroke = _stroke(each, left)
        if stroke is not None:
            strokes.append(stroke)
            left -= len(stroke.points)
    return tuple(strokes)


def _stroke(sent: object, most: int) -> Stroke | None:
    if not isinstance(sent, Mapping) or most <= 0:
        return None
    width, numbers = sent.get("width"), sent.get("points")
    if not _is_number(width) or not isinstance(numbers, Sequence) or isinstance(numbers, str):
        return None
    if not numbers or len(numbers) % 2 or not all(map(_is_number, numbers)):
        return None
    places = [min(1e4, max(-1e4, float(number))) for number in numbers[: 2 * most]]
    points = tuple(zip(places[::2], places[1::2], strict=True))
    return Stroke(min(MAX_WIDTH, max(1.0, float(width))), points)  # type: ignore[arg-type]


def _is_number(value: object) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and abs(value) < 1e9
        and math.isfinite(value)
    )


def draw(strokes: Sequence[Stroke], *, width: int, height: int) -> NDArray[np.uint8]:
    """Draws strokes with round ends, black on white.

    Args:
        strokes: in the order in which they were drawn.
        width: of the sheet, in pixels.
        height: of the sheet, in pixels.

    Returns:
        uint8, shape (height, width).
    """
    import cv2

    picture = np.full((height, width), PAPER, np.uint8)
    for stroke in strokes:
        path = np.rint(np.array(stroke.points) * 2**_SHIFT).astype(np.int32)
        if len(path) == 1 or not np.ptp(path, axis=0).any():
            centre = (int(path[0, 0]), int(path[0, 1]))
            radius = round(stroke.width / 2 * 2**_SHIFT)
            cv2.circle(picture, centre, radius, INK, cv2.FILLED, cv2.LINE_AA, _SHIFT)
        else:
            thickness = max(1, round(stroke.width))
            cv2.polylines(picture, [path], False, INK, thickness, cv2.LINE_AA, _SHIFT)
    return picture
