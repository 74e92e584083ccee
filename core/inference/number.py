"""Reads a number: several digits side by side, spaced, close or touching.

`core.imaging.segmentation` splits the ink into pieces, `core.imaging.grouping` finds the groups of
neighbours that could form one digit. Here the network classifies all groups in one batch, and the
cheapest partition of the pieces into digits is the reading.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import LimitReached, NothingDrawn
from core.imaging.extraction import Ink
from core.imaging.grouping import Costs, Group, find_groups, group_ink
from core.imaging.normalize import MIN_INK, halve, normalise
from core.imaging.segmentation import MAX_DIGITS, Box, find_pieces
from core.inference.predictor import Classifier, Prediction

CHARACTERS = "0123456789AB"  # of each class in a number's text: the digits, a person's two signs
# Larger pictures are shrunk to this size: more pixels would cost time and add nothing.
MAX_AREA = 1_000_000
MAX_HEIGHT = 200
# Doubt is the negative log probability of the network's answer, capped at this.
MAX_DOUBT = 6.0
DOUBT_WEIGHT = 2.3
# Fitted by a structured perceptron (chosen against correct partition) on pen strokes of 20 writers
# and on MNIST's training digits set side by side.
WEIGHTS = Costs(
    crossed=0.8,
    cut=1.6,
    small=2.4,
    short=2.5,
    wide=3.9,
    tall_parts=4.0,
    small_parts=0.7,
    gap=3.9,
    crowded=6.0,
    long=2.1,
    too_long=1.0,
    digit=0.5,
)


@dataclass(frozen=True)
class ReadDigit:
    """One digit of a number.

    Args:
        box: where it is.
        prediction: the network's answer.
        network_input: what the network saw, float32 of shape (28, 28, 1).
    """

    box: Box
    prediction: Prediction
    network_input: NDArray[np.float32]


@dataclass(frozen=True)
class Number:
    """A number as read, its digits from left to right."""

    digits: tuple[ReadDigit, ...]

    @property
    def text(self) -> str:
        """Its digits, such as "407": text, because leading zeros count."""
        return "".join(CHARACTERS[digit.prediction.digit] for digit in self.digits)

    @property
    def confidence(self) -> float:
        """The confidence that all digits are right: the product of their confidences."""
        return float(np.prod([digit.prediction.confidence for digit in self.digits]))


def read_number(ink: Ink, predictor: Classifier, *, scale: float = 1.0) -> Number:
    """Reads the digits of a picture from left to right.

    Args:
        ink: float32, shape (height, width), 0 for paper to 1 for ink, as `ink_of` returns it.
        predictor: reads one digit.
        scale: pixels of the picture per pixel of the ink; boxes are in pixels of the picture.

    Returns:
        The number, with at least one digit.

    Raises:
        NothingDrawn: if there is no ink.
        LimitReached: if there are too many pieces or digits.
    """
    ink, left, top = _crop(ink)
    ink, shrunk = _shrink(ink)
    pieces = find_pieces(ink)
    groups = find_groups(ink, pieces)
    inputs = np.stack([normalise(group_ink(ink, pieces, g)).network_input for g in groups])
    predictions = predictor.answers(inputs)
    chosen = _best(groups, _scores(groups, predictions), len(pieces.pieces))
    chosen.sort(key=lambda k: groups[k].box.middle)
    if len(chosen) > MAX_DIGITS:
        raise LimitReached(
            f"There seem to be {len(chosen)} digits in the picture; "
            f"at most {MAX_DIGITS} can be read at once."
        )
    boxes = [groups[k].box.scaled(shrunk).moved(left, top).scaled(scale) for k in chosen]
    return Number(
        tuple(
            ReadDigit(box, predictions[k], inputs[k]) for box, k in zip(boxes, chosen, strict=True)
        )
    )


def _crop(ink: Ink) -> tuple[Ink, int, int]:
    """Crops to the ink with a margin of one pixel; returns the left and top offsets as well."""
    strong = ink >= MIN_INK
    rows, columns = np.flatnonzero(strong.any(axis=1)), np.flatnonzero(strong.any(axis=0))
    if not len(rows):
        raise NothingDrawn("Nothing is drawn yet: there is no ink in the picture.")
    left, top = max(0, int(columns[0]) - 1), max(0, int(rows[0]) - 1)
    return ink[top : int(rows[-1]) + 2, left : int(columns[-1]) + 2], left, top


def _shrink(ink: Ink) -> tuple[Ink, int]:
    """Halves a large picture until it is small enough; returns the total factor as well."""
    factor = 1
    while ink.size > MAX_AREA * factor**2 or len(ink) > (MAX_HEIGHT + 2) * factor:
        factor *= 2
    for _ in range(factor.bit_length() - 1):
        ink = halve(ink)
    return ink, factor


def _scores(groups: list[Group], predictions: list[Prediction]) -> NDArray[np.float64]:
    """Returns the cost of each group as a digit: float64, shape (groups,)."""
    confidence = np.array([prediction.confidence for prediction in predictions])
    doubt = np.minimum(-np.log(np.maximum(confidence, 1e-6)), MAX_DOUBT)
    costs = np.array([group.costs for group in groups])  # (groups, kinds of cost)
    return np.asarray(costs @ np.array(WEIGHTS) + DOUBT_WEIGHT * doubt, np.float64)


def _best(groups: list[Group], scores: NDArray[np.float64], count: int) -> list[int]:
    """Finds the cheapest partition of the pieces into groups, by dynamic programming.

    A state is the first unused piece and, as bits, the used ones beyond it.
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
