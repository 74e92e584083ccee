"""A task: a named classification problem, with all that the pages and commands need to know of it.

To add one, write a module in `core/tasks/` that binds a `Task` to the name `TASK`. No page and
no other module changes: whatever lists tasks finds it there.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from core.data import Dataset, Inputs, Split
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
        name: short and stable; stands in URLs, cards and commands.
        title: what a person reads.
        note: one or two sentences: where the data comes from and what it is good for.
        load: `(noise, level, seed) -> Dataset`; `noise` is None for data left as it is.
        examples: `(limit) -> Split`: at most `limit` clean test examples, for showing and for
            noise curves. Never part of what a network is trained on.
        missing: a sentence saying why the data cannot be used now, or None when it can.
        download: `(on_progress)`: fetches the data for good, telling bytes done and expected;
            raises DataUnavailable when it cannot. None where there is nothing to fetch.
        download_note: how large that is and what it brings.
        load_held_out: does what `load` does, with an empty training part; for data whose training
            part takes long to make. Defaults to `load`.
        clean_tests: the clean test parts, the most important first, keyed by display name;
            each is loaded without making the rest. Defaults to taking them out of what `held_out`
            returns.
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

    def held_out(self, noise: Noise | None, level: float, seed: int) -> Dataset:
        """Loads what networks are judged on; the training part may be empty."""
        return (self.load_held_out or self.load)(noise, level, seed)

    def tests(self) -> Mapping[str, Callable[[], Split]]:
        """Returns what loads each of the clean test parts, keyed by display name.

        Test example N of a part is its N-th, counted from 0.

        Raises:
            DataUnavailable: if the data is not there.
        """
        if self.clean_tests:
            return self.clean_tests
        loaded = self.held_out(None, 0.0, 0).tests
        return {words: partial(loaded.__getitem__, words) for words in loaded}


@dataclass(frozen=True, kw_only=True)
class Task:
    """A task that networks here can learn.

    Args:
        name: short and stable; stands in URLs, cards and commands.
        title: what a person reads.
        description: one sentence for a beginner.
        order: place in lists, lowest first.
        input_shape: of one example, without the batch.
        classes: what each output stands for.
        sources: its data sets, the best first.
        noises: its ready-made noises, the usual one first.
        architectures: ready-made networks keyed by display name, the usual one first.
        default_model: name of the bundled model that the pages take first.
        training_noise_level: level that the training page and command start with.
        picture: `(x of input_shape) -> uint8 (height, width)`, how to show one example.
        channel: `(name) -> Channel`, one of `noises` or one that the name spells out, where the
            task is to read a noisy display, so that theory knows all of it exactly; else None.
        recipes: ready-made runs, the one to begin with first. Defaults to one for each of the
            architectures.
        out_of_distribution: `() -> inputs by kind`, each float32 of shape (n, *input_shape):
            pictures of none of the classes, on which it is measured whether a network says so.
            Without it confidence is left as the network has it and nothing is refused.
        upload: the kind of data that people may bring along, or None.
        uploaded: `(name) -> DataSource` for a file that was uploaded; goes with `upload`.
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

    def __post_init__(self) -> None:
        if not self.recipes:
            made = (
                Recipe(name, name, "A ready-made network to start from.", network)
                for name, network in self.architectures.items()
            )
            object.__setattr__(self, "recipes", tuple(made))

    def noise(self, name: str) -> Noise:
        """Returns the noise of that name, or raises InvalidInput naming those there are."""
        if self.channel is not None:
            return self.channel(name)
        return _named("noise", name, {noise.name: noise for noise in self.noises})

    def exact_channel(self, noise: Noise) -> Channel | None:
        """Returns a noise of this task as theory knows it, or None where it knows nothing."""
        return noise if self.channel is not None and isinstance(noise, Channel) else None

    def source(self, name: str) -> DataSource:
        """Returns the data set of that name, or raises InvalidInput naming those there are."""
        if self.uploaded is not None and is_upload(name):
            return self.uploaded(name)
        return _named("data set", name, {source.name: source for source in self.sources})

    def architecture(self, name: str) -> Architecture:
        """Returns the ready-made network of that name, or raises InvalidInput."""
        return _named("architecture", name, self.architectures)

    def recipe(self, name: str) -> Recipe:
        """Returns the recipe of that name, or raises InvalidInput naming those there are."""
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
    """Returns every task by name, in the order in which lists show them."""
    package = importlib.import_module("core.tasks")
    modules = (
        importlib.import_module(f"core.tasks.{module.name}")
        for module in pkgutil.iter_modules(package.__path__)
    )
    found = [module.TASK for module in modules if hasattr(module, "TASK")]
    return {task.name: task for task in sorted(found, key=lambda task: (task.order, task.name))}


def get_task(name: str) -> Task:
    """Returns the task of that name, or raises InvalidInput naming those there are."""
    return _named("task", name, tasks())
