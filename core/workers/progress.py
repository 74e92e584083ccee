"""How far a piece of work has come, and how long it will still take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from core.workers.pool import Job


@dataclass(frozen=True)
class Progress:
    """What a piece of work has told of its progress; all 0 as long as it has told nothing.

    Args:
        done: how much is done, in units of the work's own: examples, bytes, steps. Defaults to 0.
        total: how much there is to do, in the same units. Defaults to 0.
        seconds: how long what is done has taken. Defaults to 0.
    """

    done: int = 0
    total: int = 0
    seconds: float = 0.0

    @classmethod
    def of(cls, event: Mapping[str, Any]) -> Progress:
        """Reads an event of a job, or an empty one; see `core.workers.pool.Job.newest`."""
        return cls(event.get("done", 0), event.get("total", 0), event.get("seconds", 0.0))

    @property
    def share(self) -> float:
        """How much of it is done, 0..1."""
        return min(1.0, self.done / self.total) if self.total else 0.0

    @property
    def seconds_left(self) -> float | None:
        """About how long it will still take, in seconds; None as long as nothing tells."""
        return self.seconds * (1 - self.share) / self.share if self.share else None


class TellsProgress:
    """Work that tells how far it is, in events of one kind with the names of `Progress`."""

    told: ClassVar[str]  # the kind of these events
    job: Job

    @property
    def progress(self) -> Progress:
        """How far it has come."""
        return Progress.of(self.job.newest(self.told))

    @property
    def share(self) -> float:
        """How much of it is done, 0..1."""
        return self.progress.share

    @property
    def seconds_left(self) -> float | None:
        """About how long it will still take, in seconds; None as long as nothing tells."""
        return self.progress.seconds_left
