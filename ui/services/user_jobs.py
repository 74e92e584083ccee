"""What each person has the workers make for them alone, found again after a reload of the page."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

import streamlit as st

from core.errors import LimitReached
from core.jobs.jobs import Assembly, FineTuning, ModelMaking

_W = TypeVar("_W", bound=ModelMaking)


class Newest(Generic[_W]):
    """The newest work of one kind of each person, so that a reload of the page finds it again.

    Args:
        what: "A fine-tuning", say.
    """

    MAX_OWNERS = 64  # the oldest that are over make room: each keeps a network in memory

    def __init__(self, what: str) -> None:
        self._what = what
        self._lock = threading.Lock()
        self._by_owner: dict[str, _W] = {}

    def get(self, owner: str) -> _W | None:
        """Returns a person's newest work, under way or over; None if there is none."""
        return self._by_owner.get(owner)

    def start(self, owner: str, begin: Callable[[], _W]) -> None:
        """Keeps what `begin` returns; raises LimitReached if what was kept is still under way."""
        with self._lock:
            before = self._by_owner.get(owner)
            if before is not None and before.job.active:
                raise LimitReached(f"{self._what} of yours is under way. Wait for it, or stop it.")
            over = [who for who, work in self._by_owner.items() if not work.job.active]
            for who in over[: max(0, len(self._by_owner) - self.MAX_OWNERS + 1)]:
                del self._by_owner[who]
            started = begin()
            self._by_owner.pop(owner, None)  # so that the newest stand last
            self._by_owner[owner] = started


@st.cache_resource(show_spinner=False)
def fine_tunings() -> Newest[FineTuning]:
    """Returns everybody's newest fine-tuning."""
    return Newest("A fine-tuning")


@st.cache_resource(show_spinner=False)
def assemblies() -> Newest[Assembly]:
    """Returns everybody's newest making of an ensemble."""
    return Newest("An ensemble")
