"""Reads a number: several digits side by side, spaced, close or touching.

`core.segmentation` takes the ink apart. Here the pieces are put together again: every group of
neighbours that may be one digit is shown to the network, all in one batch, and the cheapest way to
share the pieces out among digits is the reading.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from core.data import Inputs
from core.errors import LimitReached, NothingDrawn
from core.inference import Prediction
from core.ink import MIN_INK, Ink, crop, fit, place, thicken, thin
from core.segmentation import MAX_DIGITS, Box, Piece, Pieces, find_pieces

# Larger pictures are read at this size: more pixels would cost time and show nothing more.
MAX_AREA = 1_000_000
MAX_HEIGHT = 200
# A group spans no more pieces than this, counted from the left.
WINDOW = 7
# A digit is no wider than this many heights of the picture's digits.
MAX_WIDTH = 1.9
# Parts of one digit lie no farther apart than this share of the height.
MAX_GAP = 0.35
MAX_DOUBT = 6.0
WEIGHTS = np.array([1.0, 3.0, 1.0, 6.0, 3.0, 4.0, 4.0, 0.0, 0.0])
# A part below this share of the height may be a stroke that belongs to a digit beside it.
SMALL = 0.5
# No more than this many groups are shown to the network.
MAX_GROUPS = 500


class Reader(Protocol):
    """What answers for one digit: `core.inference.Predictor`, or several of them together."""

    def predict(self, x: Inputs) -> NDArray[np.float32]:
        """Returns probabilities, shape (n, 10), for inputs of shape (n, 28, 28, 1)."""
        ...


@dataclass(frozen=True)
class ReadDigit:
    """One digit of a number.

    Args:
        box: where it is.
        prediction: what the network says.
        network_input: what the network saw, float32 of shape (28, 28, 1).
    """

    box: Box
    prediction: Prediction
    network_input: NDArray[np.float32]


@dataclass(frozen=True)
class Number:
    """A number as it was read, from left to right."""

    digits: tuple[ReadDigit, ...]

    @property
    def text(self) -> str:
        """Its digits, such as "407": text, for a nought in front counts."""
        return "".join(str(digit.prediction.digit) for digit in self.digits)

    @property
    def confidence(self) -> float:
        """How sure it is that all digits are right: the product of their confidences."""
        return float(np.prod([digit.prediction.confidence for digit in self.digits]))


@dataclass(frozen=True)
class Group:
    """Pieces that may be one digit; `costs` are the reasons against it, see WEIGHTS."""

    members: tuple[int, ...]
    box: Box
    costs: NDArray[np.float64]


def read_number(ink: Ink, predictor: Reader, *, scale: float = 1.0) -> Number:
    """Reads the digits of a picture from left to right.

    Args:
        ink: float32, shape (height, width), 0 for paper to 1 for ink, as `find_ink` gives it.
        predictor: reads one digit.
        scale: pixels of the picture per pixel of the ink; the boxes are in the picture's.

    Returns:
        The number, of one digit at least.

    Raises:
        NothingDrawn: if there is no ink.
        LimitReached: if there is more than a number.
    """
    ink, shrunk = _shrink(ink)
    pieces = find_pieces(ink)
    if not pieces.pieces:
        raise NothingDrawn("Nothing is drawn yet: there is no ink in the picture.")
    groups = _groups(pieces)
    inputs = np.stack([_input(ink, pieces, group) for group in groups])
    probabilities = predictor.predict(inputs)
    chosen = _best(groups, _scores(groups, probabilities), len(pieces.pieces))
    chosen.sort(key=lambda k: groups[k].box.left + groups[k].box.right)
    if len(chosen) > MAX_DIGITS:
        raise LimitReached(
            f"There are {len(chosen)} digits in the picture; "
            f"at most {MAX_DIGITS} can be read at once."
        )
    factor = scale * shrunk
    return Number(
        tuple(
            ReadDigit(groups[k].box.scaled(factor), Prediction.of(probabilities[k]), inputs[k])
            for k in chosen
        )
    )


def _shrink(ink: Ink) -> tuple[Ink, int]:
    """Halves a large picture, by the strongest of each four pixels, for a thin line must stay."""
    rows, columns = (np.flatnonzero((ink >= MIN_INK).any(axis=axis)) for axis in (1, 0))
    tall = rows[-1] - rows[0] + 1 if len(rows) else 0
    area = tall * (columns[-1] - columns[0] + 1) if len(columns) else 0
    factor = 1
    while area > MAX_AREA * factor**2 or tall > MAX_HEIGHT * factor:
        factor *= 2
    if factor == 1:
        return ink, 1
    even = np.pad(ink, [(0, -side % factor) for side in ink.shape])
    blocks = even.reshape(even.shape[0] // factor, factor, even.shape[1] // factor, factor)
    return np.ascontiguousarray(blocks.max(axis=(1, 3))), factor


def _groups(pieces: Pieces) -> list[Group]:
    """Every group that may be one digit, among them each connected part as a whole."""
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
    return [_group(pieces, members) for members in found]


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
    parts: dict[int, list[Piece]] = {}
    for k in members:
        parts.setdefault(pieces.pieces[k].part, []).append(pieces.pieces[k])
    large = [
        part
        for part in parts.values()
        if Box.around([p.box for p in part]).size >= SMALL * pieces.height
    ]
    cut = sum(part[0].order > 0 or not part[-1].last for part in parts.values())
    return cut == 0 or len(parts) == 1 or (cut == 1 and len(large) <= 1)


def _group(pieces: Pieces, members: tuple[int, ...]) -> Group:
    """Weighs what speaks against one digit."""
    height = pieces.height
    box = Box.around([pieces.pieces[k].box for k in members])
    crossed = cuts = 0.0
    parts: dict[int, list[int]] = {}
    for k in members:
        parts.setdefault(pieces.pieces[k].part, []).append(k)
    boxes = []
    for inside in parts.values():
        first, last = pieces.pieces[inside[0]], pieces.pieces[inside[-1]]
        crossed += (first.cut_left + last.cut_right) / 2
        cuts += ((first.order > 0) + (not last.last)) / 2
        boxes.append(Box.around([pieces.pieces[k].box for k in inside]))
    boxes.sort(key=lambda b: b.left)
    tall = sum(b.height > 0.6 * box.height for b in boxes)
    gap = sum(
        max(0, b.left - max(a.right for a in boxes[:i])) for i, b in enumerate(boxes) if i > 0
    )
    costs = (
        0.0,  # the network's doubt, not known yet
        crossed,
        cuts,
        max(0.0, 0.75 - box.size / height),
        max(0.0, box.width / max(box.height, 0.7 * height) - 0.9),
        max(0, tall - 1),
        gap / height,
        len(boxes) - max(1, tall),
        1.0,
    )
    return Group(members, box, np.array(costs))


def _input(ink: Ink, pieces: Pieces, group: Group) -> NDArray[np.float32]:
    """The group's ink alone, as the network learned to see digits."""
    import cv2

    box = group.box
    rows = slice(max(0, box.top - 1), box.bottom + 1)
    columns = slice(max(0, box.left - 1), box.right + 1)
    labels = pieces.labels[rows, columns]
    own = np.isin(labels, np.array(group.members) + 1)
    # The pale fringe of a stroke belongs to it, and is no piece's.
    near = cv2.dilate(own.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    alone = np.where(own | (near & (labels == 0)), ink[rows, columns], 0)
    return place(fit(thicken(thin(crop(np.asarray(alone, np.float32))))))


def _scores(groups: list[Group], probabilities: NDArray[np.float32]) -> NDArray[np.float64]:
    """What each group costs as a digit, float64 of shape (groups,)."""
    costs = np.stack([group.costs for group in groups])
    costs[:, 0] = np.minimum(-np.log(np.maximum(probabilities.max(axis=1), 1e-6)), MAX_DOUBT)
    return np.asarray(costs @ WEIGHTS)


def _best(groups: list[Group], scores: NDArray[np.float64], count: int) -> list[int]:
    """Shares all pieces out among groups at the least cost.

    A state is the first piece not used yet and those used beyond it, as bits.
    """
    by_first: list[list[tuple[int, int, float]]] = [[] for _ in range(count)]
    for k, group in enumerate(groups):
        bits = sum(1 << (member - group.members[0]) for member in group.members)
        by_first[group.members[0]].append((bits, k, float(scores[k])))
    layers: list[dict[int, tuple[float, tuple[int, ...]]]] = [{} for _ in range(count + 1)]
    layers[0][0] = (0.0, ())
    for first in range(count):
        for used, (cost, path) in layers[first].items():
            if used & 1:
                _keep(layers[first + 1], used >> 1, cost, path)
                continue
            for bits, k, score in by_first[first]:
                if not used & bits:
                    _keep(layers[first + 1], (used | bits) >> 1, cost + score, (*path, k))
        layers[first].clear()
    return list(layers[count][0][1])


def _keep(
    layer: dict[int, tuple[float, tuple[int, ...]]], used: int, cost: float, path: tuple[int, ...]
) -> None:
    if used not in layer or cost < layer[used][0]:
        layer[used] = (cost, path)
