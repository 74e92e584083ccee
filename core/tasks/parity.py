"""The task of telling whether the count of ones is even or odd: no bit alone says anything."""

from __future__ import annotations

from core.datasets.binary import has_odd_count
from core.networks.architecture import Architecture
from core.tasks.bits import make_task
from core.tasks.recipe import Recipe

_SETTINGS = {"epochs": 15, "batch_size": 32, "learning_rate": 0.02, "schedule": "one-cycle"}

TASK = make_task(
    "parity",
    "Even or odd count of ones",
    "Eight bits: is the count of ones among them even or odd?",
    order=6,
    label=has_odd_count,
    architecture=Architecture((64,)),
    recipes=(
        Recipe(
            "fast",
            "Fast",
            "Flip any one bit, and the answer changes: no bit alone says anything. Hidden units"
            " combine them, and the network learns all 256 patterns. Does it know the rule, or a"
            " table? Train it on half of the numbers, and see.",
            Architecture((64,)),
            _SETTINGS,
            slow_motion=True,
        ),
        Recipe(
            "linear",
            "Without activation",
            "The same network without an activation: its layers add up to one weighted sum, and no"
            " weighted sum can do better than chance here. This is what hidden layers are for.",
            Architecture((64,), activation="none"),
            _SETTINGS,
            slow_motion=True,
        ),
        Recipe(
            "two-layers",
            "Two layers",
            "A second layer combines what the first one has combined: compare how many epochs each"
            " of the two networks needs.",
            Architecture((64, 32)),
            _SETTINGS,
            slow_motion=True,
        ),
    ),
)
