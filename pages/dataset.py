"""Lesson 6, first part: what a network learns from decides what it can know."""

from functools import partial

import streamlit as st

from core.datasets.summary import DatasetSummary
from core.segments.channels import Channel
from core.tasks.base import DataSource, Task, get_task
from core.workers.job import Job
from ui.dataset.map import show_map, show_pattern_map, show_patterns
from ui.dataset.view import (
    EVERY,
    PART_WORDS,
    show_balance,
    show_mean_and_spread,
    show_samples,
    show_sizes,
)
from ui.services import datasets
from ui.session.settings import (
    Setting,
    choose,
    one_of,
    parse_level,
    restore,
    share,
    whole_number,
    write_number,
)
from ui.widgets.dataset_download import offer_downloads
from ui.widgets.job_progress import WAITING, follow_job
from ui.widgets.noise_picker import choose_noise, level_slider, show_noise_details
from ui.widgets.pickers import choose_task, data_titles, named_data

SEED = 0
# While another level is counted, what comes below stays below the screen.
STYLE = "<style>.st-key-dataset_summary { min-height: 100vh; }</style>"

TASK = Setting("dataset_task", lambda: "handwritten", "task", lambda text: get_task(text).name)
DATA = Setting("dataset_source", str, "data", of=TASK)
NOISE = Setting("dataset_noise", str, "noise", of=TASK)
LEVEL = Setting("dataset_level", lambda: 0.15, "level", parse_level, write_number)
PART = Setting("dataset_part", lambda: "training", "part", one_of(list(PART_WORDS)))
CLASS: Setting[int] = Setting(
    "dataset_class",
    lambda: EVERY,
    "class",
    whole_number(-1, 99),
    lambda label: "" if label == EVERY else str(label),
    of=TASK,
)
SETTINGS = (TASK, DATA, NOISE, LEVEL, PART, CLASS)


def choose_source(task: Task) -> DataSource:
    """Shows the task's available data sets, the best one first, and returns the chosen one."""
    titles = data_titles(task, named_data(task, DATA))
    return task.source(choose(DATA, "Data", list(titles), format_func=titles.__getitem__))


def progress_of(job: Job[DatasetSummary], source: DataSource) -> str:
    """Says what the job is doing and for how long it has run."""
    if not job.progress.note:
        return WAITING
    slow = " Building the training part takes about a minute, but only once." * (
        source.load_held_out is not None
    )
    return f"{job.progress.note} … {job.seconds:.0f} s so far.{slow}"


st.title("What do networks learn from?")
st.markdown(
    "A network knows nothing but its **examples**. It cannot learn what is rare, unclear or"
    " missing here."
)
restore("dataset", SETTINGS)
with st.container(key="side_by_side"):
    left, middle, right = st.columns(3)
with left:
    task = choose_task(TASK, SETTINGS, to_train=True)
with middle:
    source = choose_source(task)
noise, level = None, 0.0
if task.channel is not None:
    with right:
        noise = choose_noise(NOISE, task, LEVEL)
    show_noise_details(NOISE, noise)
    level = level_slider(noise, LEVEL)
st.caption(source.note + (f" {noise.description}" if noise else ""))

asked = (task.name, source.name, noise.name if noise else "", level, SEED)
job = datasets.summary_job(*asked)
with st.container(key="dataset_summary"):
    st.html(STYLE)
    summary = follow_job(
        job,
        partial(datasets.summary_job.clear, *asked),
        lambda job: progress_of(job, source),
        key="dataset_summary",
    )
    if summary is not None:
        show_samples(task, summary, PART, CLASS, partial(share, SETTINGS))
        offer_downloads(task)
        show_sizes(task, summary)
        show_balance(task, summary)
        show_mean_and_spread(task, summary)
        if noise is None:
            show_map(task, source, summary.points)
    else:
        offer_downloads(task)
if isinstance(noise, Channel):
    show_patterns(task, noise, level)
    show_pattern_map(task, noise, level)
if summary is None:  # the samples share what they show
    share(SETTINGS)
