"""From a picture of a number to pieces of ink, each of which belongs to one digit at most.

Ink that hangs together is one piece, unless it is so wide that two digits may touch in it: then it
is cut along paths that cross as little ink as can be. This module rather cuts too often, and says
what each cut costs. Which pieces belong together is for `core.number` to decide.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import LimitReached
from core.ink import MIN_INK, Ink

MAX_DIGITS = 20
# A digit may come in several parts; more than this many is a page, not a number.
MAX_PARTS = 3 * MAX_DIGITS
# A part smaller than this share of the digits' height is a speck.
SPECK = 0.12
# A flat part longer than this many heights is a line under the number or of the paper.
LINE_LENGTH, LINE_HEIGHT = 1.6, 0.3
# Only ink wider than this share of the height can hold two digits.
MIN_CUT_WIDTH = 0.45
# A cut leaves at least this share of the height on either side.
MARGIN = 0.1
# Paths are sought in a picture of this many rows: finer ones find nothing better.
PATH_ROWS = 48
# A step aside costs as much as this much ink, so that cuts are no more crooked than they must be.
SIDESTEP = 0.05


@dataclass(frozen=True)
class Box:
    """A rectangle in a picture, in pixels from its left and top edge."""

    left: int
    top: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The first column to the right of it."""
        return self.left + self.width

    @property
    def bottom(self) -> int:
        """The first row below it."""
        return self.top + self.height

    @property
    def size(self) -> int:
        """Its longer side."""
        return max(self.width, self.height)

    def scaled(self, factor: float) -> Box:
        """Returns the same rectangle in a picture that is so many times as large."""
        left, top = round(self.left * factor), round(self.top * factor)
        right, bottom = round(self.right * factor), round(self.bottom * factor)
        return Box(left, top, max(1, right - left), max(1, bottom - top))

    @classmethod
    def around(cls, boxes: list[Box]) -> Box:
        """Returns the smallest rectangle that holds all of these, of which there is one at least."""
        left, top = min(box.left for box in boxes), min(box.top for box in boxes)
        right, bottom = max(box.right for box in boxes), max(box.bottom for box in boxes)
        return cls(left, top, right - left, bottom - top)


@dataclass(frozen=True)
class Piece:
    """Ink that is not divided further.

    Args:
        box: the rectangle around it.
        part: number of the connected ink that it comes from.
        order: its place among the pieces of that part, from the left.
        cut_left: strokes that the cut on its left goes through; 0 at the part's end.
        cut_right: the same on its right.
    """

    box: Box
    part: int
    order: int = 0
    cut_left: float = 0.0
    cut_right: float = 0.0
    last: bool = True


@dataclass(frozen=True)
class Pieces:
    """All pieces of a picture, from left to right.

    Args:
        pieces: sorted by the middle of their boxes.
        labels: int32, shape (height, width): 1 + a piece's index where its ink is, else 0.
        height: how tall the digits are, in pixels.
    """

    pieces: tuple[Piece, ...]
    labels: NDArray[np.int32]
    height: float


def find_pieces(ink: Ink) -> Pieces:
    """Takes a picture of a number apart.

    Args:
        ink: float32, shape (height, width), 0 for paper to 1 for ink.

    Returns:
        The pieces, none where there is no ink.

    Raises:
        LimitReached: if there is far more in the picture than a number.
    """
    import cv2

    mask = (ink >= MIN_INK).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    boxes = {k: Box(*(int(v) for v in stats[k, :4])) for k in _largest(stats, count)}
    height = _digit_height(list(boxes.values()))
    kept = {k: box for k, box in boxes.items() if box.size >= SPECK * height}
    digits = {k: box for k, box in kept.items() if not _is_line(box, height)}
    kept = digits or kept
    if len(kept) > MAX_PARTS:
        raise LimitReached(
            f"There is too much in the picture: at most {MAX_DIGITS} digits can be read at once."
        )
    result = np.zeros(ink.shape, np.int32)
    found: list[tuple[Piece, NDArray[np.bool_]]] = []
    for part, (k, box) in enumerate(kept.items()):
        rows, columns = slice(box.top, box.bottom), slice(box.left, box.right)
        inside = labels[rows, columns] == k
        found += _cut(np.where(inside, ink[rows, columns], 0), inside, box, part, height)
    found.sort(key=lambda item: item[0].box.left + item[0].box.right)
    for index, (piece, inside) in enumerate(found):
        box = piece.box
        result[box.top : box.bottom, box.left : box.right][inside] = index + 1
    return Pieces(tuple(piece for piece, _ in found), result, height)


def _largest(stats: NDArray[np.int32], count: int) -> list[int]:
    """The parts with the largest boxes, one more than can be read, without the paper's."""
    sizes = stats[:count, 2:4].max(axis=1).astype(np.int64)
    sizes[0] = -1
    return [int(k) for k in np.argsort(-sizes, kind="stable")[: MAX_PARTS + 1] if k > 0]


def _digit_height(boxes: list[Box]) -> float:
    """The usual height among the parts that are not small against the tallest."""
    heights = np.array([box.height for box in boxes] or [1])
    widest = max((box.width for box in boxes), default=1)
    tall = heights[heights >= 0.4 * heights.max()]
    # A lone dash is as tall as it is long, for no digit is that flat.
    return max(float(np.median(tall)), 0.2 * widest if len(boxes) == 1 else 1.0)


def _is_line(box: Box, height: float) -> bool:
    return box.width > LINE_LENGTH * height and box.height < LINE_HEIGHT * height


def _cut(
    ink: Ink, inside: NDArray[np.bool_], box: Box, part: int, height: float
) -> list[tuple[Piece, NDArray[np.bool_]]]:
    """Divides connected ink wherever two digits may touch; gives pieces and their masks."""
    whole = [(Piece(box, part), inside)]
    if box.width < MIN_CUT_WIDTH * height or box.height < 8:
        return whole
    paths, costs = _paths(ink, inside, height)
    columns = np.arange(box.width)[np.newaxis, :]
    order = np.zeros(ink.shape, np.int32)
    for path in paths:
        order += columns > path[:, np.newaxis]
    pieces = []
    ends = [0.0, *costs, 0.0]
    names = [k for k in range(len(paths) + 1) if (inside & (order == k)).any()]
    if len(names) < len(paths) + 1:  # paths met and left nothing between them
        return whole
    for k in names:
        mask = inside & (order == k)
        rows, cols = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        mask = mask[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
        corner = (box.left + int(cols[0]), box.top + int(rows[0]))
        piece = Piece(Box(*corner, mask.shape[1], mask.shape[0]), part, k, ends[k], ends[k + 1], k == len(paths))
        pieces.append((piece, mask))
    return pieces


def _paths(
    ink: Ink, inside: NDArray[np.bool_], height: float
) -> tuple[list[NDArray[np.float64]], list[float]]:
    """Finds the ways from top to bottom through the least ink.

    Returns:
        For each path from the left: the column at every row, and how many strokes it crosses.
    """
    import cv2

    scale = min(1.0, PATH_ROWS / ink.shape[0])
    shape = (max(2, round(ink.shape[1] * scale)), max(2, round(ink.shape[0] * scale)))
    small = cv2.resize(ink, shape, interpolation=cv2.INTER_AREA)
    padded = cv2.copyMakeBorder((small >= 0.5).astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    distances = cv2.distanceTransform(padded, cv2.DIST_L2, 5)
    stroke = max(1.0, 4 * float(distances[padded > 0].mean()) if padded.any() else 1.0)
    down, from_above = _sweep(small)
    up, from_below = _sweep(small[::-1])
    up, from_below = up[::-1], from_below[::-1]
    through = down + up - small
    middle = small.shape[0] // 2
    profile = through[middle]
    margin = max(2, round(MARGIN * height * scale))
    chosen = _minima(profile, margin, round(4 * small.shape[1] / max(1.0, height * scale)) + 1)
    rows = (np.arange(ink.shape[0]) + 0.5) * scale - 0.5
    paths, costs = [], []
    for start in chosen:
        path = np.empty(small.shape[0])
        path[middle] = column = start
        for row in range(middle, 0, -1):
            path[row - 1] = column = column + int(from_above[row, column])
        column = start
        for row in range(middle, small.shape[0] - 1):
            path[row + 1] = column = column + int(from_below[row, column])
        crossed = float(small[np.arange(len(path)), path.astype(int)].sum()) / stroke
        smooth = (np.interp(rows, np.arange(len(path)), path) + 0.5) / scale - 0.5
        paths.append(np.maximum(smooth, paths[-1]) if paths else smooth)
        costs.append(crossed)
    return paths, costs


def _sweep(ink: Ink) -> tuple[Ink, NDArray[np.int8]]:
    """The least ink on any way from the first row to each pixel, and the step it came by."""
    cost = ink.copy()
    step = np.zeros(ink.shape, np.int8)
    wall = np.float32(np.inf)
    for row in range(1, len(ink)):
        above = np.pad(cost[row - 1], 1, constant_values=wall)
        ways = np.stack([above[1:-1], above[:-2] + SIDESTEP, above[2:] + SIDESTEP])
        best = ways.argmin(axis=0)
        cost[row] += np.take_along_axis(ways, best[np.newaxis], axis=0)[0]
        step[row] = np.array([0, -1, 1], np.int8)[best]
    return cost, step


def _minima(profile: Ink, margin: int, most: int) -> list[int]:
    """The cheapest columns, none nearer than the margin to another or to an end."""
    chosen: list[int] = []
    for column in np.argsort(profile, kind="stable"):
        far = all(abs(int(column) - other) >= margin for other in chosen)
        if margin <= column < len(profile) - margin and far:
            chosen.append(int(column))
            if len(chosen) == most:
                break
    return sorted(chosen)
