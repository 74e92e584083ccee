"""A sweep: networks that differ in one thing, trained by a search that compares them.

Before there were searches, a sweep was a number of runs and nothing else: the ids in its link were
theirs. Such links still show their runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.errors import NoSuchRun, NoSuchSearch
from core.noise.base import Noise
from core.search.config import SearchConfig
from core.search.results import share_done
from core.search.space import Choice, Space
from core.tasks.base import Task
from core.training.config import TrainingConfig

if TYPE_CHECKING:
    from core.runs.info import RunInfo
    from core.runs.manager import Runs
    from core.search.info import SearchInfo
    from core.search.manager import Searches

TRAINING_LEVELS = (0.05, 0.10, 0.15, 0.20, 0.25)
RECIPE = "fast"


@dataclass(frozen=True)
class Sweep:
    """A snapshot of a sweep.

    Args:
        infos: its runs that have begun and still exist, in order.
        missing: ids for which there is no run, or no longer one.
        search: the search that makes the runs; None for a link to runs alone.
    """

    infos: tuple[RunInfo, ...]
    missing: tuple[str, ...] = ()
    search: SearchInfo | None = None

    @classmethod
    def look(cls, searches: Searches, runs: Runs, ids: Sequence[str]) -> Sweep:
        """Takes a snapshot, whoever owns the runs; each is included once.

        Args:
            searches: of the server.
            runs: of the server.
            ids: the id of a search, or those of runs.

        Raises:
            DatabaseUnavailable: if the runs cannot be read.
        """
        search = None
        if len(ids) == 1:
            try:
                search = searches.get(ids[0])
            except NoSuchSearch:
                pass  # a link to one run alone
            else:
                ids = [trial.run_id for trial in search.trials if trial.state != "waiting"]
        infos, missing = [], []
        for run_id in dict.fromkeys(ids):
            try:
                infos.append(runs.get(run_id))
            except NoSuchRun:
                missing.append(run_id)
        return cls(tuple(infos), tuple(missing), search)

    @property
    def under_way(self) -> bool:
        """Whether something still happens in it by itself."""
        if self.search is not None:
            return not self.search.settled
        return any(info.under_way for info in self.infos)

    @property
    def finished(self) -> tuple[RunInfo, ...]:
        """The runs that left a network."""
        return tuple(info for info in self.infos if info.state == "finished")

    @property
    def failed(self) -> tuple[RunInfo, ...]:
        """The runs that have ended without a network."""
        return tuple(info for info in self.infos if not info.under_way and info.state != "finished")

    @property
    def progress(self) -> float:
        """Share of the whole training that is done, 0..1; a run that is over counts as done."""
        if self.search is not None:
            return share_done(self.search.config, self.search.trials)
        over = sum(not info.under_way for info in self.infos)
        return over / len(self.infos) if self.infos else 0.0


def training_levels(noise: Noise) -> tuple[float, ...]:
    """Returns the levels, at most five, that a noise sweep trains networks at, ascending.

    They are TRAINING_LEVELS or, if the noise lacks one of these, levels of its own.
    """
    if set(TRAINING_LEVELS) <= set(noise.levels):
        return TRAINING_LEVELS
    own = [level for level in noise.levels if level > 0]
    count = min(len(TRAINING_LEVELS), len(own))
    return tuple(own[(index + 1) * len(own) // count - 1] for index in range(count))


def noise_sweep(task: Task, noise: Noise, levels: Sequence[float] | None = None) -> SearchConfig:
    """Returns a search through the levels of a noise that networks are trained on.

    Args:
        task: the task.
        noise: one of its noises.
        levels: of the runs, two at least. Defaults to `training_levels`.

    Raises:
        InvalidInput: if a level is out of the noise's range.
    """
    levels = training_levels(noise) if levels is None else levels
    recipe = next((each for each in task.recipes if each.name == RECIPE), task.recipes[0])
    base = TrainingConfig.from_recipe(task, recipe)
    return SearchConfig.comparison(
        replace(base, noise=noise.name, noise_level=levels[0]),
        Space((Choice("noise_level", tuple(levels)),)),
    )


def find(
    searches: Sequence[SearchInfo], runs: Sequence[RunInfo], wanted: SearchConfig
) -> list[str]:
    """Returns the ids of a sweep that a person has started before; empty if there is none.

    Args:
        searches: the person's, the newest first.
        runs: the person's, the newest first. Where no search fits, they do if all are there: the
            same configuration makes the same network.
        wanted: the sweep.
    """
    for info in searches:
        same = (info.config.base, info.config.space) == (wanted.base, wanted.space)
        if info.config.compares and same:
            return [info.id]
    newest: dict[TrainingConfig, str] = {}
    for run in runs:
        newest.setdefault(run.config, run.id)
    found = [newest[config] for config in wanted.runs if config in newest]
    return found if len(found) == len(wanted.runs) else []
