"""The task of telling simple shapes apart by their edges."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.datasets import shapes
from core.datasets.shapes import NAMES, SIDE
from core.networks.architecture import Architecture
from core.noise.shapes import FLIPPED_PIXELS, GAP
from core.tasks.base import Task
from core.tasks.generated import source
from core.tasks.recipe import Recipe


def _picture(x: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.asarray((x.reshape(SIDE, SIDE) * 255).round(), dtype=np.uint8)


_FAST = Architecture((64,), filters=(16, 32), padding="same", output="linear")
_SETTINGS = {"epochs": 12, "batch_size": 64, "learning_rate": 0.01, "schedule": "one-cycle"}

TASK = Task(
    name="shapes",
    title="Shapes by their edges",
    description="The edge of a simple shape in 16x16 pixels: which shape is it?",
    order=7,
    input_shape=(SIDE, SIDE, 1),
    classes=NAMES,
    sources=(
        source(
            name="generated",
            title="Generated edges",
            note=(
                "Edges a pixel wide, made here: 500 of each shape for training, 100 for validation"
                " and 250 for testing, at random places, in random sizes, turned at random. No"
                " picture is there twice."
            ),
            part=shapes.part,
            words="shapes made for testing",
        ),
    ),
    noises=(FLIPPED_PIXELS, GAP),
    label="shape",
    example="picture",
    architectures={"cnn": _FAST, "dense": Architecture((128, 64))},
    default_model="shapes",
    training_noise_level=0.0,
    picture=_picture,
    recipes=(
        Recipe(
            "fast",
            "Fast",
            "Small filters find pieces of edge and corners wherever they are; later layers put them"
            " together to shapes.",
            _FAST,
            _SETTINGS,
            slow_motion=True,
        ),
        Recipe(
            "dense",
            "Dense",
            "Every unit sees every pixel, so a corner has to be learned anew at each place. Compare"
            " it with the convolutions, which have fewer weights.",
            Architecture((128, 64)),
            _SETTINGS,
            slow_motion=True,
        ),
        Recipe(
            "noisy",
            "Noisy edges",
            "The same convolutions learn from edges with flipped pixels. Does that help where"
            " pixels are flipped, and what does it cost where none is?",
            _FAST,
            _SETTINGS | {"noise": FLIPPED_PIXELS.name, "noise_level": 0.05},
            slow_motion=True,
        ),
    ),
)
