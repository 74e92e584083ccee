"""A search that this server drives."""

from __future__ import annotations

from dataclasses import dataclass

from core.search.info import SearchInfo
from core.training.card import TrainedModel
from core.workers.job import Job


@dataclass(eq=False)
class Active:
    """A search in which something may happen. Guarded by the lock of its manager.

    Args:
        info: as everybody sees it; replaced, never changed.
        job: the measuring of the winner.
        looked: when its time was last counted, on the monotonic clock; None while it stands still.
        kept_seconds: of its time, those in the database.
    """

    info: SearchInfo
    job: Job[TrainedModel] | None = None
    looked: float | None = None
    kept_seconds: float = 0.0
