"""A person's own handwriting: pictures of digits and signs, labelled by that person."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.data import Split
from core.errors import InvalidInput
from core.imaging.normalize import SIZE
from core.tasks.handwritten import to_inputs

DIGITS = 10
LABELS = 12  # the digits, and two signs of the person's own

Picture = NDArray[np.uint8]  # (28, 28), ink bright on black
Pictures = NDArray[np.uint8]  # (n, 28, 28)
SampleLabels = NDArray[np.uint8]  # (n,), the digits 0..9, and 10 and 11 for the signs A and B


def digest(picture: Picture) -> str:
    """Returns a picture's fingerprint: the SHA-256 of its pixels in hexadecimal."""
    return hashlib.sha256(np.ascontiguousarray(picture).tobytes()).hexdigest()


def to_split(x: Pictures, y: NDArray[np.integer]) -> Split:
    """Turns samples into a network's inputs: x float32 (n, 28, 28, 1) in 0..1, y int64 (n,)."""
    return Split(to_inputs(x), y.astype(np.int64))


def check_samples(x: NDArray[np.generic], y: NDArray[np.generic]) -> None:
    """Raises InvalidInput unless these are valid pictures and their labels."""
    if x.dtype != np.uint8 or x.shape[1:] != (SIZE, SIZE):
        raise InvalidInput(
            f"Expected pictures as uint8 of shape (n, {SIZE}, {SIZE})."
            f" Received: {x.dtype} of shape {_shape_text(x.shape)}."
        )
    if y.dtype.kind not in "iu" or y.shape != x.shape[:1]:
        raise InvalidInput(
            f"Expected {len(x):,} labels, a whole number for each picture."
            f" Received: {y.dtype} of shape {_shape_text(y.shape)}."
        )
    for label in np.unique(y):
        check_label(int(label))
    blank = ~x.any(axis=(1, 2))
    if blank.any():
        raise InvalidInput(f"Picture {int(blank.argmax()) + 1} is empty: there is no ink in it.")


def check_label(label: int) -> None:
    """Raises InvalidInput unless it is one of the digits, or 10 or 11 for a sign."""
    if not 0 <= label < LABELS:
        raise InvalidInput(
            "Expected a digit from 0 to 9 as the label, or 10 or 11 for the signs A and B."
            f" Received: {label}."
        )


def _shape_text(shape: Sequence[int]) -> str:
    return "×".join(map(str, shape)) or "a single value"
