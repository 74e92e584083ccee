"""Hands in ten poses, made by a simple model: a stiff palm, and fingers of three bones each.

Every hand has bones, joint angles and a direction of its own, so no hand is there twice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from core.data import Split
from core.datasets.landmarks import FINGERS, NUMBERS, normalised

COUNTS = (300, 60, 150)  # hands of each pose for training, validation and testing
_SEED = 0
Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Pose:
    """How a hand is held.

    Args:
        bent: how far each finger is bent, thumb first: 0 straight, 1 to the palm.
        spread: how far the four fingers are spread, in radians from one to the next.
    """

    bent: tuple[float, float, float, float, float]
    spread: float = 0.1


POSES: Mapping[str, Pose] = {
    "fist": Pose((0.9, 1, 1, 1, 1), 0.03),
    "pointing": Pose((0.9, 0, 1, 1, 1), 0.05),
    "victory": Pose((0.9, 0, 0, 1, 1), 0.25),
    "three": Pose((0, 0, 0, 1, 1), 0.15),
    "four": Pose((0.9, 0, 0, 0, 0), 0.12),
    "open hand": Pose((0, 0, 0, 0, 0), 0.2),
    "thumb up": Pose((0, 1, 1, 1, 1), 0.03),
    "call me": Pose((0, 1, 1, 1, 0), 0.1),
    "horns": Pose((0.9, 0, 1, 1, 0), 0.1),
    "OK": Pose((0.55, 0.6, 0.1, 0.05, 0), 0.15),
}
# Knuckles seen from the wrist in the length of a palm: x to the thumb's side, y to the fingertips.
_KNUCKLES = ((0.3, 0.25), (0.28, 0.95), (0.08, 1.0), (-0.12, 0.94), (-0.3, 0.84))
_BONES = (
    (0.38, 0.32, 0.26),
    (0.45, 0.27, 0.2),
    (0.5, 0.31, 0.21),
    (0.46, 0.29, 0.2),
    (0.36, 0.2, 0.18),
)
_BENT = (1.45, 1.7, 1.1)  # angle of each joint of a finger bent to the palm, in radians
_THUMB_BENT = (0.55, 0.75, 0.9)
_THUMB_DIRECTION = 0.75  # from the fingers' direction to the thumb's side, in radians
_THUMB_TILT = 1.6  # of its hinge out of the palm
_LENGTHS = 0.07  # spread of the bones' lengths, as a share
_ANGLES = 0.12  # spread of the joints' angles, in radians
_MEASURED = 0.012  # error of each coordinate, in palms
_TURNS = (0.35, 0.4, 0.3)  # largest turn about x, y and z, in radians


def _turned(vectors: Vector, axis: Vector, angle: Vector) -> Vector:
    """Turns each vector about a unit axis of its own, by Rodrigues' formula.

    Args:
        vectors: shape (..., 3).
        axis: the same shape, or one that it broadcasts to.
        angle: radians, shape (...,).
    """
    cosine, sine = np.cos(angle)[..., np.newaxis], np.sin(angle)[..., np.newaxis]
    along = (vectors * axis).sum(axis=-1, keepdims=True)
    across = np.cross(np.broadcast_to(axis, vectors.shape), vectors)
    return np.asarray(vectors * cosine + across * sine + axis * along * (1 - cosine))


def make(labels: NDArray[np.int64], generator: np.random.Generator) -> Vector:
    """Returns a hand for each label, in no special unit, at any place and of any size.

    Args:
        labels: int64, shape (n,), indices in POSES.
        generator: of everything that differs from hand to hand.

    Returns:
        float64, shape (n, 63): x to the right, y down, z away.
    """
    count, poses = len(labels), list(POSES.values())
    bent = np.array([pose.bent for pose in poses])[labels]  # (n, 5)
    spread = np.array([pose.spread for pose in poses])[labels]
    normal, nothing = generator.standard_normal, np.zeros(count)
    points = [np.zeros((count, 3))]
    stretch = 1 + _LENGTHS * normal(count)
    for finger, (knuckle, bones) in enumerate(zip(_KNUCKLES, _BONES, strict=True)):
        place = np.array([*knuckle, 0.0]) * (1 + 0.5 * _LENGTHS * normal((count, 3)))
        thumb = FINGERS[finger] == "thumb"
        side = nothing + _THUMB_DIRECTION if thumb else (2.3 - finger) * spread
        side = side + _ANGLES * normal(count) * (1.0 if thumb else 0.5)
        direction = np.stack([np.sin(side), np.cos(side), nothing], axis=1)
        # Fingers bend towards the palm, which looks along z; the thumb bends across it as well.
        tilt = _THUMB_TILT if thumb else 0.0
        hinge = np.stack([np.cos(side), -np.sin(side), nothing + tilt], axis=1) / np.hypot(1, tilt)
        points.append(place)
        for bone, largest in zip(bones, _THUMB_BENT if thumb else _BENT, strict=True):
            angle = largest * bent[:, finger] + _ANGLES * normal(count)
            direction = _turned(direction, hinge, angle)
            length = bone * stretch * (1 + _LENGTHS * normal(count))
            place = place + length[:, np.newaxis] * direction
            points.append(place)
    hand = np.stack(points, axis=1)  # (n, 21, 3)
    for axis, largest in zip(np.eye(3), _TURNS, strict=True):
        angle = generator.uniform(-largest, largest, (count, 1))
        hand = _turned(hand, axis, np.broadcast_to(angle, hand.shape[:2]))
    hand = hand + _MEASURED * normal(hand.shape)
    left = np.where(generator.random(count) < 0.5, -1, 1)
    signs = np.stack([left, nothing - 1, nothing + 1], axis=1)
    size, place = generator.uniform(0.1, 0.3, (count, 1, 1)), generator.random((count, 1, 3))
    hand = hand * signs[:, np.newaxis] * size + place
    return np.asarray(hand.reshape(count, NUMBERS))


@cache
def part(number: int) -> Split:
    """Returns normalised hands for training (0), validation (1) or testing (2)."""
    labels = np.tile(np.arange(len(POSES)), COUNTS[number])
    rows = make(labels, np.random.default_rng([_SEED, number]))
    return Split(normalised(rows), labels)
