"""Which pieces of ink could form one digit, and the cost of each grouping."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.imaging.extraction import Ink
from core.imaging.segmentation import Box, Piece, Pieces

# A group spans at most this many consecutive pieces, from the left.
WINDOW = 7
# Maximum width of a digit, in digit heights.
MAX_WIDTH = 1.9
# Maximum gap between parts of one digit, as a share of the height.
MAX_GAP = 0.35
# A part smaller than this share of the height may be a stroke of a neighbouring digit.
SMALL = 0.5
# At most this many groups go to the network: about a second's work.
MAX_GROUPS = 250


class Costs(NamedTuple):
    """Costs of reading a group as one digit; each is 0 where nothing speaks against it.

    Args:
        crossed: strokes crossed by the cuts at its sides; each cut counts half.
        cut: number of its sides that are cuts, also halved.
        small: shortfall of its longer side from 0.75 digit heights.
        short: shortfall of its height from the same.
        wide: excess of its width-to-height ratio over 0.9.
        tall_parts: tall parts beyond the first.
        small_parts: the other parts.
        gap: horizontal gaps between its parts, in digit heights.
        crowded: mean strokes per row beyond 1.6: two digits side by side have more.
        long: stroke length beyond 2.7 heights.
        too_long: the same beyond 3.8.
        digit: fixed cost of every digit.
    """

    crossed: float
    cut: float
    small: float
    short: float
    wide: float
    tall_parts: float
    small_parts: float
    gap: float
    crowded: float
    long: float
    too_long: float
    digit: float = 1.0


@dataclass(frozen=True)
class Group:
    """Pieces that could form one digit.

    Args:
        members: their indices, ascending.
        box: the rectangle around them.
        costs: evidence against it.
    """

    members: tuple[int, ...]
    box: Box
    costs: Costs


def find_groups(ink: Ink, pieces: Pieces) -> list[Group]:
    """Finds the groups of pieces that could form one digit, at most MAX_GROUPS.

    Args:
        ink: float32, shape (height, width), the image that the pieces were found in.
        pieces: the pieces to group.

    Returns:
        The groups. Every connected part as a whole is among them, so that all ink can be read.
    """
    wholes: dict[int, tuple[int, ...]] = {}
    for k, piece in enumerate(pieces.pieces):
        wholes[piece.part] = (*wholes.get(piece.part, ()), k)
    found = dict.fromkeys(wholes.values())
    pending: list[tuple[int, ...]] = [(k,) for k in range(len(pieces.pieces))]
    while pending and len(found) < MAX_GROUPS:
        found |= dict.fromkeys(m for m in pending if _fits_together(pieces, m))
        pending = [
            (*members, k)
            for members in pending
            for k in range(members[-1] + 1, min(members[0] + WINDOW, len(pieces.pieces)))
            if _may_join(pieces, members, k)
        ]
    # Whole parts come first, so the limit never drops one.
    return [_group(ink, pieces, members) for members in list(found)[:MAX_GROUPS]]


def _may_join(pieces: Pieces, members: tuple[int, ...], index: int) -> bool:
    new = pieces.pieces[index]
    own = [pieces.pieces[k] for k in members]
    same = [piece for piece in own if piece.part == new.part]
    if same and new.order != same[-1].order + 1:
        return False
    box = Box.around([piece.box for piece in own])
    joined = Box.around([box, new.box])
    apart = max(new.box.left - box.right, box.left - new.box.right)
    return joined.width <= MAX_WIDTH * pieces.height and apart <= MAX_GAP * pieces.height


def _fits_together(pieces: Pieces, members: tuple[int, ...]) -> bool:
    """Returns whether a piece that was cut off is joined by small parts only."""
    parts = _by_part(pieces, members)
    sizes = [Box.around([piece.box for piece in part]).size for part in parts]
    large = sum(size >= SMALL * pieces.height for size in sizes)
    cut = sum(part[0].order > 0 or not part[-1].last for part in parts)
    return cut == 0 or len(parts) == 1 or (cut == 1 and large <= 1)


def _by_part(pieces: Pieces, members: tuple[int, ...]) -> list[list[Piece]]:
    """Groups pieces by connected part, keeping their order."""
    parts: dict[int, list[Piece]] = {}
    for k in members:
        parts.setdefault(pieces.pieces[k].part, []).append(pieces.pieces[k])
    return list(parts.values())


def _group(ink: Ink, pieces: Pieces, members: tuple[int, ...]) -> Group:
    """Builds a group and computes its costs."""
    height = pieces.height
    parts = _by_part(pieces, members)
    boxes = sorted((Box.around([p.box for p in part]) for part in parts), key=_left)
    box = Box.around(boxes)
    tall = max(1, sum(part.height > 0.6 * box.height for part in boxes))
    gap, right = 0, box.left
    for part in boxes:
        gap += max(0, part.left - right)
        right = max(right, part.right)
    own = _mask(pieces, members, box)
    starts = float(own[:, 0].sum() + (own[:, 1:] & ~own[:, :-1]).sum())
    length = float(own.sum()) / (pieces.stroke * max(height, box.height))
    costs = Costs(
        crossed=sum(part[0].cut_left + part[-1].cut_right for part in parts) / 2,
        cut=sum((part[0].order > 0) + (not part[-1].last) for part in parts) / 2,
        small=max(0.0, 0.75 - box.size / height),
        short=max(0.0, 0.75 - box.height / height),
        wide=max(0.0, box.width / max(box.height, 0.7 * height) - 0.9),
        tall_parts=tall - 1,
        small_parts=len(boxes) - tall,
        gap=gap / height,
        crowded=max(0.0, starts / box.height - 1.6),
        long=max(0.0, length - 2.7),
        too_long=max(0.0, length - 3.8),
    )
    return Group(members, box, costs)


def _left(box: Box) -> int:
    return box.left


def _mask(pieces: Pieces, members: tuple[int, ...], box: Box) -> NDArray[np.bool_]:
    """Returns where the pieces' ink is in the box: bool, shape (box height, box width)."""
    known = np.zeros(len(pieces.pieces) + 1, np.bool_)
    known[np.array(members) + 1] = True
    return np.asarray(known[pieces.labels[box.top : box.bottom, box.left : box.right]])


def group_ink(ink: Ink, pieces: Pieces, group: Group) -> Ink:
    """Returns only the group's ink: float32, its box with a margin of one pixel."""
    import cv2

    box = group.box
    area = Box(box.left - 1, box.top - 1, box.width + 2, box.height + 2)
    left, top = max(0, area.left), max(0, area.top)
    right, bottom = min(ink.shape[1], area.right), min(ink.shape[0], area.bottom)
    area = Box(left, top, right - left, bottom - top)
    own = _mask(pieces, group.members, area)
    # The pale fringe of a stroke belongs to it, but to no piece.
    near = cv2.dilate(own.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    free = pieces.labels[top:bottom, left:right] == 0
    return np.asarray(np.where(own | (near & free), ink[top:bottom, left:right], 0), np.float32)
