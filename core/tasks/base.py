"""A task: a named classification problem, with everything that pages and commands need.

To add one, write a module in `core/tasks/` that binds a `Task` to the name `TASK`. Nothing else
has to change: everything that lists tasks finds it there.
"""

from __future__ import annotations

import importlib
import math
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from core.data import Dataset, Inputs, Split
from core.datasets.tables.description import Record, is_table
from core.datasets.uploads import UploadKind, is_upload
from core.errors import InvalidInput
from core.networks.architecture import Architecture
from core.noise.base import Noise
from core.segments.channels import Channel
from core.tasks.recipe import Recipe

T = TypeVar("T")


@dataclass(frozen=True)
class DataSource:
    """One data set of a task.

    Args:
        name: short and stable; used in URLs, cards and commands.
        title: display name.
        note: one or two sentences: where the data comes from and what it is good for.
        load: `(noise, level, seed) -> Dataset`; `noise` is None for clean data.
        examples: `(limit) -> Split`: at most `limit` clean test examples, for display and for noise
            curves. Never part of the training data.
        missing: `() -> str | None`: a sentence that says why the data cannot be used now, or None.
        download: `(on_progress)`: downloads the data permanently, reporting bytes done and
            expected; raises DataUnavailable if it cannot. None if there is nothing to download.
        download_note: the size of the download and what it is good for.
        load_held_out: like `load`, with an empty training part; for data with a training part that
            is slow to make. Defaults to `load`.
        clean_tests: loaders of the clean test parts, the most important first, keyed by display
            name; each loads one part alone. Defaults to the parts of `held_out`.
        patterns: how many different inputs exist, where they are so few that with noise those for
            training and for testing are the same. Defaults to 0: no test input is in the training.
        ceiling: `(noise, level) -> accuracy`, 0..1: the best that any classifier can reach on
            `examples` with that noise, exactly, or None where theory does not give it. Defaults
            to none.
    """

    name: str
    title: str
    note: str
    load: Callable[[Noise | None, float, int], Dataset]
    examples: Callable[[int], Split]
    missing: Callable[[], str | None] = lambda: None
    download: Callable[[Callable[[int, int], None]], object] | None = None
    download_note: str = ""
    load_held_out: Callable[[Noise | None, float, int], Dataset] | None = None
    clean_tests: Mapping[str, Callable[[], Split]] = field(default_factory=dict)
    ceiling: Callable[[Noise, float], float | None] | None = None
    patterns: int = 0

    def held_out(self, noise: Noise | None, level: float, seed: int) -> Dataset:
        """Loads the validation and test parts; the training part may be empty."""
        return (self.load_held_out or self.load)(noise, level, seed)

    def tests(self) -> Mapping[str, Callable[[], Split]]:
        """Returns the loaders of the clean test parts, keyed by display name.

        Test example N of a part is its N-th, counted from 0.

        Raises:
            DataUnavailable: if the data is missing.
        """
        if self.clean_tests:
            return self.clean_tests
        loaded = self.held_out(None, 0.0, 0).tests
        return {words: partial(loaded.__getitem__, words) for words in loaded}


@dataclass(frozen=True, kw_only=True)
class Task:
    """A task that networks here can learn.

    Args:
        name: short and stable; used in URLs, cards and commands.
        title: display name.
        description: one sentence for a beginner.
        order: position in lists, lowest first.
        input_shape: of one example, without the batch.
        classes: the meaning of each output.
        sources: its data sets, the best first.
        noises: its ready-made noises, the usual one first.
        architectures: ready-made networks keyed by display name, the usual one first.
        default_model: name of the bundled model that pages start with.
        training_noise_level: level that the Train page and the train command start with.
        picture: `(x of input_shape) -> uint8 (height, width)`, how to show one example.
        channel: `(name) -> Channel`, one of `noises` or one that the name spells out, if the task
            is to read a noisy display, for which theory is exact; otherwise None.
        recipes: ready-made runs, the first one to start with. Defaults to one for each
            architecture.
        out_of_distribution: `() -> inputs by kind`, each float32 of shape (n, *input_shape):
            pictures of none of the classes, to measure whether a network rejects them. Without
            it, confidence is not calibrated and nothing is refused.
        upload: the kind of data that people may upload, or None.
        uploaded: `(name) -> DataSource` for an uploaded file; goes with `upload`.
        needs_own_samples: whether some classes are in no data set, only in a person's own samples.
            Then networks come from fine-tuning alone, and `default_model` is empty.
        label: what an answer is called, such as "digit" or "shape". Defaults to "class".
        example: what an example is called, such as "picture". Defaults to "example".
        features: names of the inputs in the order of the flattened input, for inputs that are no
            picture. Defaults to none: the inputs are numbered.
        table: how a raw row of a table becomes an input, if the examples are a table's rows.
        written: `(x of input_shape) -> str`, an example in a few characters, such as
            "0 3 6 9 2 5", where its picture does not tell that. Defaults to none.
    """

    name: str
    title: str
    description: str
    order: int
    input_shape: tuple[int, ...]
    classes: tuple[str, ...]
    sources: tuple[DataSource, ...]
    noises: tuple[Noise, ...]
    architectures: Mapping[str, Architecture]
    default_model: str
    training_noise_level: float
    picture: Callable[[NDArray[np.float32]], NDArray[np.uint8]]
    channel: Callable[[str], Channel] | None = field(default=None)
    recipes: tuple[Recipe, ...] = ()
    out_of_distribution: Callable[[], Mapping[str, Inputs]] | None = field(default=None)
    upload: UploadKind | None = None
    uploaded: Callable[[str], DataSource] | None = field(default=None)
    needs_own_samples: bool = False
    label: str = "class"
    example: str = "example"
    features: tuple[str, ...] = ()
    table: Record | None = field(default=None, repr=False)
    written: Callable[[NDArray[np.float32]], str] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.features and len(self.features) != math.prod(self.input_shape):
            raise ValueError(
                f"Expected a name for each of {math.prod(self.input_shape)} inputs of {self.name}."
                f" Received: {len(self.features)}"
            )
        if not self.recipes:
            made = (
                Recipe(name, name, "A ready-made network to start from.", network)
                for name, network in self.architectures.items()
            )
            object.__setattr__(self, "recipes", tuple(made))

    def noise(self, name: str) -> Noise:
        """Returns the noise of that name; raises InvalidInput with the known names."""
        if self.channel is not None:
            return self.channel(name)
        return _named("noise", name, {noise.name: noise for noise in self.noises})

    def exact_channel(self, noise: Noise) -> Channel | None:
        """Returns a noise of this task as an exact channel, or None if theory has none."""
        return noise if self.channel is not None and isinstance(noise, Channel) else None

    def source(self, name: str) -> DataSource:
        """Returns the data set of that name; raises InvalidInput with the known names."""
        if self.uploaded is not None and is_upload(name):
            return self.uploaded(name)
        return _named("data set", name, {source.name: source for source in self.sources})

    def architecture(self, name: str) -> Architecture:
        """Returns the ready-made network of that name, or raises InvalidInput."""
        return _named("architecture", name, self.architectures)

    def recipe(self, name: str) -> Recipe:
        """Returns the recipe of that name; raises InvalidInput with the known names."""
        return _named("recipe", name, {recipe.name: recipe for recipe in self.recipes})

    def available_source(self) -> DataSource:
        """Returns the best data set that can be used now; the last one always can."""
        usable = (source for source in self.sources if source.missing() is None)
        return next(usable, self.sources[-1])


def _named(what: str, name: str, choices: Mapping[str, T]) -> T:
    try:
        return choices[name]
    except KeyError:
        raise InvalidInput(
            f"There is no {what} called {name[:60]!r}. There is: {', '.join(choices)}."
        ) from None


@cache
def tasks() -> Mapping[str, Task]:
    """Returns every task by name, in display order."""
    package = importlib.import_module("core.tasks")
    modules = (
        importlib.import_module(f"core.tasks.{module.name}")
        for module in pkgutil.iter_modules(package.__path__)
    )
    found = [module.TASK for module in modules if hasattr(module, "TASK")]
    return {task.name: task for task in sorted(found, key=lambda task: (task.order, task.name))}


def get_task(name: str) -> Task:
    """Returns the task of that name, which may be that of a person's own table.

    Raises:
        InvalidInput: if there is none; says which there are.
    """
    if is_table(name):
        from core.tasks.tables import table_task  # it imports this module

        return table_task(name)
    return _named("task", name, tasks())
