"""Lesson 3: a network is trained before your eyes."""

import streamlit as st

from core.errors import DigitLabError, NoSuchRun
from core.runs.info import RunInfo
from core.tasks.base import Task, get_task
from core.training.config import TrainingConfig
from ui.services import server
from ui.session.settings import Setting, note, restore, share
from ui.session.state import Key
from ui.session.visitor import local_time, visitor
from ui.train.downloads import show_saving, show_take_away
from ui.train.form import training_form
from ui.train.run_view import follow_run, show_ended, show_story, show_summary
from ui.train.settings import RECIPE, SETTINGS, TASK, begin, take_over
from ui.widgets.dataset_download import offer_downloads

RUN = Setting("train_run", str, "run")
# What a button asked for. The page does it at the start of its next run, before it has widgets.
_OPEN: Key[str] = Key("run_to_open", str)
_LOAD: Key[TrainingConfig | None] = Key("run_to_load", lambda: None)


def open_run(owner: str, mine: list[RunInfo]) -> RunInfo | None:
    """Returns the run to show: the one in the link, else the person's newest."""
    if RUN.get():
        try:
            return server.runs().get(RUN.get())
        except NoSuchRun as error:
            note(str(error))
            RUN.set("")
    if mine:
        RUN.set(mine[0].id)
    return mine[0] if mine else None


def choose_run(info: RunInfo, mine: list[RunInfo], owner: str) -> None:
    """Says whose run this is, and lets the person choose another of their own."""
    runs = {run.id: run for run in mine}
    if info.owner != owner:
        st.info(
            "This run is somebody else's. You can look at it and repeat it.",
            icon=":material/visibility:",
        )
        runs = {info.id: info} | runs
    words = {
        run.id: f"{run.name}, {local_time(run.created):%d %b, %H:%M:%S}" for run in runs.values()
    }
    st.selectbox("Run", list(words), format_func=words.__getitem__, **RUN.widget)


def start(config: TrainingConfig, owner: str, name: str = "") -> None:
    """Queues a run and opens it, or says why it cannot start."""
    try:
        new = server.runs().start(config, owner=owner, name=name)
    except DigitLabError as error:
        st.error(str(error))
    else:
        _OPEN.set(new)
        st.rerun()


def run_name(task: Task, config: TrainingConfig) -> str:
    """Returns a run's name: its recipe, and whether that was changed."""
    recipe = task.recipe(RECIPE.get())
    unchanged = TrainingConfig.from_recipe(task, recipe, source=config.source) == config
    return f"{recipe.title}{'' if unchanged else ', changed'}"


def show_run(info: RunInfo, owner: str) -> None:
    """Shows a run, whatever its state."""
    if info.under_way:
        follow_run(info.id, owner)
    else:
        history = server.runs().history(info.id)
        model = server.runs().result(info.id)
        show_ended(info, history, model)
        if (
            info.resumable
            and info.owner == owner
            and st.button("Resume", type="primary", icon=":material/play_arrow:")
        ):
            server.runs().resume(info.id, owner=owner)
            st.rerun()
        if model is not None:
            show_saving(info, model)
        show_story(info, history)
        if history.epochs:
            show_take_away(info, history)
    show_summary(info)
    with st.container(horizontal=True):
        if st.button("Repeat with the same seed", help="Queues the same run again."):
            start(info.config, owner, info.name)
        if st.button("Load its settings into the form"):
            _LOAD.set(info.config)
            st.rerun()


def show_course(config: TrainingConfig | None, owner: str) -> None:
    """Shows the start button, and the chosen run from start to finish."""
    if st.button("Start training", type="primary", disabled=config is None) and config:
        start(config, owner, run_name(config.get_task(), config))
    mine = server.runs().of(owner)
    info = open_run(owner, mine)
    if info is None:
        st.info("Choose a recipe and press “Start training”.", icon=":material/flag:")
        return
    choose_run(info, mine, owner)
    show_run(info, owner)


st.title("Train a network and watch it learn")
st.markdown(
    "Training shows the network examples in small **batches** and nudges its weights after each"
    " one. One pass through all examples is an **epoch**. The *validation* examples only test the"
    " network; it never learns from them. If training keeps getting better but validation does"
    " not, the network is memorising its examples (**overfitting**)."
)
person = visitor()
begin(restore("train", (*SETTINGS, RUN)))
if _OPEN.get():
    RUN.set(_OPEN.get())
    _OPEN.set("")
loaded = _LOAD.get()
if loaded is not None:
    take_over(loaded)
    _LOAD.set(None)
form, course = st.columns([4, 5], gap="large")
try:
    with form:
        config = training_form()
        offer_downloads(get_task(TASK.get()))
    with course:
        show_course(config, person)
except DigitLabError as error:
    st.error(str(error))
share((*SETTINGS, RUN))
