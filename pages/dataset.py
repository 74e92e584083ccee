"""Lesson 6, first part: what a network learns from decides what it can know."""

import streamlit as st

from core.channels import Channel
from core.dataset_jobs import LookThrough
from core.task import DataSource, Task, task
from ui import cache
from ui.data_download import offer_downloads
from ui.dataset_map import show_map, show_pattern_map, show_patterns
from ui.dataset_view import show_balance, show_mean_and_spread, show_samples, show_sizes
from ui.noise_form import choose_noise, level_slider, show_noise_details
from ui.pickers import choose_task, data_titles, named_data
from ui.settings import Setting, choose, parse_level, restore, share, write_number

POLL_SECONDS = 0.5
SEED = 0

TASK = Setting("dataset_task", lambda: "handwritten", "task", lambda text: task(text).name)
DATA = Setting("dataset_source", str, "data", of=TASK)
NOISE = Setting("dataset_noise", str, "noise", of=TASK)
LEVEL = Setting("dataset_level", lambda: 0.15, "level", parse_level, write_number)
SETTINGS = (TASK, DATA, NOISE, LEVEL)


def choose_source(problem: Task) -> DataSource:
    """Shows the task's data sets that are there, the best one first, and returns the chosen one."""
    titles = data_titles(problem, named_data(problem, DATA))
    return problem.source(choose(DATA, "Data", list(titles), format_func=titles.__getitem__))


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
    problem = choose_task(TASK, SETTINGS)
with middle:
    source = choose_source(problem)
offer_downloads(problem)
noise, level = None, 0.0
if problem.channel is not None:
    with right:
        noise = choose_noise(NOISE, problem, LEVEL)
    show_noise_details(NOISE, noise)
    level = level_slider(noise, LEVEL)
st.caption(source.note + (f" {noise.description}" if noise else ""))

asked = (problem.name, source.name, noise.name if noise else "", level, SEED)
work = cache.look_through(*asked)
if isinstance(noise, Channel):
    show_patterns(problem, noise, level)
if work.job.active:
    follow(work, source)
elif work.summary is None:
    st.error(work.job.error, icon=":material/error:")
    if st.button("Try again"):
        cache.look_through.clear(*asked)
        st.rerun()
else:
    show_sizes(problem, work.summary)
    show_balance(problem, work.summary)
    show_samples(problem, work.summary)
    show_mean_and_spread(problem, work.summary)
    if noise is None:
        show_map(problem, source, work.summary.points)
if isinstance(noise, Channel):
    show_pattern_map(problem, noise, level)
share(SETTINGS)
