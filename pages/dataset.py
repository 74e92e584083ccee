"""Lesson 6, first part: what a network learns from decides what it can know."""

import streamlit as st

from core.jobs.dataset import LookThrough
from core.segments.channels import Channel
from core.tasks.base import DataSource, Task, get_task
from ui.dataset.map import show_map, show_pattern_map, show_patterns
from ui.dataset.view import show_balance, show_mean_and_spread, show_samples, show_sizes
from ui.services import datasets
from ui.session.settings import Setting, choose, parse_level, restore, share, write_number
from ui.widgets.dataset_download import offer_downloads
from ui.widgets.noise_picker import choose_noise, level_slider, show_noise_details
from ui.widgets.pickers import choose_task, data_titles, named_data

POLL_SECONDS = 0.5
SEED = 0

TASK = Setting("dataset_task", lambda: "handwritten", "task", lambda text: get_task(text).name)
DATA = Setting("dataset_source", str, "data", of=TASK)
NOISE = Setting("dataset_noise", str, "noise", of=TASK)
LEVEL = Setting("dataset_level", lambda: 0.15, "level", parse_level, write_number)
SETTINGS = (TASK, DATA, NOISE, LEVEL)


def choose_source(task: Task) -> DataSource:
    """Shows the task's data sets that are there, the best one first, and returns the chosen one."""
    titles = data_titles(task, named_data(task, DATA))
    return task.source(choose(DATA, "Data", list(titles), format_func=titles.__getitem__))


@st.fragment(run_every=POLL_SECONDS)
def follow(work: LookThrough, source: DataSource) -> None:
    """Says what is being done until all numbers are there."""
    if not work.job.active:
        st.rerun()
    slow = " Making its training part takes about a minute; it is done once." * (
        source.load_held_out is not None
    )
    st.info(f"{work.step} … {work.seconds:.0f} s so far.{slow}", icon=":material/hourglass_top:")


st.title("What do networks learn from?")
st.markdown(
    "A network knows nothing but its **examples**. Look at them before you look at any accuracy:"
    " what is rare, unclear or missing here, no network will learn."
)
restore("dataset", SETTINGS)
left, middle, right = st.columns(3)
with left:
    task = choose_task(TASK, SETTINGS)
with middle:
    source = choose_source(task)
offer_downloads(task)
noise, level = None, 0.0
if task.channel is not None:
    with right:
        noise = choose_noise(NOISE, task, LEVEL)
    show_noise_details(NOISE, noise)
    level = level_slider(noise, LEVEL)
st.caption(source.note + (f" {noise.description}" if noise else ""))

asked = (task.name, source.name, noise.name if noise else "", level, SEED)
work = datasets.look_through(*asked)
if isinstance(noise, Channel):
    show_patterns(task, noise, level)
if work.job.active:
    follow(work, source)
elif work.summary is None:
    st.error(work.job.error, icon=":material/error:")
    if st.button("Try again"):
        datasets.look_through.clear(*asked)
        st.rerun()
else:
    show_sizes(task, work.summary)
    show_balance(task, work.summary)
    show_samples(task, work.summary)
    show_mean_and_spread(task, work.summary)
    if noise is None:
        show_map(task, source, work.summary.points)
if isinstance(noise, Channel):
    show_pattern_map(task, noise, level)
share(SETTINGS)
