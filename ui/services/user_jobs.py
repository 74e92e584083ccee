"""Jobs that workers do for one person, found again after a reload of the page."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from core.errors import LimitReached
from ui.services.lifetime import owned
from ui.services.server import check_password

if TYPE_CHECKING:
    from core.training.card import TrainedModel
    from core.workers.job import Job


class NewestJobs:
    """Each person's newest job of one kind, which a reload of the page finds again.

    Args:
        what: the kind in words, such as "fine-tuning".
    """

    MAX_OWNERS = 64  # the oldest finished ones make room: each keeps a network in memory

    def __init__(self, what: str) -> None:
        self._what = what
        self._lock = threading.Lock()
        self._by_owner: dict[str, Job[TrainedModel]] = {}

    def get(self, owner: str) -> Job[TrainedModel] | None:
        """Returns a person's newest job, under way or finished; None if there is none."""
        return self._by_owner.get(owner)

    def start(self, owner: str, submit: Callable[[], Job[TrainedModel]]) -> None:
        """Keeps the job that `submit` returns.

        Raises:
            PasswordRequired: if this server wants a password first.
            LimitReached: if the person's last one is under way.
        """
        check_password(owner)
        with self._lock:
            before = self._by_owner.get(owner)
            if before is not None and before.active:
                raise LimitReached(
                    f"Your {self._what} is still under way. Wait for it, or stop it."
                )
            over = [who for who, job in self._by_owner.items() if not job.active]
            for who in over[: max(0, len(self._by_owner) - self.MAX_OWNERS + 1)]:
                del self._by_owner[who]
            started = submit()
            self._by_owner.pop(owner, None)  # the newest come last
            self._by_owner[owner] = started


@owned
def fine_tuning_jobs() -> NewestJobs:
    """Returns each person's newest fine-tuning."""
    return NewestJobs("fine-tuning")


@owned
def ensemble_jobs() -> NewestJobs:
    """Returns each person's newest ensemble job."""
    return NewestJobs("ensemble")


@owned
def import_jobs() -> NewestJobs:
    """Returns each person's newest import of a network from outside."""
    return NewestJobs("import")
