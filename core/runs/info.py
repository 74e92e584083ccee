"""A run's record, as lists show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from core.errors import NoSuchRun
from core.training.card import Card
from core.training.config import TrainingConfig

State = Literal["queued", "running", "paused", "finished", "failed", "interrupted"]
UNDER_WAY: tuple[State, ...] = ("queued", "running", "paused")
MAX_NAME = 80
UNREADABLE = "This run cannot be read any more."  # the reason follows


@dataclass(frozen=True)
class RunInfo:
    """A run as lists show it.

    Args:
        id: names it in links.
        owner: whose it is; never shown to others.
        name: what its owner calls it.
        state: where it stands.
        created: when it was asked for.
        config: what was asked for.
        card: what is known of the network that it left, or None before.
        without_workers: whether it cannot go on at the moment because no worker process is there.
        queue_position: 1 for the run that starts next, if it is queued; else 0.
        has_checkpoint: whether there is a checkpoint from which it can go on.
        error: why it has failed, in a sentence; empty unless it has.
        unsaved: why its network could not be stored yet, in a sentence; empty unless it is only in
            the server's memory.
        search: id of the search that it belongs to, whose winner alone is judged on test data;
            empty for a run of its own.
    """

    id: str
    owner: str
    name: str
    state: State
    created: datetime
    config: TrainingConfig
    card: Card | None = None
    without_workers: bool = False
    queue_position: int = 0
    has_checkpoint: bool = False
    error: str = ""
    unsaved: str = ""
    search: str = ""

    @property
    def under_way(self) -> bool:
        """Whether it is queued, running or paused."""
        return self.state in UNDER_WAY

    @property
    def resumable(self) -> bool:
        """Whether it has ended before its time and can go on."""
        return self.state == "interrupted" or (self.state == "failed" and self.has_checkpoint)


@dataclass(frozen=True)
class Unreadable:
    """A run that this version does not understand: of it there is only what lists say, and Delete.

    Args:
        id: names it.
        owner: whose it is.
        name: what its owner calls it.
        created: when it was asked for.
        reason: what is not understood, in a sentence.
    """

    id: str
    owner: str
    name: str
    created: datetime
    reason: str


def clean_name(name: str) -> str:
    """Returns a run's name as it is kept: spaces single, no zeros, and not too long."""
    return " ".join(name.replace("\0", "").split())[:MAX_NAME]


def check_owner(run: RunInfo | Unreadable, owner: str) -> None:
    """Raises NoSuchRun if a run is not this person's."""
    if not owner or run.owner != owner:
        raise NoSuchRun("This run is somebody else's: you can look at it, and repeat it.")
