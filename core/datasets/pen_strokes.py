"""Digits as pen strokes: reads them from the UCI data set, and draws them as the canvas does.

Source: E. Alpaydin, F. Alimoglu, "Pen-Based Recognition of Handwritten Digits" (1998), UCI Machine
Learning Repository: 7,494 digits that 30 writers wrote on a tablet, as paths of the pen.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import DataUnavailable
from core.files import read_file, reason
from core.settings import settings

VARIABLE = "PEN_STROKES_PATH"
ADDRESS = "https://archive.ics.uci.edu/dataset/81/pen+based+recognition+of+handwritten+digits"
# The splits share no writers: a network must read people whom it has never seen.
VALIDATION_WRITERS = (22, 23, 24)
TEST_WRITERS = (25, 26, 27, 28, 29, 30)
CANVAS = 320  # pixels of the drawing page's canvas
# OpenCV takes sub-pixel positions as integers with this many fractional bits.
_FRACTION_BITS = 4
_DIGIT = re.compile(
    r'\.SEGMENT\s+DIGIT\s+\S+\s+\?\s+"(?P<label>\d)"\s+\.COMMENT\s+\d+\s+(?P<writer>\d+)\s+\d+'
    r"(?P<body>.*?)(?=\.SEGMENT|\Z)",
    re.DOTALL,
)
_STROKE = re.compile(r"\.PEN_DOWN(?P<points>[^.]*)")


@dataclass(frozen=True)
class PenDigit:
    """One handwritten digit.

    Args:
        label: the digit, 0..9.
        writer: number of the person, 1..30.
        strokes: float64, shape (points, 2) each: x to the right and y downwards, in units of the
            digit's longer side, centred at 0.
    """

    label: int
    writer: int
    strokes: tuple[NDArray[np.float64], ...]


@dataclass(frozen=True)
class Pen:
    """How a digit is drawn on the canvas.

    Args:
        width: of the round brush, in pixels.
        height: longer side of the box that the pen's path fills, in pixels.
        centre: of that box, as shares of the canvas' width and height.
        rotation: clockwise, in degrees.
        slant: how far the top leans to the right, as a share of the height.
        stretch: factor by which the written width-to-height ratio changes.
        canvas: width and height of the canvas, in pixels.
    """

    width: float = 20
    height: float = 200
    centre: tuple[float, float] = (0.5, 0.5)
    rotation: float = 0.0
    slant: float = 0.0
    stretch: float = 1.0
    canvas: tuple[int, int] = (CANVAS, CANVAS)


def missing() -> str | None:
    """Returns a sentence saying why the strokes cannot be used, or None if they can."""
    try:
        _find()
    except DataUnavailable as error:
        return str(error)
    return None


def read(writers: Collection[int] | None = None) -> tuple[PenDigit, ...]:
    """Reads the digits of some writers, in the file's order.

    Args:
        writers: their numbers. Defaults to all.

    Raises:
        DataUnavailable: if the file is missing or something else, or has nothing by these writers.
    """
    path = _find()
    found = tuple(
        digit
        for digit in _parse(path, path.stat().st_mtime_ns)
        if writers is None or digit.writer in writers
    )
    if not found:
        raise DataUnavailable(
            f"{path.name} is another file of pen strokes: it has nothing by the writers that are"
            " needed."
        )
    return found


def _find() -> Path:
    named = settings().pen_strokes_path
    if not named:
        raise DataUnavailable(
            f"The pen strokes are not on this machine: {VARIABLE} would name their file"
            f" (pendigits-orig.tra, from {ADDRESS})."
        )
    if not named.is_file():
        raise DataUnavailable(f"{VARIABLE} names {named.name}, but there is no such file.")
    return named


@cache
def _parse(path: Path, changed: int) -> tuple[PenDigit, ...]:
    try:
        digits = tuple(_digits(read_file(path).decode("ascii")))
    except (OSError, ValueError) as error:
        why = reason(error) if isinstance(error, OSError) else str(error)
        raise DataUnavailable(
            f"{path.name} is not a readable file of pen strokes ({why})."
        ) from error
    if not digits:
        raise DataUnavailable(f"{path.name} is not a file of pen strokes: it holds no digit.")
    return digits


def _digits(text: str) -> Iterable[PenDigit]:
    for match in _DIGIT.finditer(text):
        strokes = [
            np.array(stroke["points"].split(), float).reshape(-1, 2)
            for stroke in _STROKE.finditer(match["body"])
        ]
        strokes = [stroke for stroke in strokes if len(stroke)]
        if strokes:
            yield PenDigit(int(match["label"]), int(match["writer"]), _normalized(strokes))


def _normalized(strokes: list[NDArray[np.float64]]) -> tuple[NDArray[np.float64], ...]:
    upright = [stroke * [1, -1] for stroke in strokes]  # in the file y grows upwards
    points = np.concatenate(upright)
    low, high = points.min(axis=0), points.max(axis=0)
    side = max(float((high - low).max()), 1.0)
    return tuple((stroke - (low + high) / 2) / side for stroke in upright)


def draw(digit: PenDigit, pen: Pen, *, onto: NDArray[np.uint8] | None = None) -> NDArray[np.uint8]:
    """Draws a digit with a round brush, black on white, as it would look on the canvas.

    Args:
        digit: what was written.
        pen: how and where it is drawn.
        onto: a picture to draw on, in place. Defaults to an empty canvas.

    Returns:
        uint8, shape (height, width), 255 for paper.
    """
    import cv2

    width, height = pen.canvas
    picture = np.full((height, width), 255, np.uint8) if onto is None else onto
    angle = np.radians(pen.rotation)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    lean = np.array([[pen.stretch, -pen.slant], [0, 1]])
    unit = 2**_FRACTION_BITS
    for stroke in digit.strokes:
        points = stroke @ (turn @ lean).T * pen.height + np.array(pen.centre) * pen.canvas
        path = np.rint(points * unit).astype(np.int32)
        if len(path) == 1:
            path = np.repeat(path, 2, axis=0)
        cv2.polylines(
            picture,
            [path],
            False,
            0,
            thickness=max(1, round(pen.width)),
            lineType=cv2.LINE_AA,
            shift=_FRACTION_BITS,
        )
    return picture


def by_chance(generator: np.random.Generator) -> Pen:
    """Returns a random pen within a natural range of brush, size, position, tilt and slant."""
    # Digits are at least about a quarter of the canvas; a brush is at most a quarter of a digit.
    height = float(np.exp(generator.uniform(np.log(70), np.log(270))))
    width = float(generator.uniform(3, max(6.0, min(48.0, height / 4))))
    reach = (CANVAS - height - width) / 2 / CANVAS
    across, down = generator.uniform(-reach, reach, 2)
    return replace(
        Pen(),
        width=width,
        height=height,
        centre=(0.5 + across, 0.5 + down),
        rotation=float(generator.normal(0, 8)),
        slant=float(generator.normal(0, 0.12)),
        stretch=float(np.exp(generator.normal(0, 0.1))),
    )


def draw_pair(left: PenDigit, right: PenDigit, generator: np.random.Generator) -> NDArray[np.uint8]:
    """Draws two digits side by side, as a number: uint8, shape (320, 320), 255 for paper."""
    height = float(generator.uniform(90, 140))
    pen = replace(by_chance(generator), height=height, width=generator.uniform(4, height / 7))
    gap = pen.width / height + generator.uniform(0.02, 0.3)
    halves = [
        max(float(np.concatenate(digit.strokes)[:, 0].max()), 0.02) for digit in (left, right)
    ]
    apart = (halves[0] + halves[1] + gap) * height / CANVAS
    middle = 0.5 + apart * (halves[0] - halves[1]) / (2 * sum(halves))
    picture = draw(left, replace(pen, centre=(middle - apart / 2, 0.5)))
    return draw(right, replace(pen, centre=(middle + apart / 2, 0.5)), onto=picture)
