"""Fetching a data set that is not there, with its progress."""

from __future__ import annotations

import streamlit as st

from core.tasks.base import Task
from ui.services import datasets
from ui.session.state import Key

POLL_SECONDS = 0.5
DOWNLOADING: Key[str] = Key("downloading", str)


def offer_downloads(task: Task) -> None:
    """Offers to fetch the task's data sets that are not there, and says how far that is."""
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


@st.fragment(run_every=POLL_SECONDS)
def follow_download(task_name: str, source: str) -> None:
    """Shows how far a download is, again and again until it ends."""
    download = datasets.download(task_name, source)
    if download.job.state == "finished":
        DOWNLOADING.set("")
        datasets.download.clear(task_name, source)
        st.rerun()
    if download.job.state == "failed":
        st.error(download.job.error, icon=":material/wifi_off:")
        if st.button("Try again"):
            datasets.download.clear(task_name, source)
            st.rerun(scope="fragment")
        return
    done, total = download.progress
    st.progress(done / total if total else 0.0, f"{done / 1e6:.1f} of {total / 1e6:.1f} MB")
