"""Jobs that all visitors share: whoever asks for the same gets the same job."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar

import streamlit as st

if TYPE_CHECKING:
    from core.workers.job import Job

P = ParamSpec("P")
R = TypeVar("R")


class SharedJob(Generic[P, R]):
    """A function that starts a job at its first call, and then returns that job.

    One that was dropped because nobody waited for it is started again.

    Args:
        start: starts it. An argument whose name begins with "_" belongs to the others.
        max_entries: as many jobs are remembered.
        hash_funcs: as for `st.cache_resource`.
    """

    def __init__(
        self,
        start: Callable[P, Job[R]],
        max_entries: int,
        hash_funcs: Mapping[str | type[Any], Callable[[Any], Any]] | None,
    ) -> None:
        self._cached: Any = st.cache_resource(
            max_entries=max_entries,
            show_spinner=False,
            hash_funcs=dict(hash_funcs) if hash_funcs else None,
        )(start)
        functools.update_wrapper(self, start)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Job[R]:
        """Returns the job."""
        job: Job[R] = self._cached(*args, **kwargs)
        if job.dropped:
            self.clear(*args, **kwargs)
            job = self._cached(*args, **kwargs)
        return job

    def clear(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Forgets the job, so that the next call starts another."""
        self._cached.clear(*args, **kwargs)


def shared_job(
    *,
    max_entries: int,
    hash_funcs: Mapping[str | type[Any], Callable[[Any], Any]] | None = None,
) -> Callable[[Callable[P, Job[R]]], SharedJob[P, R]]:
    """Makes a `SharedJob` of a function that starts a job."""
    return lambda start: SharedJob(start, max_entries, hash_funcs)
