"""Downloading a data set that is missing, with its progress."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.errors import PasswordRequired
from core.tasks.base import Task
from core.workers.job import Job
from ui.services import datasets
from ui.session.state import Key
from ui.session.visitor import person
from ui.widgets.job_progress import follow_job, progress_words
from ui.wording.phrases import plain

DOWNLOADING: Key[str] = Key("downloading", str)


def offer_downloads(task: Task) -> None:
    """Offers to download the task's missing data sets, and shows the progress."""
    for source in task.sources:
        absent = source.missing()
        if absent is None or source.download is None:
            continue
        with st.container(border=True):
            st.markdown(f"{absent} {source.download_note}")
            if DOWNLOADING.get() == source.name:
                follow_download(task.name, source.name)
            elif st.button(f"Download {source.title}"):
                DOWNLOADING.set(source.name)
                st.rerun()


def follow_download(task_name: str, source: str) -> None:
    """Shows a download's progress until it ends, and then the page with its data."""
    owner = person()
    try:
        job = datasets.download_job(task_name, source, owner)
    except PasswordRequired as error:
        DOWNLOADING.set("")
        st.error(plain(str(error)), icon=":material/lock:")
        return
    forget = partial(datasets.download_job.clear, task_name, source, owner)
    follow_job(job, forget, _progress_words, key=f"download_{source}")
    if job.state == "finished":
        DOWNLOADING.set("")
        forget()
        st.rerun()


def _progress_words(job: Job[None]) -> str:
    done, total = job.progress.done, job.progress.total
    return progress_words(job, f"{done / 1e6:.1f} of {total / 1e6:.1f} MB")
