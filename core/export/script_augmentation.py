"""The part of a run's stand-alone code that augments the pictures anew in every epoch."""

from __future__ import annotations

from core.export.rendering import render
from core.noise.augmentation import NET
from core.training.config import TrainingConfig


def augmentation_code(config: TrainingConfig) -> str:
    """Returns the function `augment(x, generator)`, or nothing without augmentation.

    It draws the same numbers as `core.noise.augmentation`, in the same order.
    """
    return render("augmentation", config=config, net=NET) if config.augmentation.active else ""
