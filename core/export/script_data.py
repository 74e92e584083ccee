"""The part of a run's stand-alone code that makes or reads its data."""

from __future__ import annotations

from core.export.rendering import render
from core.segments.patterns import DIGIT_PATTERNS
from core.tasks.handwritten import MNIST_VALIDATION, SPLIT_SEED
from core.training.config import TrainingConfig

_FAULTY = {"flip": "1 - x", "missing": "0", "extra": "1"}


def needs_digit_lab(config: TrainingConfig) -> bool:
    """Returns whether the code takes the data from Digit Lab's own modules."""
    if config.task == "seven-segment" and config.source == "generated":
        return config.noise not in (*_FAULTY, "none")
    noisy = config.noise != "none" and config.noise_level > 0
    return noisy or (config.task, config.source) != ("handwritten", "mnist")


def has_non_digits(config: TrainingConfig) -> bool:
    """Returns whether some of the training examples are labelled as none of the classes."""
    return (config.task, config.source) == ("handwritten", "people")


def data_code(config: TrainingConfig) -> str:
    """Returns code that binds train_x, train_y, val_x, val_y and tests."""
    if needs_digit_lab(config):
        return render("data_digit_lab", config=config)
    if config.task == "seven-segment":
        return _segments(config)
    return render("data_mnist", validation=MNIST_VALIDATION, split_seed=SPLIT_SEED)


def _segments(config: TrainingConfig) -> str:
    level = 0.0 if config.noise == "none" else config.noise_level
    return render(
        "data_segments",
        config=config,
        patterns=DIGIT_PATTERNS,
        level=level,
        faulty=_FAULTY[config.noise] if level else "",
        noise_title=config.get_task().noise(config.noise).title.lower() if level else "",
    )
