"""A sweep: several training runs that belong together and differ in one thing.

It is queued all at once by `Runs.start_all`, and is nothing but the ids of its runs: a link finds
it again, and a killed server loses none of it.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import mean
from typing import TYPE_CHECKING

from core.errors import NoSuchRun
from core.noise.base import Noise
from core.tasks.base import Task
from core.training.config import TrainingConfig
from core.training.history import History
from core.workers.commands import Signal

if TYPE_CHECKING:
    from core.runs.info import RunInfo
    from core.runs.manager import Runs

TRAINING_LEVELS = (0.05, 0.10, 0.15, 0.20, 0.25)
RECIPE = "fast"


@dataclass(frozen=True)
class Sweep:
    """A snapshot of runs that belong together.

    Args:
        infos: the runs, in the order of their ids.
        histories: the history of each; empty for those that are over.
        missing: ids for which there is no run, or no longer one.
    """

    infos: tuple[RunInfo, ...]
    histories: tuple[History, ...]
    missing: tuple[str, ...] = ()

    @classmethod
    def look(cls, runs: Runs, run_ids: Sequence[str]) -> Sweep:
        """Takes a snapshot of the runs, whoever owns them; each is included once.

        Raises:
            DatabaseUnavailable: if the runs cannot be read.
        """
        infos, histories, missing = [], [], []
        for run_id in dict.fromkeys(run_ids):
            try:
                info = runs.get(run_id)
                history = runs.history(run_id) if info.under_way else History(info.config.epochs)
            except NoSuchRun:
                missing.append(run_id)
            else:
                infos.append(info)
                histories.append(history)
        return cls(tuple(infos), tuple(histories), tuple(missing))

    @property
    def under_way(self) -> bool:
        """Whether one of its runs is still queued, running or paused."""
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
        return mean(self._shares()) if self.infos else 0.0

    @property
    def seconds_left(self) -> float | None:
        """Estimated time left in seconds; 0 once all is over, None before anything is known.

        A run of unknown speed is assumed to take as long as the others on average, and as many runs
        are assumed to train at a time as do now.
        """
        if not self.under_way:
            return 0.0
        known = [total for total in map(self._seconds, self.infos, self.histories) if total]
        if not known:
            return None
        left = [
            (1 - share) * (self._seconds(info, history) or mean(known))
            for info, history, share in zip(self.infos, self.histories, self._shares(), strict=True)
        ]
        running = [
            seconds
            for seconds, info in zip(left, self.infos, strict=True)
            if info.state == "running"
        ]
        ends = running or [0.0]
        heapq.heapify(ends)
        for seconds, info in zip(left, self.infos, strict=True):
            if info.state in ("queued", "paused"):  # it starts in the slot that is free first
                heapq.heappush(ends, heapq.heappop(ends) + seconds)
        return max(ends)

    def stop(self, runs: Runs, *, owner: str) -> None:
        """Stops all runs under way; those that have begun leave the network they have.

        Raises:
            NoSuchRun: if it is somebody else's.
        """
        # The queued ones first, or they would take the slots that become free.
        for info in sorted(self.infos, key=lambda info: info.state != "queued"):
            if info.under_way:
                runs.command(info.id, Signal("stop"), owner=owner)

    def _shares(self) -> list[float]:
        return [
            history.share if info.under_way else 1.0
            for info, history in zip(self.infos, self.histories, strict=True)
        ]

    @staticmethod
    def _seconds(info: RunInfo, history: History) -> float | None:
        """Returns how long a whole run takes, measured or estimated, or None if unknown."""
        if info.card is not None:
            return info.card.training_seconds or None
        if history.seconds_left is None or not info.under_way:
            return None
        return history.seconds + history.seconds_left


def training_levels(noise: Noise) -> tuple[float, ...]:
    """Returns the levels, at most five, that a noise sweep trains networks at, ascending.

    They are TRAINING_LEVELS or, if the noise lacks one of these, levels of its own.
    """
    if set(TRAINING_LEVELS) <= set(noise.levels):
        return TRAINING_LEVELS
    own = [level for level in noise.levels if level > 0]
    count = min(len(TRAINING_LEVELS), len(own))
    return tuple(own[(index + 1) * len(own) // count - 1] for index in range(count))


def noise_sweep_configs(
    task: Task, noise: Noise, levels: Sequence[float] | None = None
) -> list[tuple[TrainingConfig, str]]:
    """Returns runs that differ only in the level of the noise they are trained on.

    Args:
        task: the task.
        noise: one of its noises.
        levels: of each run. Defaults to `training_levels`.

    Returns:
        Configuration and name of each, ready for `Runs.start_all`.

    Raises:
        InvalidInput: if a level is out of the noise's range.
    """
    recipe = next((each for each in task.recipes if each.name == RECIPE), task.recipes[0])
    base = TrainingConfig.from_recipe(task, recipe)
    return [
        (replace(base, noise=noise.name, noise_level=level), f"{noise.title} at {level:g}")
        for level in (training_levels(noise) if levels is None else levels)
    ]


def find(mine: Sequence[RunInfo], configs: Sequence[TrainingConfig]) -> list[str]:
    """Returns the run ids of a sweep that a person has started before; empty if there is none.

    The same configuration makes the same network, so any run of that configuration is as good as
    another.

    Args:
        mine: the person's runs, the newest first.
        configs: of the sweep's runs.
    """
    newest: dict[TrainingConfig, str] = {}
    for info in mine:
        newest.setdefault(info.config, info.id)
    found = [newest[config] for config in configs if config in newest]
    return found if len(found) == len(configs) else []
