"""The task of telling even numbers from odd ones by their bits: the last one says it all."""

from __future__ import annotations

from core.datasets.binary import is_odd
from core.networks.architecture import Architecture
from core.tasks.bits import make_task
from core.tasks.recipe import Recipe

_SETTINGS = {"epochs": 10, "batch_size": 64, "learning_rate": 0.01}

TASK = make_task(
    "even-odd",
    "Even or odd number",
    "Eight bits of a number from 0 to 255: is the number even or odd?",
    order=5,
    label=is_odd,
    architecture=Architecture((8,)),
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
