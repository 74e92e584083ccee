"""Hands as 21 landmarks, in the order and the axes of MediaPipe: x to the right, y down, z away.

Where a hand is and how large it looks says nothing about its pose, so both are taken out before a
network sees it. The same is done to landmarks that a person brings along.

Source of the order: F. Zhang et al., "MediaPipe Hands: On-device Real-time Hand Tracking" (2020).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.data import Inputs
from core.errors import InvalidInput

FINGERS = ("thumb", "index", "middle", "ring", "little")
_JOINTS = {"thumb": ("base", "knuckle", "joint", "tip")}
POINTS = (
    "wrist",
    *(
        f"{finger} {joint}"
        for finger in FINGERS
        for joint in _JOINTS.get(finger, ("knuckle", "middle joint", "end joint", "tip"))
    ),
)
FEATURES = tuple(f"{point} {axis}" for point in POINTS for axis in "xyz")
NUMBERS = len(FEATURES)
MIDDLE = 0.5  # where the wrist is, after normalising
# The points of each finger, from the wrist outwards.
CHAINS = tuple((0, *range(1 + 4 * finger, 5 + 4 * finger)) for finger in range(len(FINGERS)))
PALM = ((5, 9), (9, 13), (13, 17))


def normalised(rows: NDArray[np.floating]) -> Inputs:
    """Moves each hand's wrist to the middle and scales it to the same size.

    Args:
        rows: shape (n, 63): x, y and z of each of the POINTS, in any unit.

    Returns:
        float32, shape (n, 63), in 0..1: the wrist at 0.5, the farthest point 0.5 away from it.

    Raises:
        InvalidInput: if the rows are not of 63 numbers each, or all points of a hand lie together.
    """
    values = np.asarray(rows, np.float64)
    if values.ndim != 2 or values.shape[1] != NUMBERS:
        raise InvalidInput(
            f"Expected {NUMBERS} numbers for each hand: x, y and z of {len(POINTS)} points."
            f" Received: {values.shape[1] if values.ndim == 2 else 'no table'}"
        )
    if not np.isfinite(values).all():
        row = int(np.flatnonzero(~np.isfinite(values).all(axis=1))[0])
        raise InvalidInput(f"Hand {row + 1} has a value that is missing or no finite number.")
    points = values.reshape(-1, len(POINTS), 3)
    moved = points - points[:, :1]
    sizes = np.linalg.norm(moved, axis=2).max(axis=1)
    if (sizes == 0).any():
        row = int(np.flatnonzero(sizes == 0)[0])
        raise InvalidInput(f"Hand {row + 1} has all its points at one place.")
    scaled = MIDDLE + moved / (2 * sizes[:, np.newaxis, np.newaxis])
    return np.asarray(np.clip(scaled, 0, 1).reshape(len(values), NUMBERS), np.float32)
