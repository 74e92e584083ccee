"""A person's own table as a task, and the tables that come with scikit-learn."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from core.data import Dataset, Split
from core.datasets.tables import builtin, parts, storage
from core.datasets.tables.applying import raw_values
from core.datasets.tables.description import NumberInput, Record
from core.datasets.tables.noise import noises
from core.networks.architecture import Architecture
from core.noise.base import Noise
from core.tasks.base import DataSource, Task
from core.tasks.recipe import Recipe

_ORDER = 100
_BARS = 32  # inputs that are shown as bars; more are shown as cells
_HEIGHT = 32  # of a picture, in pixels
_WRITTEN = 6  # columns
_STEPS = 2_000  # of the optimiser, more than a small network needs
_EPOCHS = 10, 40  # fewest and most
_QUICK = 1_000  # training rows: with fewer, an epoch is over before one has seen it
_WORDS = {"drop": "Rows with gaps are left out.", "fill": ""}


@lru_cache(maxsize=256)
def table_task(name: str) -> Task:
    """Returns the task of a person's own table.

    Args:
        name: of the table.

    Raises:
        InvalidInput: if there is none of that name on this server.
    """
    record = storage.known(name)
    return make_task(
        record,
        name=name,
        source=name,
        rows=partial(storage.rows, record),
        missing=partial(storage.missing, record),
        note="The table that you, or whoever sent you the link, uploaded.",
    )


def built_in_task(name: str, *, order: int) -> Task:
    """Returns the task of a table that comes with scikit-learn.

    Args:
        name: of it.
        order: position in lists.
    """
    return make_task(
        builtin.record(name),
        name=name,
        source=builtin.SOURCE,
        rows=partial(builtin.rows, name),
        missing=lambda: None,
        note=f"{builtin.BUILT_IN[name].note} They come with scikit-learn.",
        order=order,
    )


def make_task(
    record: Record,
    *,
    name: str,
    source: str,
    rows: Callable[[], bytes],
    missing: Callable[[], str | None],
    note: str,
    order: int = _ORDER,
) -> Task:
    """Makes a task of a prepared table.

    Args:
        record: the table's.
        name: of the task.
        source: name of its data set.
        rows: returns the file's bytes.
        missing: says why it cannot be used now, or None.
        note: where the rows are from.
        order: position in lists. Defaults to the end.
    """
    counts = record.rows
    load = partial(parts.load, record, rows, stored=name == record.name)
    words = f"rows of “{record.choices.title}” kept for testing"
    apart = (
        ""
        if record.choices.group is None
        else (
            f" Rows with the same “{record.columns[record.choices.group]}” are all in one part."
            " They resemble each other, so all intervals are wider in truth than they are shown."
        )
    )
    return Task(
        name=name,
        title=record.choices.title,
        description=f"A row of a table, {len(record.inputs)} columns: which {record.target} is it?",
        order=order,
        input_shape=(len(record.features),),
        classes=record.classes,
        example="row",
        features=record.features,
        table=record,
        sources=(
            DataSource(
                name=source,
                title=record.choices.title,
                note=(
                    f"{note} {counts.train:,} rows for training, {counts.validation:,} for"
                    f" validation and {counts.test:,} for testing.{apart}"
                    f" {_WORDS[record.choices.gaps]}".rstrip()
                ),
                load=partial(_load, load, words),
                examples=lambda limit: load().test.thinned(limit),
                missing=missing,
                clean_tests={words: lambda: load().test},
            ),
        ),
        noises=noises(record),
        architectures={
            "one-layer": Architecture((16,), output="linear"),
            "two-layers": Architecture((32, 16), output="linear"),
        },
        default_model="",
        training_noise_level=0.0,
        picture=partial(_picture, _ranges(record)),
        written=partial(_written, record),
        recipes=_recipes(counts.train),
    )


def _written(record: Record, x: NDArray[np.float32]) -> str:
    """Writes a row's first columns with their names: "petal length 1.4, colour red"."""
    values = list(raw_values(record, x).items())
    words = [
        f"{name} {value:.4g}" if isinstance(value, float) else f"{name} {value or '?'}"
        for name, value in values[:_WRITTEN]
    ]
    return ", ".join(words) + (" …" if len(values) > _WRITTEN else "")


def _recipes(train: int) -> tuple[Recipe, ...]:
    batch = 16 if train < _QUICK else 64 if train < 10_000 else 256
    epochs = int(np.clip(round(_STEPS / max(1, train / batch), -1), *_EPOCHS))
    settings = {"epochs": epochs, "batch_size": batch, "learning_rate": 0.01}
    return (
        Recipe(
            "linear",
            "Linear",
            "No hidden layer: every input votes for every class with one weight (softmax"
            " regression, also called multinomial logistic regression). Start here: what a larger"
            " network gains is measured against it.",
            Architecture((), output="linear"),
            {**settings, "learning_rate": 0.03},
            slow_motion=train < _QUICK,
        ),
        Recipe(
            "one-layer",
            "One small layer",
            "Sixteen hidden units can bend the borders between the classes.",
            Architecture((16,), output="linear"),
            settings,
            slow_motion=train < _QUICK,
        ),
        Recipe(
            "two-layers",
            "Two layers",
            "More weights than a small table has rows: dropout and early stopping keep the network"
            " from learning them by heart (overfitting).",
            Architecture((32, 16), dropout=0.2, output="linear"),
            {**settings, "early_stopping": 10},
        ),
    )


def _load(
    load: Callable[[], parts.TableParts], words: str, noise: Noise | None, level: float, seed: int
) -> Dataset:
    clean = load()
    if noise is None or level == 0:
        return Dataset(clean.train, clean.validation, {words: clean.test})
    seeds = [int(part) for part in np.random.SeedSequence(seed).generate_state(3)]
    train, validation, test = (
        Split(noise.apply(split.x, level=level, random_state=part), split.y)
        for split, part in zip((clean.train, clean.validation, clean.test), seeds, strict=True)
    )
    noisy = f"{words}, with {noise.title.lower()} at {level:g}"
    return Dataset(train, validation, {noisy: test, words: clean.test})


def _ranges(record: Record) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Returns the smallest and largest training value of each input, each (features,)."""
    low, high = [], []
    standard = record.choices.scaling != "min-max"
    for each in record.inputs:
        if isinstance(each, NumberInput):
            ends = np.array([each.low, each.high])
            ends = (
                (ends - each.offset) / each.factor
                if standard
                else (ends * each.factor + each.offset)
            )
            low.append(ends[0])
            high.append(ends[1])
        else:
            low += [0.0] * len(each.categories)
            high += [1.0] * len(each.categories)
    return np.array(low, np.float32), np.array(high, np.float32)


def _picture(
    ranges: tuple[NDArray[np.float32], NDArray[np.float32]], x: NDArray[np.float32]
) -> NDArray[np.uint8]:
    """Shows a row as bars, each as high as its value lies in the column's range."""
    low, high = ranges
    width = np.where(high > low, high - low, 1)
    share = np.clip((np.nan_to_num(x) - low) / width, 0, 1)  # (features,)
    if len(share) > _BARS:
        side = int(np.ceil(np.sqrt(len(share))))
        cells = np.zeros(side * side)
        cells[: len(share)] = share
        scale = max(1, _HEIGHT // side)
        grey = (40 + 215 * cells.reshape(side, side)).round().astype(np.uint8)
        return grey.repeat(scale, axis=0).repeat(scale, axis=1)
    bar = max(3, min(8, 48 // len(share)))
    picture = np.zeros((_HEIGHT, len(share) * bar + 1), np.uint8)
    for place, value in enumerate(share):
        height = max(1, round(float(value) * (_HEIGHT - 2)))
        columns = slice(place * bar + 1, (place + 1) * bar)
        picture[1:-1, columns] = 60
        picture[-1 - height : -1, columns] = 255
    return picture
