"""Segmentation of a number's image into pieces of ink, each from at most one digit.

Connected ink is one piece, unless it is wide enough for two touching digits: then it is cut along
the paths that cross the least ink. This module oversegments, and records what each cut costs.
`core.imaging.grouping` and `core.inference.number` decide which pieces belong together.
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
# A flat part longer than this many heights is an underline or a ruled line.
LINE_LENGTH, LINE_HEIGHT = 1.6, 0.3
# Only ink wider than this share of the height can hold two digits.
MIN_CUT_WIDTH = 0.45
# A cut leaves ink of at least this share of the height on either side.
MIN_PIECE = 0.3
# Cuts are at least this share of the height apart, at most this many per height of width.
MIN_APART = 0.06
CUTS = 8
# A cut crosses at most this many strokes.
MAX_CROSSED = 2.2
# Paths are searched with digits this many rows tall: finer images give none better.
PATH_ROWS = 40
# A sidestep costs as much as this much ink, which keeps cuts straight.
SIDESTEP = 0.3
# Paths are searched through points at these heights.
HEIGHTS = (0.25, 0.5, 0.75)


@dataclass(frozen=True)
class Box:
    """A rectangle in an image, in pixels from its left and top edge."""

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
        """Returns the same rectangle in an image scaled by this factor."""
        left, top = round(self.left * factor), round(self.top * factor)
        right, bottom = round(self.right * factor), round(self.bottom * factor)
        return Box(left, top, max(1, right - left), max(1, bottom - top))

    def moved(self, right: int, down: int) -> Box:
        """Returns the rectangle shifted by this many pixels."""
        return Box(self.left + right, self.top + down, self.width, self.height)

    @classmethod
    def around(cls, boxes: list[Box]) -> Box:
        """Returns the smallest rectangle around all boxes, of which there is at least one."""
        left, top = min(box.left for box in boxes), min(box.top for box in boxes)
        right, bottom = max(box.right for box in boxes), max(box.bottom for box in boxes)
        return cls(left, top, right - left, bottom - top)


@dataclass(frozen=True)
class Piece:
    """Ink that is not divided further.

    Args:
        box: the rectangle around it.
        part: index of the connected ink that it comes from.
        order: its position among the pieces of that part, from the left.
        cut_left: strokes crossed by the cut on its left; 0 at the part's end.
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
    """All pieces of an image, from left to right.

    Args:
        pieces: sorted by their `middle`.
        labels: int32, shape (height, width): 1 + a piece's index where its ink is, else 0.
        height: height of the digits in pixels.
        stroke: width of their strokes in pixels.
    """

    pieces: tuple[Piece, ...]
    labels: NDArray[np.int32]
    height: float
    stroke: float


def find_pieces(ink: Ink) -> Pieces:
    """Splits the ink of a number into pieces.

    Args:
        ink: float32, shape (height, width), 0 for paper to 1 for ink.

    Returns:
        The pieces; none if there is no ink.

    Raises:
        LimitReached: if the image holds far more than a number.
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
    """Returns the labels of the largest parts, at most one over the limit, without the paper."""
    sizes = stats[:count, 2:4].max(axis=1).astype(np.int64)
    sizes[0] = -1
    return [int(k) for k in np.argsort(-sizes, kind="stable")[: MAX_PARTS + 1] if k > 0]


def _digit_height(boxes: list[Box]) -> float:
    """Returns the median height of the parts that are not much shorter than the tallest."""
    heights = np.array([box.height for box in boxes] or [1])
    widest = max((box.width for box in boxes), default=1)
    tall = heights[heights >= 0.4 * heights.max()]
    # A lone dash counts as at least a fifth as tall as wide: no digit is flatter.
    return max(float(np.median(tall)), 0.2 * widest if len(boxes) == 1 else 1.0)


def _is_line(box: Box, height: float) -> bool:
    return box.width > LINE_LENGTH * height and box.height < LINE_HEIGHT * height


def _cut(
    ink: Ink, inside: NDArray[np.bool_], box: Box, part: int, height: float
) -> list[tuple[Piece, NDArray[np.bool_]]]:
    """Splits connected ink wherever two digits may touch; returns pieces and their masks."""
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
        # Pieces of one part keep their order even where a cut is slanted.
        middle = max(new.middle, middle)
        pieces.append((Piece(new, part, place, ends[place], ends[place + 1], last, middle), mask))
    return pieces


@dataclass(frozen=True)
class Path:
    """A path through ink from top to bottom: its column at each row, and the strokes it crosses."""

    columns: NDArray[np.float64]
    crossed: float


def _paths(ink: Ink, height: float) -> list[Path]:
    """Finds the top-to-bottom paths that cross the least ink, sorted from left to right."""
    import cv2

    scale = min(1.0, PATH_ROWS / height)
    shape = (max(2, round(ink.shape[1] * scale)), max(2, round(ink.shape[0] * scale)))
    small = np.asarray(cv2.resize(ink, shape, interpolation=cv2.INTER_AREA), np.float32)
    mask = small >= 0.5
    if not mask.any():
        return []
    stroke = _width_of(mask)
    candidates = _candidate_paths(small)
    crossed = small[np.arange(len(small)), candidates].sum(axis=1) / stroke
    apart = MIN_APART * height * scale
    least = MIN_PIECE * height * scale
    most = round(CUTS * shape[0] / (height * scale))
    edges = [np.full(len(small), -1), np.full(len(small), shape[0] - 1)]
    found: list[tuple[NDArray[np.int64], float]] = []
    for k in np.argsort(crossed, kind="stable")[: 4 * most]:
        path = candidates[k]
        if len(found) == most or crossed[k] > MAX_CROSSED:
            break
        if any(np.abs(path - other).mean() < apart for other, _ in found):
            continue
        before = [other for other, _ in found if other.mean() < path.mean()]
        after = [other for other, _ in found if other.mean() >= path.mean()]
        left = max(before, key=np.mean, default=edges[0])
        right = min(after, key=np.mean, default=edges[1])
        path = np.clip(path, left, right)
        if _size(mask, left, path) >= least and _size(mask, path, right) >= least:
            found.append((path, float(crossed[k])))
    found.sort(key=lambda item: float(item[0].mean()))
    rows = (np.arange(ink.shape[0]) + 0.5) * shape[1] / ink.shape[0] - 0.5
    stretch = ink.shape[1] / shape[0]
    return [
        Path((np.interp(rows, np.arange(shape[1]), path) + 0.5) * stretch - 0.5, cost)
        for path, cost in found
    ]


def _width_of(mask: NDArray[np.bool_]) -> float:
    return stroke_width(mask.astype(np.float32))


def _candidate_paths(ink: Ink) -> NDArray[np.int64]:
    """Returns the cheapest top-to-bottom paths through chosen points: int64, shape (n, height).

    The points are the local minima of the path cost along a few rows.
    """
    above, below = _sweep(ink), _sweep(ink[::-1])[::-1]
    candidates = []
    for share in HEIGHTS:
        row = int(share * len(ink))
        profile = np.pad((above + below - ink)[row], 1, constant_values=np.inf)
        low = (profile[1:-1] <= profile[:-2]) & (profile[1:-1] <= profile[2:])
        starts = np.flatnonzero(low)
        up = _trace(above[row::-1], starts)
        down = _trace(below[row:], starts)
        candidates.append(np.concatenate([up[:, :0:-1], down], axis=1))
    return np.concatenate(candidates)


def _trace(costs: Ink, starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Follows the cheapest paths from the first row to the last: int64, shape (n, rows)."""
    path = np.empty((len(starts), len(costs)), np.int64)
    path[:, 0] = starts
    padded = np.pad(costs, [(0, 0), (1, 1)], constant_values=np.inf)
    aside = np.array([SIDESTEP, 0, SIDESTEP])
    for row in range(1, len(costs)):
        near = path[:, row - 1, np.newaxis] + np.arange(3)
        path[:, row] = path[:, row - 1] + (padded[row][near] + aside).argmin(axis=1) - 1
    return path


def _size(mask: NDArray[np.bool_], left: NDArray[np.int64], right: NDArray[np.int64]) -> int:
    """Returns the longer side of the ink between two paths, the right one included."""
    columns = np.arange(mask.shape[1])
    between = mask & (columns > np.reshape(left, (-1, 1))) & (columns <= np.reshape(right, (-1, 1)))
    rows, cols = np.flatnonzero(between.any(axis=1)), np.flatnonzero(between.any(axis=0))
    return max(int(np.ptp(rows)), int(np.ptp(cols))) + 1 if len(rows) else 0


def _sweep(ink: Ink) -> Ink:
    """Returns the cheapest path's cost from the first row to each pixel, inclusive."""
    cost = np.pad(ink, [(0, 0), (1, 1)], constant_values=np.inf)
    for above, row in pairwise(cost):
        aside = np.minimum(above[:-2], above[2:]) + SIDESTEP
        row[1:-1] += np.minimum(above[1:-1], aside)
    return cost[:, 1:-1]
