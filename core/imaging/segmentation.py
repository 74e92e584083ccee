"""From a picture of a number to pieces of ink, each of which belongs to one digit at most.

Ink that hangs together is one piece, unless it is so wide that two digits may touch in it: then it
is cut along paths that cross as little ink as can be. This module rather cuts too often, and says
what each cut costs. Which pieces belong together is for `core.imaging.grouping` and
`core.inference.number` to decide.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from core.errors import LimitReached
from core.imaging.extraction import Ink
from core.imaging.normalize import MIN_INK, stroke_width

MAX_DIGITS = 20
# A digit may come in several parts; more than this many is a page, not a number.
MAX_PARTS = 3 * MAX_DIGITS
# A part smaller than this share of the digits' height is a speck.
SPECK = 0.12
# A flat part longer than this many heights is a line under the number or of the paper.
LINE_LENGTH, LINE_HEIGHT = 1.6, 0.3
# Only ink wider than this share of the height can hold two digits.
MIN_CUT_WIDTH = 0.45
# A cut leaves ink of at least this share of the height on either side.
MIN_PIECE = 0.3
# Cuts are this share of the height apart, and no more than so many per height of width.
MIN_APART = 0.06
CUTS = 8
# Through more strokes than this no cut is tried.
MAX_CROSSED = 2.2
# Paths are sought in a picture of this many rows: finer ones find nothing better.
PATH_ROWS = 40
# A step aside costs as much as this much ink, so that cuts are no more crooked than they must be.
SIDESTEP = 0.3
# Ways are sought through points at these heights.
HEIGHTS = (0.25, 0.5, 0.75)


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
    def middle(self) -> float:
        """The column in its middle."""
        return self.left + self.width / 2

    @property
    def size(self) -> int:
        """Its longer side."""
        return max(self.width, self.height)

    def scaled(self, factor: float) -> Box:
        """Returns the same rectangle in a picture that is so many times as large."""
        left, top = round(self.left * factor), round(self.top * factor)
        right, bottom = round(self.right * factor), round(self.bottom * factor)
        return Box(left, top, max(1, right - left), max(1, bottom - top))

    def moved(self, right: int, down: int) -> Box:
        """Returns the same rectangle elsewhere."""
        return Box(self.left + right, self.top + down, self.width, self.height)

    @classmethod
    def around(cls, boxes: list[Box]) -> Box:
        """Returns the smallest rectangle that holds all of these, one at least."""
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
        last: whether it is the last piece of its part.
        middle: the column that it is sorted by.
    """

    box: Box
    part: int
    order: int = 0
    cut_left: float = 0.0
    cut_right: float = 0.0
    last: bool = True
    middle: float = 0.0


@dataclass(frozen=True)
class Pieces:
    """All pieces of a picture, from left to right.

    Args:
        pieces: sorted by the middle of their boxes.
        labels: int32, shape (height, width): 1 + a piece's index where its ink is, else 0.
        height: how tall the digits are, in pixels.
        stroke: how wide their strokes are, in pixels.
    """

    pieces: tuple[Piece, ...]
    labels: NDArray[np.int32]
    height: float
    stroke: float


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
    boxes = {
        k: Box(*(int(v) for v in stats[k, :4]))
        for k in _largest(np.asarray(stats, np.int32), count)
    }
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
    found.sort(key=lambda item: item[0].middle)
    for index, (piece, inside) in enumerate(found):
        box = piece.box
        result[box.top : box.bottom, box.left : box.right][inside] = index + 1
    return Pieces(tuple(piece for piece, _ in found), result, height, _width_of(result > 0))


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
    whole = [(Piece(box, part, middle=box.middle), inside)]
    few = MIN_CUT_WIDTH * height <= box.width <= 2 * MAX_DIGITS * height
    if not few or box.height < 8:
        return whole
    paths = _paths(ink, height)
    columns = np.arange(box.width)[np.newaxis, :]
    order = np.zeros(ink.shape, np.int32)
    for path in paths:
        order += columns > path.columns[:, np.newaxis]
    names = [k for k in range(len(paths) + 1) if (inside & (order == k)).any()]
    ends = [0.0, *(paths[k - 1].crossed for k in names[1:]), 0.0]
    pieces = []
    middle = 0.0
    for place, k in enumerate(names):
        mask = inside & (order == k)
        rows, cols = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
        mask = mask[rows[0] : rows[-1] + 1, cols[0] : cols[-1] + 1]
        new = Box(box.left + int(cols[0]), box.top + int(rows[0]), mask.shape[1], mask.shape[0])
        last = place == len(names) - 1
        # Pieces of one part keep their order even where a cut is aslant.
        middle = max(new.middle, middle)
        pieces.append((Piece(new, part, place, ends[place], ends[place + 1], last, middle), mask))
    return pieces


@dataclass(frozen=True)
class Path:
    """A way through ink from top to bottom: its column at every row, and the strokes it crosses."""

    columns: NDArray[np.float64]
    crossed: float


def _paths(ink: Ink, height: float) -> list[Path]:
    """Finds the ways from top to bottom through the least ink, from left to right."""
    import cv2

    scale = min(1.0, PATH_ROWS / height)
    shape = (max(2, round(ink.shape[1] * scale)), max(2, round(ink.shape[0] * scale)))
    small = np.asarray(cv2.resize(ink, shape, interpolation=cv2.INTER_AREA), np.float32)
    mask = small >= 0.5
    if not mask.any():
        return []
    stroke = _width_of(mask)
    ways = _ways(small)
    crossed = small[np.arange(len(small)), ways].sum(axis=1) / stroke
    apart = MIN_APART * height * scale
    least = MIN_PIECE * height * scale
    most = round(CUTS * shape[0] / (height * scale))
    edges = [np.full(len(small), -1), np.full(len(small), shape[0] - 1)]
    found: list[tuple[NDArray[np.int64], float]] = []
    for k in np.argsort(crossed, kind="stable")[: 4 * most]:
        way = ways[k]
        if len(found) == most or crossed[k] > MAX_CROSSED:
            break
        if any(np.abs(way - other).mean() < apart for other, _ in found):
            continue
        before = [other for other, _ in found if other.mean() < way.mean()]
        after = [other for other, _ in found if other.mean() >= way.mean()]
        left = max(before, key=np.mean, default=edges[0])
        right = min(after, key=np.mean, default=edges[1])
        way = np.clip(way, left, right)
        if _size(mask, left, way) >= least and _size(mask, way, right) >= least:
            found.append((way, float(crossed[k])))
    found.sort(key=lambda item: float(item[0].mean()))
    rows = (np.arange(ink.shape[0]) + 0.5) * shape[1] / ink.shape[0] - 0.5
    stretch = ink.shape[1] / shape[0]
    return [
        Path((np.interp(rows, np.arange(shape[1]), way) + 0.5) * stretch - 0.5, cost)
        for way, cost in found
    ]


def _width_of(mask: NDArray[np.bool_]) -> float:
    return stroke_width(mask.astype(np.float32))


def _ways(ink: Ink) -> NDArray[np.int64]:
    """The cheapest ways from top to bottom through chosen points, int64 of shape (n, height).

    The points are where, along one of a few rows, no way through a neighbour is cheaper.
    """
    above, below = _sweep(ink), _sweep(ink[::-1])[::-1]
    ways = []
    for share in HEIGHTS:
        row = int(share * len(ink))
        profile = np.pad((above + below - ink)[row], 1, constant_values=np.inf)
        low = (profile[1:-1] <= profile[:-2]) & (profile[1:-1] <= profile[2:])
        starts = np.flatnonzero(low)
        up = _trace(above[row::-1], starts)
        down = _trace(below[row:], starts)
        ways.append(np.concatenate([up[:, :0:-1], down], axis=1))
    return np.concatenate(ways)


def _trace(costs: Ink, starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Follows the cheapest way from the first row to the last, int64 of shape (n, rows)."""
    way = np.empty((len(starts), len(costs)), np.int64)
    way[:, 0] = starts
    padded = np.pad(costs, [(0, 0), (1, 1)], constant_values=np.inf)
    aside = np.array([SIDESTEP, 0, SIDESTEP])
    for row in range(1, len(costs)):
        near = way[:, row - 1, np.newaxis] + np.arange(3)
        way[:, row] = way[:, row - 1] + (padded[row][near] + aside).argmin(axis=1) - 1
    return way


def _size(mask: NDArray[np.bool_], left: NDArray[np.int64], right: NDArray[np.int64]) -> int:
    """The longer side of the ink right of one path, up to and with the other."""
    columns = np.arange(mask.shape[1])
    between = mask & (columns > np.reshape(left, (-1, 1))) & (columns <= np.reshape(right, (-1, 1)))
    rows, cols = np.flatnonzero(between.any(axis=1)), np.flatnonzero(between.any(axis=0))
    return max(int(np.ptp(rows)), int(np.ptp(cols))) + 1 if len(rows) else 0


def _sweep(ink: Ink) -> Ink:
    """The least ink on any way from the first row to each pixel, that pixel's with it."""
    cost = np.pad(ink, [(0, 0), (1, 1)], constant_values=np.inf)
    for above, row in pairwise(cost):
        aside = np.minimum(above[:-2], above[2:]) + SIDESTEP
        row[1:-1] += np.minimum(above[1:-1], aside)
    return cost[:, 1:-1]
