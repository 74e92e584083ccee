"""A search's record, as lists and its page show it."""

from __future__ import annotations

from dataclasses import dataclass as plain_dataclass
from datetime import datetime
from typing import Literal

from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass

from core.metrics.accuracy import Accuracy
from core.schema import DEFERRED
from core.search.config import SearchConfig
from core.search.trial import UNFINISHED, Trial

State = Literal["running", "paused", "finished", "stopped"]
UNDER_WAY: tuple[State, ...] = ("running", "paused")


@dataclass(frozen=True, config=DEFERRED)
class Verdict:
    """The winner on the test data, which is opened once for a search.

    Args:
        trial: the winner's number.
        run_id: of its run.
        figures: its accuracies, the most important first.
    """

    trial: int
    run_id: str
    figures: tuple[Accuracy, ...]


VERDICT = TypeAdapter(Verdict)


@plain_dataclass(frozen=True)
class SearchInfo:
    """A search.

    Args:
        id: names it in links.
        owner: whose it is; never shown to others.
        name: what its owner calls it.
        state: "running", "paused", "finished" (nothing is left to be done) or "stopped". Runs of a
            search that was stopped may still be ending.
        created: when it was asked for.
        config: what was asked for.
        trials: those that it has made so far, by number.
        seconds: that it has been going on, pauses not counted.
        reason: why it has ended, in a sentence; empty where all trials were made.
        test: the winner on the test data, once that was opened.
        testing: whether the winner is being measured.
        trouble: why it does not go on at the moment, in a sentence; else empty.
    """

    id: str
    owner: str
    name: str
    state: State
    created: datetime
    config: SearchConfig
    trials: tuple[Trial, ...] = ()
    seconds: float = 0.0
    reason: str = ""
    test: Verdict | None = None
    testing: bool = False
    trouble: str = ""

    @property
    def under_way(self) -> bool:
        """Whether it is running or paused."""
        return self.state in UNDER_WAY

    @property
    def open(self) -> tuple[Trial, ...]:
        """Its trials that are not over."""
        return tuple(trial for trial in self.trials if trial.open)

    @property
    def unfinished(self) -> tuple[Trial, ...]:
        """In a search that compares, the trials that ended before their time; else none."""
        if not self.config.compares:
            return ()
        return tuple(trial for trial in self.trials if trial.state in UNFINISHED)

    @property
    def can_go_on(self) -> bool:
        """Whether it stands still, and something is left to be done that it was asked for."""
        if self.test is not None or self.testing:
            return False
        return self.state in ("paused", "stopped") or (not self.under_way and bool(self.unfinished))

    @property
    def settled(self) -> bool:
        """Whether nothing happens in it any more by itself."""
        return not self.under_way and not self.open and not self.testing
