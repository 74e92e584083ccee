"""The task of reading a hand's pose from 21 points, as trackers in cameras report them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.datasets import hands
from core.datasets.landmarks import CHAINS, FEATURES, MIDDLE, NUMBERS, PALM
from core.networks.architecture import Architecture
from core.noise.hands import JITTER, MISSING_FINGERS, TURNED
from core.tasks.base import Task
from core.tasks.generated import source
from core.tasks.recipe import Recipe

_SIDE = 56  # pixels
_FRACTION = 4  # binary places of a point's position


def _picture(x: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Draws the skeleton, cut out and as large as it fits: uint8, shape (56, 56)."""
    import cv2  # slow to load, and the server shows tasks without their data

    flat = x.reshape(-1, 3)[:, :2].astype(np.float64) - MIDDLE
    low, high = flat.min(axis=0), flat.max(axis=0)
    scale = (_SIDE - 9) / max(float((high - low).max()), 0.25)
    places = (flat - (low + high) / 2) * scale + _SIDE / 2
    fixed = np.round(places * 2**_FRACTION).astype(np.int32)
    picture = np.zeros((_SIDE, _SIDE), np.uint8)
    for chain in (*CHAINS, *PALM):
        line = [fixed[list(chain)]]
        cv2.polylines(
            picture, line, isClosed=False, color=150, lineType=cv2.LINE_AA, shift=_FRACTION
        )
    for place in fixed:
        cv2.circle(
            picture, place.tolist(), 20, 255, cv2.FILLED, lineType=cv2.LINE_AA, shift=_FRACTION
        )
    return picture


_SETTINGS = {"epochs": 25, "batch_size": 64, "learning_rate": 0.02, "schedule": "one-cycle"}

TASK = Task(
    name="gestures",
    title="Hand gestures",
    description="21 points of a hand, 63 numbers: which pose does it hold?",
    order=9,
    input_shape=(NUMBERS,),
    classes=tuple(hands.POSES),
    sources=(
        source(
            name="generated",
            title="Generated hands",
            note=(
                "Hands by a simple model of bones and joints, left and right, made here: 300 of"
                " each pose for training, 60 for validation and 150 for testing, each with bones,"
                " angles and a direction of its own. The wrist is moved to the middle, and all"
                " hands are scaled to one size."
            ),
            part=hands.part,
            words="hands made for testing",
        ),
    ),
    noises=(JITTER, MISSING_FINGERS, TURNED),
    label="pose",
    example="hand",
    architectures={"64": Architecture((64,)), "64-32": Architecture((64, 32))},
    default_model="gestures",
    training_noise_level=0.0,
    picture=_picture,
    features=FEATURES,
    recipes=(
        Recipe(
            "fast",
            "Fast",
            "Points instead of pixels: because wrist and size are the same for all hands, 64 hidden"
            " units are enough.",
            Architecture((64,)),
            _SETTINGS,
            slow_motion=True,
        ),
        Recipe(
            "turned",
            "Turned hands",
            "The network learns from hands turned by up to 90 degrees. One that has only seen"
            " upright hands gets many of them wrong: try both on the Noise page.",
            Architecture((64, 32)),
            _SETTINGS | {"noise": TURNED.name, "noise_level": 0.5},
            slow_motion=True,
        ),
        Recipe(
            "few-units",
            "Few units",
            "Ten poses through eight hidden units: which poses does it take for each other?",
            Architecture((8,)),
            _SETTINGS,
            slow_motion=True,
        ),
    ),
)
