"""Following work in a worker that makes a model: how far it is, and a button to stop it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from core.jobs.jobs import ModelMaking
from ui.session.state import Key

POLL_SECONDS = 0.5
_STOPPING: Key[str] = Key("stopping_job", str)  # the job that was told to stop

W = TypeVar("W", bound=ModelMaking)


@st.fragment(run_every=POLL_SECONDS)
def follow_making(find: Callable[[], W | None], words: Callable[[W], str], *, key: str) -> None:
    """Shows a bar, words and "Stop", again and again until the work ends.

    Args:
        find: returns the work, or None if it is gone.
        words: says in a few words where it is.
        key: of the button, unique on the page.
    """
    work = find()
    if work is None or not work.job.active:
        st.rerun()
    stopping = _STOPPING.get() == work.job.id
    st.progress(work.share, "Stopping …" if stopping else words(work))
    st.button(
        "Stop", icon=":material/stop:", on_click=_stop, args=(work,), key=key, disabled=stopping
    )


def _stop(work: ModelMaking) -> None:
    work.stop()
    _STOPPING.set(work.job.id)
