"""Which pieces of ink may be one digit together, and what speaks against it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.imaging.extraction import Ink
from core.imaging.segmentation import Box, Piece, Pieces

# A group spans no more pieces than this, counted from the left.
WINDOW = 7
# A digit is no wider than this many heights of the picture's digits.
MAX_WIDTH = 1.9
# Parts of one digit lie no farther apart than this share of the height.
MAX_GAP = 0.35
# A part below this share of the height may be a stroke that belongs to a digit beside it.
SMALL = 0.5
# No more than this many groups are shown to the network: what a second is enough for.
MAX_GROUPS = 250


class Costs(NamedTuple):
    """What speaks against a group's being one digit, each 0 where nothing does.

    Args:
        crossed: strokes that the cuts at its sides go through, each cut counted half.
        cut: how many of its sides are cuts, halved likewise.
        small: how far its longer side falls short of 3/4 of the digits' height.
        short: how far its own height does.
        wide: how far its width against its height exceeds 0.9.
        tall_parts: tall parts beyond the first.
        small_parts: the other parts.
        gap: paper between its parts, in heights.
        crowded: strokes met along a row, on average, beyond 1.6: two digits meet more.
        long: length of its strokes beyond 2.7 heights.
        too_long: the same beyond 3.8.
        digit: what every digit costs.
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
    """Pieces that may be one digit.

    Args:
        members: their indices, rising.
        box: the rectangle around them.
        costs: what speaks against it.
    """

    members: tuple[int, ...]
    box: Box
    costs: Costs


def find_groups(ink: Ink, pieces: Pieces) -> list[Group]:
    """Finds every group of pieces that may be one digit.

    Args:
        ink: float32, shape (height, width), as the pieces were found in.
        pieces: what to choose from.

    Returns:
        The groups, among them each connected part as a whole, so that all ink can be read.
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
    # The parts as a whole come first and are never among those left out.
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
    """Whether no more than small parts stand beside a piece that was cut off."""
    parts = _by_part(pieces, members)
    sizes = [Box.around([piece.box for piece in part]).size for part in parts]
    large = sum(size >= SMALL * pieces.height for size in sizes)
    cut = sum(part[0].order > 0 or not part[-1].last for part in parts)
    return cut == 0 or len(parts) == 1 or (cut == 1 and large <= 1)


def _by_part(pieces: Pieces, members: tuple[int, ...]) -> list[list[Piece]]:
    """Puts pieces of the same connected ink together, in their order."""
    parts: dict[int, list[Piece]] = {}
    for k in members:
        parts.setdefault(pieces.pieces[k].part, []).append(pieces.pieces[k])
    return list(parts.values())


def _group(ink: Ink, pieces: Pieces, members: tuple[int, ...]) -> Group:
    """Weighs what speaks against one digit."""
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
    """Where the pieces' ink is in the box, bool of shape (box height, box width)."""
    known = np.zeros(len(pieces.pieces) + 1, np.bool_)
    known[np.array(members) + 1] = True
    return np.asarray(known[pieces.labels[box.top : box.bottom, box.left : box.right]])


def group_ink(ink: Ink, pieces: Pieces, group: Group) -> Ink:
    """Returns the group's ink alone, float32, with a margin of a pixel around its box."""
    import cv2

    box = group.box
    area = Box(box.left - 1, box.top - 1, box.width + 2, box.height + 2)
    left, top = max(0, area.left), max(0, area.top)
    right, bottom = min(ink.shape[1], area.right), min(ink.shape[0], area.bottom)
    area = Box(left, top, right - left, bottom - top)
    own = _mask(pieces, group.members, area)
    # The pale fringe of a stroke belongs to it, and is no piece's.
    near = cv2.dilate(own.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    free = pieces.labels[top:bottom, left:right] == 0
    return np.asarray(np.where(own | (near & free), ink[top:bottom, left:right], 0), np.float32)
