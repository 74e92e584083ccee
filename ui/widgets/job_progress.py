"""Following jobs in the workers: progress, time left, failure and "Try again", for all pages.

A page asks a service for a job and gives it to `follow_job`, with a function that makes the service
forget it: a service starts a job that it does not know. While the job is under way, only its
progress is redrawn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import streamlit as st

from core.workers.job import Job
from ui.session.state import Key
from ui.session.visitor import person
from ui.wording.duration import duration
from ui.wording.phrases import plain

POLL_SECONDS = 0.5
WAITING = "Waiting for a worker process to be ready …"
_STOPPING: Key[str] = Key("stopping_job", str)  # the job that was told to stop

R = TypeVar("R")


@dataclass(frozen=True)
class Retry:
    """What a page does when a job has failed.

    Args:
        job: the job.
        forget: makes its service start it again at the next request.
        name: shown before its error. Defaults to nothing.
    """

    job: Job[Any]
    forget: Callable[[], None]
    name: str = ""


def ask_for(jobs: Iterable[Job[Any]]) -> None:
    """Notes that the visitor waits for jobs: what nobody asks for any more is dropped.

    `follow_jobs` does it; a page that follows in a way of its own has to.
    """
    for job in jobs:
        if job.active:
            job.ask(person())


def follow(show: Callable[[], bool], *, every: float = POLL_SECONDS) -> None:
    """Redraws something until it is over, and then reruns the whole page.

    Args:
        show: draws what may have changed; when it is over, draws nothing and returns False.
        every: seconds between two drawings. Defaults to POLL_SECONDS.
    """
    st.fragment(_poll, run_every=every)(show)


def _poll(show: Callable[[], bool]) -> None:
    if not show():
        st.rerun()


def follow_jobs(
    jobs: Sequence[Job[Any]], show: Callable[[], object], *, until_failure: bool = False
) -> bool:
    """Redraws something while jobs are under way, and then reruns the whole page.

    Args:
        jobs: the jobs.
        show: draws what may have changed.
        until_failure: whether one that fails ends it for all. Defaults to False.

    Returns:
        Whether any is under way; if not, nothing was drawn.
    """

    def under_way() -> bool:
        ask_for(jobs)
        failed = until_failure and any(job.state == "failed" for job in jobs)
        return not failed and any(job.active for job in jobs)

    def show_if_under_way() -> bool:
        if not under_way():
            return False
        show()
        return True

    if not under_way():
        return False
    follow(show_if_under_way)
    return True


def follow_job(
    job: Job[R],
    forget: Callable[[], None] | None,
    words: Callable[[Job[R]], str],
    *,
    key: str,
    share: Callable[[Job[R]], float] = lambda job: job.progress.share,
    stoppable: bool = False,
) -> R | None:
    """Shows a job's progress until it ends, and then its error if it failed.

    Args:
        job: the job.
        forget: makes its service start it again; None if the page has its own "Try again" button.
        words: says in a few words what it does; see `progress_words`.
        key: of the buttons, unique on the page.
        share: how much of it is done, 0..1. Defaults to what it reports.
        stoppable: whether a button can stop it. Defaults to False.

    Returns:
        Its result, once there is one.
    """
    if follow_jobs([job], lambda: _show(job, words, share, key if stoppable else "")):
        return None
    if job.state == "failed":
        if forget is None:
            st.warning(plain(job.error), icon=":material/info:")
        else:
            offer_retry([Retry(job, forget)], key=key)
        return None
    return job.result


def progress_words(job: Job[Any], doing: str) -> str:
    """Says what a job does and about how long it will take."""
    if job.state == "waiting":
        return WAITING
    left = job.progress.seconds_left
    return f"{doing} …" if left is None else f"{doing}, about {duration(left)} left"


def offer_retry(jobs: Iterable[Retry], *, key: str) -> bool:
    """Says which jobs have failed, and offers to start those again.

    Args:
        jobs: those that may have failed.
        key: of the button, unique on the page.

    Returns:
        Whether any has failed.
    """
    failed = tuple(retry for retry in jobs if retry.job.state == "failed")
    for sentence in dict.fromkeys(
        f"{retry.name}: {retry.job.error}" if retry.name else retry.job.error for retry in failed
    ):
        st.error(plain(sentence), icon=":material/error:")
    if failed:
        st.button(
            "Try again",
            icon=":material/refresh:",
            on_click=_forget,
            args=(failed,),
            key=f"{key}_again",
        )
    return bool(failed)


def _forget(retries: tuple[Retry, ...]) -> None:
    for retry in retries:
        retry.forget()


def _show(
    job: Job[R], words: Callable[[Job[R]], str], share: Callable[[Job[R]], float], stop_key: str
) -> None:
    stopping = _STOPPING.get() == job.id
    st.progress(share(job), "Stopping …" if stopping else words(job))
    if stop_key:
        st.button(
            "Stop",
            icon=":material/stop:",
            on_click=_stop,
            args=(job,),
            key=f"{stop_key}_stop",
            disabled=stopping,
        )


def _stop(job: Job[Any]) -> None:
    job.stop()
    _STOPPING.set(job.id)
