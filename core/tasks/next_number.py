"""The task of continuing a sequence of digits by the rule behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from core.data import Dataset, Split
from core.datasets import sequences
from core.datasets.sequences import DIGITS, WINDOW, Sequences
from core.networks.architecture import Architecture
from core.noise.base import Noise
from core.noise.sequences import MISREAD, MISSING
from core.tasks.base import DataSource, Task
from core.tasks.recipe import Recipe

_CEILINGS: Mapping[str, Callable[[Sequences, float], float]] = {
    MISREAD.name: sequences.ceiling_misread,
    MISSING.name: sequences.ceiling_missing,
}
# How often each sequence occurs in the parts for training, validation and testing, with noise.
_COPIES = (4, 4, 10)
_TEST = "sequences held out from training"
_SIZE, _GAP = 5, 1  # pixels of a cell in the picture


def _ceiling(part: Sequences, noise: Noise, level: float) -> float | None:
    function = _CEILINGS.get(noise.name)
    return function(part, level) if function else None


def _load(noise: Noise | None, level: float, seed: int) -> Dataset:
    clean = [Split(sequences.to_inputs(part.windows), part.following) for part in sequences.parts()]
    if noise is None or level == 0:
        train, validation, test = clean
        return Dataset(train, validation, {_TEST: test})
    noisy = []
    # Children of one seed: the parts are independent of each other.
    seeds = np.random.SeedSequence(seed).generate_state(3)
    for part, split, copies, state in zip(sequences.parts(), clean, _COPIES, seeds, strict=True):
        x = noise.apply(np.tile(split.x, (copies, 1, 1)), level=level, random_state=int(state))
        noisy.append(Split(x, np.tile(split.y, copies), best_accuracy=_ceiling(part, noise, level)))
    train, validation, test = noisy
    return Dataset(
        train, validation, {f"{_TEST}, {noise.title.lower()} at {level:g}": test, _TEST: clean[2]}
    )


def _examples(limit: int) -> Split:
    return _load(None, 0.0, 0).tests[_TEST].thinned(limit)


def _picture(x: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Shows a column for each digit, 9 at the top as on a chart: uint8, shape (61, 37)."""
    step = _SIZE + _GAP
    shown = np.zeros((DIGITS * step + _GAP, WINDOW * step + _GAP), np.uint8)
    for place, column in enumerate(x):
        for digit, value in enumerate(column):
            top, left = _GAP + (DIGITS - 1 - digit) * step, _GAP + place * step
            shown[top : top + _SIZE, left : left + _SIZE] = round(40 + 215 * float(value))
    return shown


def _written(x: NDArray[np.float32]) -> str:
    """Writes the digits, a dot for one that is missing: "0 3 6 9 2 5"."""
    return " ".join(str(int(step.argmax())) if step.max() > 0 else "·" for step in x)


_SETTINGS = {
    "epochs": 60,
    "batch_size": 16,
    "optimizer": "adamw",
    "weight_decay": 0.1,
    "learning_rate": 0.01,
    "schedule": "one-cycle",
}

TASK = Task(
    name="next-number",
    title="Next number of a sequence",
    description="Six digits that follow a rule: which digit comes next?",
    order=8,
    input_shape=(WINDOW, DIGITS),
    classes=tuple("0123456789"),
    sources=(
        DataSource(
            name="rules",
            title="Sequences by five rules",
            note=(
                "All 1,936 sequences modulo ten by equal steps, multiplying, adding the last two"
                " (Fibonacci), two steps in turn, or growing steps. Six digits always tell what"
                " comes next, three often do not. 65 % are for training, 10 % for validation, and"
                " 25 % for testing: each as a whole, by rule, start and step. One that starts a"
                " number later counts as another, so the network may have met a neighbour."
            ),
            load=_load,
            examples=_examples,
            ceiling=lambda noise, level: _ceiling(sequences.parts()[2], noise, level),
        ),
    ),
    noises=(MISREAD, MISSING),
    label="digit",
    example="sequence",
    architectures={
        "recurrent": Architecture((), recurrent=(64,)),
        "dense": Architecture((128, 64)),
    },
    default_model="next-number",
    training_noise_level=0.0,
    picture=_picture,
    written=_written,
    features=tuple(
        f"place {place} is {digit}" for place in range(1, WINDOW + 1) for digit in range(DIGITS)
    ),
    recipes=(
        Recipe(
            "recurrent",
            "Recurrent",
            "A recurrent layer reads one digit after the other and does the same at every step, so"
            " what it learns of a step holds everywhere. Strong weight decay keeps it from learning"
            " the sequences by heart.",
            Architecture((), recurrent=(64,)),
            _SETTINGS,
            slow_motion=True,
        ),
        Recipe(
            "dense",
            "Dense",
            "A dense network sees all six digits at once, and has to learn each place by itself."
            " Compare it with the recurrent one on sequences that neither has seen.",
            Architecture((128, 64)),
            _SETTINGS,
            slow_motion=True,
        ),
        Recipe(
            "gru",
            "GRU",
            "Gates decide what each unit keeps of the past. They were made for long sequences: are"
            " they worth three times the weights on six digits?",
            Architecture((), recurrent=(64,), cell="gru"),
            _SETTINGS,
        ),
    ),
)
