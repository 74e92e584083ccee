"""Data sets: examples to look at, downloads, summaries and maps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.tasks.base import get_task
from ui.services.server import workers

if TYPE_CHECKING:
    from core.data import Split
    from core.jobs.dataset import Arrangement, LookThrough
    from core.jobs.jobs import Download


@st.cache_resource(max_entries=8, show_spinner="Opening the examples …")
def examples(task_name: str, source: str, limit: int) -> Split:
    """Returns clean test examples of a task."""
    return get_task(task_name).source(source).examples(limit)


@st.cache_resource(max_entries=4, show_spinner=False)
def download(task_name: str, source: str) -> Download:
    """Returns the download of a data set, started at the first call."""
    from core.jobs.jobs import Download

    return Download.start(workers(), task_name=task_name, source=source)


# Each holds up to 5 MB of pictures.
@st.cache_resource(max_entries=12, show_spinner=False)
def look_through(
    task_name: str, source: str, noise: str = "", level: float = 0.0, seed: int = 0
) -> LookThrough:
    """Returns the looking through of a data set, started at the first call."""
    from core.jobs.dataset import LookThrough

    return LookThrough.start(
        workers(), task_name=task_name, source=source, noise=noise, level=level, seed=seed
    )


@st.cache_resource(max_entries=16, show_spinner=False)
def arrangement(task_name: str, source: str, _components: NDArray[np.float32]) -> Arrangement:
    """Returns the making of a map of a data set by t-SNE, started at the first call.

    The components are the data set's, so that they tell no two maps apart.
    """
    from core.jobs.dataset import Arrangement

    return Arrangement.start(workers(), _components)


@st.cache_resource(max_entries=3, show_spinner="Opening the test examples …")
def clean_tests(task_name: str, source: str) -> Mapping[str, Callable[[], Split]]:
    """Returns what loads each of a data set's clean test parts, keyed by display name.

    Raises:
        DataUnavailable: if the data is not there.
    """
    return get_task(task_name).source(source).tests()


@st.cache_resource(max_entries=3, show_spinner="Opening the test examples …")
def clean_test(task_name: str, source: str, words: str) -> Split:
    """Returns one of a data set's clean test parts, in its own order.

    Raises:
        DataUnavailable: if the data is not there.
    """
    return clean_tests(task_name, source)[words]()
