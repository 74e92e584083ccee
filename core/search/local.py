"""A search in one process, run after run, without server or database: for the command line.

Its trials are made one at a time, so the same search gives the same trials again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Protocol

from core.errors import InvalidInput, TrainingDiverged
from core.search.config import SearchConfig
from core.search.results import best_trial
from core.search.study import judge, propose
from core.search.trial import Trial
from core.training.card import TrainedModel
from core.training.config import TrainingConfig
from core.training.events import EpochDone, Event
from core.workers.commands import ControlQueue, Controls, Signal


class Train(Protocol):
    """What trains a network: `core.training.fit.train`, or something a test has made."""

    def __call__(
        self,
        config: TrainingConfig,
        *,
        on_event: Callable[[Event], None],
        controls: Controls,
        test: bool,
    ) -> TrainedModel | None:
        """Trains one network."""
        ...


@dataclass(eq=False)
class LocalSearch:
    """A search, trial by trial.

    Args:
        config: the search; its `parallel` counts for nothing here.
        train: what trains a network.
        clock: tells seconds. Defaults to the monotonic clock.

    Attributes:
        trials: those made so far, by number.
        model: the network of the best one; not measured on test data.
    """

    config: SearchConfig
    train: Train
    clock: Callable[[], float] = time.monotonic
    trials: list[Trial] = field(default_factory=list)
    model: TrainedModel | None = None

    def run(self) -> Iterator[Trial]:
        """Makes the trials, and yields each as it has ended."""
        begun = self.clock()
        while len(self.trials) < self.config.trials:
            if self.config.seconds and self.clock() - begun >= self.config.seconds:
                return
            parameters = propose(self.config, self.trials)
            if parameters is None:
                return
            self.trials.append(self._made(Trial(len(self.trials), parameters, "running")))
            yield self.trials[-1]

    @property
    def best(self) -> Trial | None:
        """The best trial so far."""
        return best_trial(self.config, self.trials)

    def _made(self, trial: Trial) -> Trial:
        try:
            run = self.config.space.apply(self.config.base, trial.parameters)
        except InvalidInput as error:
            return replace(trial, state="failed", reason=str(error))
        trial = replace(trial, weights=run.parameters)
        epochs: list[EpochDone] = []
        controls = ControlQueue()

        def hear(event: Event) -> None:
            nonlocal trial
            if not isinstance(event, EpochDone) or trial.state == "pruned":
                return
            epochs.append(event)
            trial, hopeless = judge(
                self.config, [*self.trials, trial], trial, epochs, wanted=run.epochs
            )
            if hopeless:
                trial = replace(trial, state="pruned")
                controls.send(Signal("stop"))

        try:
            model = self.train(run, on_event=hear, controls=controls, test=False)
        except TrainingDiverged as error:
            return replace(trial, state="diverged", reason=str(error))
        if model is None or trial.state == "pruned":
            return trial
        kept = model.card.entries.get("kept_epoch") or len(trial.losses)
        trial = replace(trial, state="complete", kept_epoch=int(kept))
        if best_trial(self.config, [*self.trials, trial]) is trial:
            self.model = model
        return trial
