"""What each person has the workers make for them alone, found again after a reload of the page."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from core.errors import LimitReached

if TYPE_CHECKING:
    from core.training.config import TrainedModel
    from core.workers.job import Job


class NewestJobs:
    """The newest job of one kind of each person, so that a reload of the page finds it again.

    Args:
        what: "A fine-tuning", say.
    """

    MAX_OWNERS = 64  # the oldest that are over make room: each keeps a network in memory

    def __init__(self, what: str) -> None:
        self._what = what
        self._lock = threading.Lock()
        self._by_owner: dict[str, Job[TrainedModel]] = {}

    def get(self, owner: str) -> Job[TrainedModel] | None:
        """Returns a person's newest job, under way or over; None if there is none."""
        return self._by_owner.get(owner)

    def start(self, owner: str, submit: Callable[[], Job[TrainedModel]]) -> None:
        """Keeps what `submit` returns; raises LimitReached if the one before is under way."""
        with self._lock:
            before = self._by_owner.get(owner)
            if before is not None and before.active:
                raise LimitReached(f"{self._what} of yours is under way. Wait for it, or stop it.")
            over = [who for who, job in self._by_owner.items() if not job.active]
            for who in over[: max(0, len(self._by_owner) - self.MAX_OWNERS + 1)]:
                del self._by_owner[who]
            started = submit()
            self._by_owner.pop(owner, None)  # so that the newest stand last
            self._by_owner[owner] = started


@st.cache_resource(show_spinner=False)
def fine_tuning_jobs() -> NewestJobs:
    """Returns everybody's newest fine-tuning."""
    return NewestJobs("A fine-tuning")


@st.cache_resource(show_spinner=False)
def ensemble_jobs() -> NewestJobs:
    """Returns everybody's newest making of an ensemble."""
    return NewestJobs("An ensemble")
