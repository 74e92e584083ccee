"""What `python -m benchmarks.search` found: grid, random and TPE looking for the same settings."""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Mapping
from statistics import median

from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass

from core.errors import InvalidInput
from core.paths import PROJECT
from core.schema import DEFERRED, parse
from core.search.best_possible import best_possible
from core.search.config import SearchConfig
from core.search.space import Space
from core.tasks.base import get_task
from core.training.config import TrainingConfig

RESULTS = PROJECT / "benchmarks" / "results"
PROBLEMS = ("interplay", "digits", "segments")


@dataclass(frozen=True, config=DEFERRED)
class SamplerRace:
    """Searches of one space by several samplers, with several seeds each.

    Args:
        task: name of the task.
        epochs: of each network.
        space: what varied, as text.
        goal: the best validation loss of the whole grid, in nats.
        best_by_trial: by sampler and seed, the lowest validation loss after each run, in nats; None
            before there is one.
        recipe: name of the recipe whose settings varied; empty in results of the first version.
    """

    task: str
    epochs: int
    space: tuple[str, ...]
    goal: float
    best_by_trial: Mapping[str, tuple[tuple[float | None, ...], ...]]
    recipe: str = ""

    def after(self, sampler: str, run: int) -> list[float]:
        """Returns the lowest loss so far for each seed, ascending; infinite before there is one.

        Args:
            sampler: one of those that took part.
            run: after how many runs, from 1; later than the last, what there was in the end.
        """
        curves = self.best_by_trial[sampler]
        found = (curve[min(run, len(curve)) - 1] for curve in curves)
        return sorted(math.inf if loss is None else loss for loss in found)

    def runs(self, sampler: str) -> int:
        """Returns how many runs each search of a sampler had."""
        return max(map(len, self.best_by_trial[sampler]))

    def met(self, sampler: str) -> list[int | None]:
        """Returns for each seed after how many runs the grid's best was met; None if it was not."""
        return [
            next(
                (
                    number
                    for number, loss in enumerate(curve, 1)
                    if loss is not None and loss <= self.goal + 5e-7  # they are rounded
                ),
                None,
            )
            for curve in self.best_by_trial[sampler]
        ]

    def usually_met(self, sampler: str) -> float:
        """Returns the median of `met`; infinite if most searches have not met it."""
        return median(math.inf if run is None else run for run in self.met(sampler))

    @property
    def settings(self) -> Space:
        """The space."""
        return Space.parse(self.space)

    @property
    def lowest_possible(self) -> float | None:
        """The loss that no network can beat on average, in nats, or None if theory has none."""
        if not self.recipe:
            return None
        task = get_task(self.task)
        base = TrainingConfig.from_recipe(task, task.recipe(self.recipe))
        found = best_possible(SearchConfig(base=base, space=self.settings))
        return None if found is None else found.loss

    @property
    def grid_size(self) -> int:
        """How many networks the grid has."""
        return self.settings.grid_size


_RACE = TypeAdapter(SamplerRace)


@functools.cache
def sampler_race(name: str) -> SamplerRace | None:
    """Returns the results for one of PROBLEMS, or None where they are not there."""
    try:
        content = json.loads((RESULTS / f"search_{name}.json").read_text(encoding="utf-8"))
        return parse(_RACE, content, "a result of python -m benchmarks.search")
    except (OSError, ValueError, InvalidInput):
        return None
