"""Data sets: examples to look at, downloads, summaries and maps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.datasets import uploads
from core.tasks.base import get_task
from ui.services.server import check_password, workers
from ui.services.shared_job import shared_job

if TYPE_CHECKING:
    from core.data import Split
    from core.datasets.summary import DatasetSummary
    from core.jobs.dataset import Map
    from core.workers.job import Job


@st.cache_resource(max_entries=8, show_spinner="Opening the examples …")
def examples(task_name: str, source: str, limit: int) -> Split:
    """Returns clean test examples of a task."""
    return get_task(task_name).source(source).examples(limit)


def keep_upload(data: bytes, *, owner: str) -> str:
    """Keeps a checked file that a visitor has uploaded; see `core.datasets.uploads.keep`.

    Raises:
        PasswordRequired: if this server wants a password first.
    """
    check_password(owner)
    return uploads.keep(data)


@shared_job(max_entries=4)
def download_job(task_name: str, source: str, _owner: str) -> Job[None]:
    """Returns the download job of a data set, started at the first call.

    Raises:
        PasswordRequired: if it is to be started, and this server wants a password first.
    """
    from core.jobs.download import DownloadJob

    check_password(_owner)
    return workers().submit(DownloadJob(task_name, source))


# Each holds up to 5 MB of pictures.
@shared_job(max_entries=12)
def summary_job(
    task_name: str, source: str, noise: str = "", level: float = 0.0, seed: int = 0
) -> Job[DatasetSummary]:
    """Returns the summary job of a data set, started at the first call."""
    from core.jobs.dataset import SummaryJob

    upload = uploads.to_carry(source)
    return workers().submit(SummaryJob(task_name, source, noise, level, seed, upload))


@shared_job(max_entries=16)
def tsne_job(task_name: str, source: str, _components: NDArray[np.float32]) -> Job[Map]:
    """Returns the job that makes a t-SNE map of a data set, started at the first call.

    The components belong to the data set, so the cache ignores them.
    """
    from core.jobs.dataset import TsneJob

    return workers().submit(TsneJob(_components))


@st.cache_resource(max_entries=3, show_spinner="Opening the test examples …")
def clean_tests(task_name: str, source: str) -> Mapping[str, Callable[[], Split]]:
    """Returns the loaders of a data set's clean test parts, keyed by display name.

    Raises:
        DataUnavailable: if the data is missing.
    """
    return get_task(task_name).source(source).tests()


@st.cache_resource(max_entries=3, show_spinner="Opening the test examples …")
def clean_test(task_name: str, source: str, words: str) -> Split:
    """Returns one clean test part of a data set, in its own order.

    Raises:
        DataUnavailable: if the data is missing.
    """
    return clean_tests(task_name, source)[words]()
