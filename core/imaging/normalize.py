"""From ink to network input: preprocessing in the style of MNIST.

MNIST's makers scaled each digit into a box of 20 by 20 pixels, keeping its aspect ratio, smoothed
it, and put its centre of mass in the middle of 28 by 28, white on black. A network trained on such
images reads others only after the same preprocessing, so every digit goes through `normalise`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.data import Inputs
from core.imaging.extraction import Ink, ink_of

SIZE = 28
BOX = 20
# Enough pixels for any digit; more only cost time.
MAX_INK = 1_500_000
# A speck is smaller than these shares of the largest part's area and longer side.
SPECK_AREA, SPECK_SIDE = 0.05, 0.15
# Ink fainter than this share of the darkest ink does not widen the box around the digit.
MIN_INK = 0.25
# MNIST's strokes are about this wide inside the box; thinner ones would fade when shrunk.
STROKE_WIDTH = 2.4
# Strokes wider than the first, inside the box, are thinned to the second: a thick brush in a small
# drawing fills the loops of an eight.
THICK_STROKE, THINNED_STROKE = 4.0, 3.0
MAX_LOSS = 0.05  # of the longer side
# Widening by more pixels than this would take minutes on a large picture.
MAX_REACH = 16


def to_network_input(image: NDArray[np.generic], *, background: float | None = None) -> Inputs:
    """Turns a drawing or any other image of one digit into a network's input.

    Args:
        image: shape (height, width), or (height, width, channels) with 1 (grey), 2 (grey and
            alpha), 3 (RGB) or 4 (RGBA) channels; unsigned integers over their full range, bool, or
            floats in 0..1. Ink may be dark on light or light on dark.
        background: grey of the paper in 0..1, if known. Defaults to None: the median colour along
            the image's edge.

    Returns:
        float32, shape (28, 28, 1), values in 0..1, ink bright on black.

    Raises:
        UnreadableImage: if the shape, dtype or range is invalid.
        NothingDrawn: if there is no ink in it.
    """
    return normalise(ink_of(image, background=background)).network_input


def shrink_plainly(ink: Ink) -> Inputs:
    """Shrinks the whole image to 28 by 28 pixels, without the other steps.

    For comparison: it shows how much those steps matter.

    Args:
        ink: float32, shape (height, width), 0..1.

    Returns:
        float32, shape (28, 28, 1), values in 0..1.
    """
    import cv2

    shrunk = cv2.resize(ink, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    return np.asarray(shrunk, dtype=np.float32)[..., np.newaxis]


@dataclass(frozen=True)
class Stages:
    """A digit at each stage of preprocessing.

    Args:
        ink: float32, shape (height, width), the whole image: 0 for paper to 1 for ink.
        digit: float32, shape (box height, box width): without specks, cropped to its box, strokes
            brought to MNIST's width.
        fitted: float32, shape (rows, columns), the longer side 20.
        network_input: float32, shape (28, 28, 1), the centre of mass in the middle.
    """

    ink: Ink
    digit: Ink
    fitted: Ink
    network_input: Inputs


def normalise(ink: Ink) -> Stages:
    """Preprocesses the ink of one digit in the style of MNIST.

    Args:
        ink: float32, shape (height, width), 0..1, with ink in it.
    """
    reduced = ink
    while reduced.size > MAX_INK:
        reduced = halve(reduced)
    digit = thicken(thin(crop(drop_specks(reduced))))
    fitted = fit(digit)
    return Stages(ink, digit, fitted, place(fitted))


def drop_specks(ink: Ink) -> Ink:
    """Removes dots that are far too small to be part of the digit.

    Args:
        ink: float32, shape (height, width), 0..1.

    Returns:
        float32, shape (height, width); the input itself if there are none.
    """
    import cv2

    count, parts, boxes, _ = cv2.connectedComponentsWithStats((ink >= MIN_INK).astype(np.uint8))
    if count <= 2:  # paper and one part
        return ink
    areas = boxes[1:, cv2.CC_STAT_AREA]
    sides = boxes[1:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1)
    largest = int(areas.argmax())
    is_speck = (areas < SPECK_AREA * areas[largest]) & (sides < SPECK_SIDE * sides[largest])
    if not is_speck.any():
        return ink
    kept = np.concatenate([[True], ~is_speck])[parts]
    return np.asarray(np.where(kept, ink, 0), dtype=np.float32)


def crop(ink: Ink) -> Ink:
    """Crops to the bounding box of the ink, ignoring faint traces.

    Args:
        ink: float32, shape (height, width), 0..1, with ink in it.

    Returns:
        float32, shape (box height, box width).
    """
    rows = np.flatnonzero((ink >= MIN_INK).any(axis=1))
    columns = np.flatnonzero((ink >= MIN_INK).any(axis=0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def stroke_width(ink: Ink) -> float:
    """Returns the mean stroke width in pixels; 1 if no ink reaches 0.5."""
    import cv2

    mask = (ink >= 0.5).astype(np.uint8)
    # Along the middle of a stroke the distance to paper is half its width; the mean over all its
    # pixels is half of that.
    padded = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    distances = cv2.distanceTransform(padded, cv2.DIST_L2, 5)
    return 4 * float(distances[padded > 0].mean()) if padded.any() else 1.0


def thin(ink: Ink) -> Ink:
    """Narrows strokes that are much wider than MNIST's, so that loops open again.

    Args:
        ink: float32, shape (height, width), 0..1, cropped to its box.

    Returns:
        float32; cropped again if strokes were narrowed, else unchanged.
    """
    import cv2

    shrink, width = max(ink.shape) / BOX, stroke_width(ink)
    reach = round((width - THINNED_STROKE * shrink) / 2)
    if shrink < 1.5 or width < THICK_STROKE * shrink or reach < 1 or _is_blot(ink):
        return ink
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    margin = cv2.copyMakeBorder(ink, reach, reach, reach, reach, cv2.BORDER_CONSTANT, value=0)
    narrowed = np.asarray(cv2.erode(margin, brush), dtype=np.float32)
    if not (narrowed >= MIN_INK).any():
        return ink
    narrowed = crop(narrowed)
    # If the box shrinks by more than the strokes' edges, a thinner stroke was lost.
    lost = max(before - after for before, after in zip(ink.shape, narrowed.shape, strict=True))
    return narrowed if lost <= 2 * reach + MAX_LOSS * max(ink.shape) else ink


def _is_blot(ink: Ink) -> bool:
    """Returns whether the ink fills its box in both directions: there is no stroke to narrow."""
    return min(ink.shape) > 0.4 * max(ink.shape) and float((ink >= 0.5).mean()) > 0.9


def thicken(ink: Ink) -> Ink:
    """Widens thin strokes to MNIST's stroke width, as measured after shrinking to the box.

    Args:
        ink: float32, shape (height, width), 0..1, cropped to its box.

    Returns:
        float32; larger by a margin if strokes were widened, else unchanged.
    """
    import cv2

    shrink = max(ink.shape) / BOX
    reach = round((STROKE_WIDTH * shrink - stroke_width(ink)) / 2)
    if shrink < 1.5 or reach < 1:
        return ink
    if reach > MAX_REACH:
        return thicken(halve(ink))
    margin = cv2.copyMakeBorder(ink, reach, reach, reach, reach, cv2.BORDER_CONSTANT, value=0)
    brush = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    return np.asarray(cv2.dilate(margin, brush), dtype=np.float32)


def halve(ink: Ink) -> Ink:
    """Halves both sides by 2x2 max pooling, so that thin lines do not fade."""
    even = np.pad(ink, [(0, side % 2) for side in ink.shape])
    rows = np.maximum(even[0::2], even[1::2])
    return np.asarray(np.maximum(rows[:, 0::2], rows[:, 1::2]), dtype=np.float32)


def fit(ink: Ink) -> Ink:
    """Scales the ink, keeping its aspect ratio, until its longer side is 20 pixels.

    Args:
        ink: float32, shape (height, width), 0..1.

    Returns:
        float32, shape (rows, columns), the larger of the two 20.
    """
    import cv2

    scale = BOX / max(ink.shape)
    columns, rows = (max(1, round(side * scale)) for side in (ink.shape[1], ink.shape[0]))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    scaled = cv2.resize(ink, (columns, rows), interpolation=how)
    return np.asarray(np.clip(scaled / max(float(scaled.max()), 1e-6), 0, 1), dtype=np.float32)


def place(ink: Ink) -> Inputs:
    """Puts the ink's centre of mass in the middle of 28 by 28 pixels.

    Args:
        ink: float32, shape (rows, columns), at most 20 each.

    Returns:
        float32, shape (28, 28, 1), all of the ink inside.
    """
    picture = np.zeros((SIZE, SIZE, 1), np.float32)
    rows, columns = ink.shape
    weight = float(ink.sum())
    top = round((SIZE - 1) / 2 - float((ink.sum(axis=1) @ np.arange(rows)) / weight))
    left = round((SIZE - 1) / 2 - float((ink.sum(axis=0) @ np.arange(columns)) / weight))
    top, left = min(max(top, 0), SIZE - rows), min(max(left, 0), SIZE - columns)
    picture[top : top + rows, left : left + columns, 0] = ink
    return picture
