"""What the two tasks about bits share: all but the question, and the networks for it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from core.data import Dataset, Labels, Split
from core.datasets import binary
from core.networks.architecture import Architecture
from core.noise.base import Noise
from core.noise.bits import FLIPPED, LOST, BitNoise
from core.tasks.base import DataSource, Task
from core.tasks.recipe import Recipe

Label = Callable[[binary.Numbers], Labels]

EVERY = np.arange(binary.COUNT)
# How often each number occurs in the parts for training, validation and testing.
_COPIES = (20, 10, 40)
_ALL, _HELD_OUT = "numbers of eight bits", "numbers held out from training"
_CELL, _GAP = 12, 2  # pixels


def make_task(
    name: str,
    title: str,
    description: str,
    *,
    order: int,
    label: Label,
    architecture: Architecture,
    recipes: tuple[Recipe, ...],
) -> Task:
    """Makes a task that asks whether something about eight bits is even or odd.

    Args:
        name: of the task, and of its bundled model.
        title: display name.
        description: the question.
        order: position in lists.
        label: answers it: 0 for even, 1 for odd.
        architecture: of the usual network, a single hidden layer.
        recipes: ready-made runs.
    """
    return Task(
        name=name,
        title=title,
        description=description,
        order=order,
        input_shape=(binary.BITS,),
        classes=("even", "odd"),
        sources=_sources(label),
        noises=(FLIPPED, LOST),
        example="number",
        architectures={str(architecture.hidden[0]): architecture},
        default_model=name,
        training_noise_level=0.0,
        picture=_picture,
        features=binary.FEATURES,
        recipes=recipes,
    )


def _sources(label: Label) -> tuple[DataSource, DataSource]:
    """Returns the two data sets of numbers that are labelled by a function."""

    def all_of_them(noise: Noise | None, level: float, seed: int) -> Dataset:
        return _load(label, (EVERY, EVERY, EVERY), _ALL, noise, level, seed)

    def held_out(noise: Noise | None, level: float, seed: int) -> Dataset:
        return _load(label, binary.halves(), _HELD_OUT, noise, level, seed)

    return (
        DataSource(
            name="all",
            title="All 256 numbers",
            note=(
                "Every number that eight bits can hold, for training and for testing alike: no more"
                " exist, so an accuracy on them is exact. It does not tell a rule from a table"
                " learned by heart; for that there is the other data set."
            ),
            load=all_of_them,
            examples=lambda limit: _copies(label, EVERY, limit),
            patterns=binary.COUNT,
            clean_tests={_ALL: lambda: _every(label)},
            ceiling=lambda noise, level: _ceiling(label, EVERY, noise, level),
        ),
        DataSource(
            name="half",
            title="Half of the numbers",
            note=(
                "128 numbers for training, 32 others for validation, and the other 96 for testing:"
                " whoever has learned the rule knows these as well."
            ),
            load=held_out,
            examples=lambda limit: _copies(label, binary.halves()[2], limit),
            ceiling=lambda noise, level: _ceiling(label, binary.halves()[2], noise, level),
        ),
    )


def _ceiling(label: Label, numbers: binary.Numbers, noise: Noise, level: float) -> float | None:
    if not isinstance(noise, BitNoise):
        return None
    return binary.ceiling(numbers, label(numbers), noise, level)


def _every(label: Label) -> Split:
    return Split(binary.to_bits(EVERY), label(EVERY), exhaustive=True)


def _copies(label: Label, numbers: binary.Numbers, limit: int) -> Split:
    """Returns each of the numbers equally often, at most `limit` examples; fewer if need be."""
    if limit < len(numbers):
        return Split(binary.to_bits(numbers), label(numbers)).thinned(limit)
    every = np.tile(numbers, limit // len(numbers))
    return Split(binary.to_bits(every), label(every))


def _load(
    label: Label,
    parts: tuple[binary.Numbers, binary.Numbers, binary.Numbers],
    words: str,
    noise: Noise | None,
    level: float,
    seed: int,
) -> Dataset:
    clean = noise is None or level == 0
    drawn = []
    # Children of one seed: the parts are independent of each other.
    seeds = np.random.SeedSequence(seed).generate_state(3)
    for numbers, copies, part in zip(parts, _COPIES, seeds, strict=True):
        sent = np.tile(numbers, copies)
        x = (noise or FLIPPED).apply(
            binary.to_bits(sent), level=0 if clean else level, random_state=int(part)
        )
        best = None if noise is None or clean else _ceiling(label, numbers, noise, level)
        drawn.append(Split(x, label(sent), best_accuracy=best))
    train, validation, test = drawn
    whole = len(parts[2]) == binary.COUNT
    last = parts[2]
    clean_test = _every(label) if whole else Split(binary.to_bits(last), label(last))
    if clean or noise is None:
        held = parts[1]
        validation = clean_test if whole else Split(binary.to_bits(held), label(held))
        return Dataset(train, validation, {words: clean_test})
    noisy = f"{words}, {noise.title.lower()} at {level:g}"
    return Dataset(train, validation, {noisy: test, words: clean_test})


def _picture(x: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Shows eight bits as cells, light for 1, four in a row: uint8, shape (30, 58)."""
    step = _CELL + _GAP
    shown = np.zeros((2 * step + _GAP, 4 * step + _GAP), np.uint8)
    for place, value in enumerate(x):
        top, left = _GAP + place // 4 * step, _GAP + place % 4 * step
        shown[top : top + _CELL, left : left + _CELL] = round(40 + 215 * float(value))
    return shown
