"""A trial: one run of a search, as the search remembers it, whatever becomes of the run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass

from core.schema import DEFERRED
from core.search.config import SearchConfig

State = Literal[
    "waiting", "running", "complete", "pruned", "stopped", "diverged", "failed", "deleted"
]
OPEN: tuple[State, ...] = ("waiting", "running")
# It has ended before its time; tried once more, it may not.
UNFINISHED: tuple[State, ...] = ("stopped", "failed", "deleted")


@dataclass(frozen=True, config=DEFERRED)
class Trial:
    """One run of a search.

    Args:
        number: its place in the search, from 0.
        parameters: the settings that were proposed; see `core.search.space.Parameters`.
        state: "waiting" (proposed, and its run not queued yet), "running" (its run is queued, under
            way, or will go on), "complete", "pruned" (ended because others were better by then),
            "stopped" (ended by a person), "diverged" (no epoch without a NaN), "failed" or
            "deleted" (its run was, while it was under way).
        run_id: of its run; empty for one that is no run of this server.
        losses: validation loss after each epoch, in nats.
        accuracies: validation accuracy after each epoch, 0..1.
        kept_epoch: the epoch whose weights the network has, from 1; 0 before it is complete.
        seconds: of training.
        weights: of its network.
        reason: why it has no result, in a sentence.
        attributes: what Optuna's pruner has noted about it.
    """

    number: int
    parameters: dict[str, int | float | str]
    state: State = "waiting"
    run_id: str = ""
    losses: tuple[float, ...] = ()
    accuracies: tuple[float, ...] = ()
    kept_epoch: int = 0
    seconds: float = 0.0
    weights: int = 0
    reason: str = ""
    attributes: dict[str, Any] | None = None

    @property
    def open(self) -> bool:
        """Whether it is not over."""
        return self.state in OPEN

    @property
    def loss(self) -> float | None:
        """Validation loss of its network, or the newest one known."""
        return _kept(self.losses, self.kept_epoch)

    @property
    def accuracy(self) -> float | None:
        """Validation accuracy of its network, or the newest one known."""
        return _kept(self.accuracies, self.kept_epoch)

    def values(self, config: SearchConfig) -> tuple[float, ...]:
        """Returns what the search judges by, after each epoch."""
        return self.accuracies if config.maximize else self.losses

    def value(self, config: SearchConfig) -> float | None:
        """Returns what the search judges by: that of its network, or the newest one known."""
        return self.accuracy if config.maximize else self.loss


TRIAL = TypeAdapter(Trial)


def _kept(values: Sequence[float], epoch: int) -> float | None:
    if not values:
        return None
    return values[epoch - 1] if 1 <= epoch <= len(values) else values[-1]
