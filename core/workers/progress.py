"""How far a piece of work has come, and how long it will still take."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """How far a job is; all 0 before its first report.

    Args:
        done: how much is done, in units of the work's own: examples, bytes, steps. Defaults to 0.
        total: how much there is to do, in the same units. Defaults to 0.
        seconds: how long what is done has taken. Defaults to 0.
        note: what is being done. Defaults to nothing.
    """

    done: int = 0
    total: int = 0
    seconds: float = 0.0
    note: str = ""

    @property
    def share(self) -> float:
        """How much of it is done, 0..1."""
        return min(1.0, self.done / self.total) if self.total else 0.0

    @property
    def seconds_left(self) -> float | None:
        """About how long it will still take, in seconds; None before that can be told."""
        return self.seconds * (1 - self.share) / self.share if self.share else None
