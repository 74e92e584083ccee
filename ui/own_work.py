"""What each person has the workers make for them alone, found again after a reload of the page."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Generic, TypeVar

import streamlit as st

from core.errors import LimitReached
from core.jobs import Assembly, FineTuning, ModelMaking
from core.store import SavedModel
from ui import cache

if TYPE_CHECKING:
    from core.transfer import TransferConfig

_W = TypeVar("_W", bound=ModelMaking)


class _Newest(Generic[_W]):
    """The newest work of one kind of each person, so that a reload of the page finds it again.

    Args:
        what: "A fine-tuning", say.
    """

    MOST = 64  # the oldest that are over make room: each keeps a network in memory

    def __init__(self, what: str) -> None:
        self._what = what
        self._lock = threading.Lock()
        self._by_owner: dict[str, _W] = {}

    def get(self, owner: str) -> _W | None:
        return self._by_owner.get(owner)

    def start(self, owner: str, begin: Callable[[], _W]) -> None:
        """Keeps what `begin` returns; raises LimitReached if what was kept is still under way."""
        with self._lock:
            before = self._by_owner.get(owner)
            if before is not None and before.job.active:
                raise LimitReached(f"{self._what} of yours is under way. Wait for it, or stop it.")
            over = [who for who, work in self._by_owner.items() if not work.job.active]
            for who in over[: max(0, len(self._by_owner) - self.MOST + 1)]:
                del self._by_owner[who]
            started = begin()
            self._by_owner.pop(owner, None)  # so that the newest stand last
            self._by_owner[owner] = started


@st.cache_resource(show_spinner=False)
def _fine_tunings() -> _Newest[FineTuning]:
    return _Newest("A fine-tuning")


@st.cache_resource(show_spinner=False)
def _assemblies() -> _Newest[Assembly]:
    return _Newest("An ensemble")


def fine_tuning(owner: str) -> FineTuning | None:
    """Returns a person's newest fine-tuning, under way or over; None if there is none."""
    return _fine_tunings().get(owner)


def start_fine_tuning(owner: str, model: SavedModel, config: TransferConfig) -> None:
    """Begins a fine-tuning with a person's samples.

    Raises:
        LimitReached: if one of theirs is under way.
        InvalidInput: if there are too few samples.
        ModelUnusable: if the network's files are gone or damaged.
        DatabaseUnavailable: if the samples cannot be read.
    """
    _fine_tunings().start(
        owner,
        lambda: FineTuning.start(cache.workers(), model, *cache.samples().arrays(owner), config),
    )


def assembly(owner: str) -> Assembly | None:
    """Returns a person's newest making of an ensemble, under way or over; None if none is."""
    return _assemblies().get(owner)


def start_assembly(
    owner: str,
    members: Sequence[str],
    *,
    vote: str,
    weights: Sequence[float],
    shifts: bool,
    source: str,
) -> None:
    """Begins the making of an ensemble; what is what is said at `Assembly.start`.

    Raises:
        LimitReached: if one of theirs is under way.
        InvalidInput: if the networks cannot vote together.
        ModelUnusable: if one is gone or damaged.
    """
    _assemblies().start(
        owner,
        lambda: Assembly.start(
            cache.workers(),
            cache.store(),
            members,
            vote=vote,
            weights=weights,
            shifts=shifts,
            source=source,
        ),
    )
