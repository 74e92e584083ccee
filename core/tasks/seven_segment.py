"""The task of reading a digit off a seven-segment display."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.data import Dataset, Split
from core.networks.architecture import Architecture
from core.noise.base import Noise
from core.segments.bayes import ceiling, mixed
from core.segments.channels import ANY, BIT_FLIP, CHANNELS, Channel, channel
from core.segments.patterns import CLEAN, make_clean, make_mixed
from core.tasks.base import DataSource, Task
from core.tasks.recipe import Recipe

# Rows and columns of a picture of 30 by 18 pixels that each segment a..g lights.
_CELLS = (
    (slice(1, 4), slice(4, 14)),
    (slice(4, 14), slice(14, 17)),
    (slice(16, 26), slice(14, 17)),
    (slice(26, 29), slice(4, 14)),
    (slice(16, 26), slice(1, 4)),
    (slice(4, 14), slice(1, 4)),
    (slice(14, 16), slice(4, 14)),
)


def _load(noise: Noise | None, level: float, seed: int) -> Dataset:
    if noise is None:
        noise, level = BIT_FLIP, 0.0
    # Children of one seed: the parts are independent of each other.
    seeds = np.random.SeedSequence(seed).generate_state(3)
    train, validation, test = (
        make_mixed(clean, noisy, noise=noise, level=level, random_state=int(part))
        for (clean, noisy), part in zip([(200, 2000), (40, 400), (100, 1000)], seeds, strict=True)
    )
    # 1 in 11 displays is clean, as in the examples themselves.
    assert isinstance(noise, Channel)
    best = ceiling(mixed((10, noise.likelihood(level)), (1, noise.likelihood(0))))
    validation = replace(validation, best_accuracy=best)
    if level == 0:
        return Dataset(train, validation, {"clean patterns": _all_clean()})
    words = f"{noise.title.lower()} at {level:g}, 1 in 11 clean"
    return Dataset(
        train,
        validation,
        {words: replace(test, best_accuracy=best), "clean patterns": _all_clean()},
    )


def _all_clean() -> Split:
    return Split(CLEAN, np.arange(10), exhaustive=True)


def _examples(limit: int) -> Split:
    return make_clean(max(1, limit // 10))


def _picture(x: NDArray[np.float32]) -> NDArray[np.uint8]:
    picture = np.zeros((30, 18), np.uint8)
    for value, cells in zip(x, _CELLS, strict=True):
        picture[cells] = round(40 + 215 * float(value))
    return picture


_GUIDE = {"epochs": 100, "batch_size": 32, "learning_rate": 0.001, "schedule": "plateau"}


def _guide(name: str, title: str, lesson: str, *hidden: int) -> Recipe:
    network = Architecture(hidden, dropout=0.3, batch_norm=True, norm_position="after")
    return Recipe(name, title, lesson, network, _GUIDE)


_SMALL = Architecture((64,), output="linear")
_ONE_CYCLE = {"epochs": 20, "batch_size": 256, "learning_rate": 0.01, "schedule": "one-cycle"}
_RECIPES = (
    Recipe(
        "fast",
        "Fast",
        "Learns in seconds and comes close to the best possible accuracy: large batches, and a"
        " learning rate that rises and falls (*one cycle*).",
        _SMALL,
        _ONE_CYCLE,
        slow_motion=True,
    ),
    Recipe(
        "all-round",
        "All-round",
        "The same with four kinds of noise at once: the best on none of them, but never far from"
        " the best on any.",
        _SMALL,
        _ONE_CYCLE | {"noise": ANY.name, "noise_level": 0.3, "seed": 1},
        slow_motion=True,
    ),
    _guide(
        "guide",
        "Guide: 64-32",
        "The careful way: small steps, batch normalisation, dropout, and a learning rate that is"
        " halved when validation stops improving. It takes 100 epochs to get as far as Fast.",
        *(64, 32),
    ),
    _guide("guide-16", "Guide: 16", "How far do sixteen hidden units get?", 16),
    _guide("guide-32-16", "Guide: 32-16", "Two small layers: does depth help here?", 32, 16),
    _guide(
        "guide-64-32-16",
        "Guide: 64-32-16",
        "A third layer: more depth than seven lamps need.",
        *(64, 32, 16),
    ),
    _guide(
        "guide-128-64-32",
        "Guide: 128-64-32",
        "The largest of the guide's five has over 30 times the weights of the smallest: is it worth"
        " it?",
        *(128, 64, 32),
    ),
)

TASK = Task(
    name="seven-segment",
    title="Seven-segment digits",
    description="Seven lamps that are on or off: which digit do they show?",
    order=1,
    input_shape=(7,),
    classes=tuple("0123456789"),
    sources=(
        DataSource(
            name="generated",
            title="Generated patterns",
            note=(
                "Made here from the ten clean patterns: 2,200 for each digit for training, 1 in 11"
                " of them clean, and others for validation and for testing."
            ),
            load=_load,
            examples=_examples,
        ),
    ),
    noises=CHANNELS,
    label="digit",
    example="pattern",
    architectures={
        "64-32": Architecture((64, 32), dropout=0.3, batch_norm=True),
        "16": Architecture((16,), dropout=0.3, batch_norm=True),
    },
    default_model="seven-segment",
    training_noise_level=0.15,
    picture=_picture,
    channel=channel,
    recipes=_RECIPES,
)
