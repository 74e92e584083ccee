"""The task of telling even numbers from odd ones by their bits: the last one says it all."""

from __future__ import annotations

from core.datasets.binary import BITS, FEATURES, is_odd
from core.networks.architecture import Architecture
from core.noise.bits import FLIPPED, LOST
from core.tasks.base import Task
from core.tasks.bits import picture, sources
from core.tasks.recipe import Recipe

_SETTINGS = {"epochs": 10, "batch_size": 64, "learning_rate": 0.01}

TASK = Task(
    name="even-odd",
    title="Even or odd number",
    description="Eight bits of a number from 0 to 255: is the number even or odd?",
    order=5,
    input_shape=(BITS,),
    classes=("even", "odd"),
    sources=sources(is_odd),
    noises=(FLIPPED, LOST),
    example="number",
    architectures={"8": Architecture((8,))},
    default_model="even-odd",
    training_noise_level=0.0,
    picture=picture,
    features=FEATURES,
    recipes=(
        Recipe(
            "fast",
            "Fast",
            "The network is told no rule, yet finds it: only the last bit counts. Train on half of"
            " the numbers, and it knows the others as well.",
            Architecture((8,)),
            _SETTINGS,
            slow_motion=True,
        ),
        Recipe(
            "one-weight",
            "One weight",
            "A single unit without an activation is enough. Look at its eight weights on “Inside”:"
            " one of them does the work.",
            Architecture((1,), activation="none"),
            _SETTINGS,
            slow_motion=True,
        ),
    ),
)
