"""Lesson 3: a network is trained before your eyes."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.errors import DigitLabError, NoSuchRun, UnreadableRun
from core.runs.info import RunInfo
from core.training.config import TrainingConfig
from core.training.history import History
from ui.services import server
from ui.services.baselines import learned_by
from ui.session.settings import Setting, note, restore, share
from ui.session.state import Key
from ui.session.visitor import local_time, visitor
from ui.train.downloads import show_saving, show_take_away
from ui.train.form import Form, choose_recipe, more_settings
from ui.train.run_view import (
    follow_run,
    show_curves,
    show_ended,
    show_story,
    show_summary,
    standing_of,
)
from ui.train.settings import SETTINGS, begin, take_over
from ui.train.simple_methods import show_need
from ui.train.slow_motion import SLOW_MOTION, slow_motion_switch
from ui.wording.phrases import plain
from ui.wording.runs import name_of, run_name

RUN = Setting("train_run", str, "run")
# What a button asked for. The page does it at the start of its next run, before it has widgets.
_OPEN: Key[str] = Key("run_to_open", str)
_LOAD: Key[TrainingConfig | None] = Key("run_to_load", lambda: None)
# All that belongs together fits one screen of 1280 by 800.
STYLE = """
<style>
.stMain h1 { font-size: 1.75rem; padding: 0.25rem 0; }
.st-key-start { flex-wrap: nowrap; }
.st-key-start label { min-height: 40px; align-items: center; }
.st-key-start label * { white-space: normal !important; }
/* Room for what the coach mostly says: nothing below moves as it changes. */
.st-key-coach { min-height: 7rem; }
.st-key-facts { min-height: 1.5rem; }
@media (max-width: 640px) {
  .stMain h1 { font-size: 1.25rem; }
  .st-key-coach { min-height: 14rem; }
  .st-key-facts { min-height: 3rem; }
  /* Else the curves would be many screens below the start button. */
  .st-key-more_settings [data-testid=stExpanderDetails] { max-height: 55vh; overflow-y: auto; }
}
</style>
"""


def open_run(mine: list[RunInfo]) -> RunInfo | None:
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


def choose_run(info: RunInfo, mine: list[RunInfo]) -> None:
    """Lets the person choose another of their runs."""
    runs = {run.id: run for run in mine}
    runs = {info.id: runs.get(info.id, info)} | runs if info.id not in runs else runs
    words = {
        run.id: f"{name_of(run)}, {local_time(run.created):%d %b, %H:%M:%S}"
        for run in runs.values()
    }
    st.selectbox("Run on this page", list(words), format_func=words.__getitem__, **RUN.widget)


def start(config: TrainingConfig, owner: str, *, name: str, slow: bool) -> None:
    """Queues a run and opens it, or says why it cannot start."""
    try:
        new = server.runs().start(config, owner=owner, name=name, slow=slow)
    except DigitLabError as error:
        st.error(plain(str(error)))
    else:
        _OPEN.set(new)
        st.rerun()


def show_start(place: DeltaGenerator, form: Form, info: RunInfo | None, owner: str) -> bool:
    """Shows the start button and the switch for slow motion; returns whether that is on."""
    with place:
        with st.container(horizontal=True, vertical_alignment="center", key="start"):
            pressed = st.button("Start training", type="primary", disabled=form.config is None)
            own = info if info and info.under_way and info.owner == owner else None
            history = server.runs().history(own.id) if own else None
            slow = slow_motion_switch(form.recipe, own, history)
        if pressed and form.config:
            start(form.config, owner, name=run_name(form.recipe, form.config), slow=slow)
    return slow


def show_course(form: Form, info: RunInfo | None, mine: list[RunInfo], owner: str) -> None:
    """Shows the place of the curves, and the chosen run from start to finish."""
    if info is not None and info.under_way:
        follow_run(info.id, owner)
        return
    # What is followed is drawn in a container, so all else is as well: the curves must stay the
    # same elements of the page when a run starts and ends.
    with st.container():
        if info is not None:
            show_run(info, mine, owner)
            return
        epochs = form.config.epochs if form.config else 10
        show_curves(History(epochs), run="", task=form.task)
        with st.container():
            st.info("Press “Start training” and watch the curves grow.", icon=":material/flag:")


def show_run(info: RunInfo, mine: list[RunInfo], owner: str) -> None:
    """Shows a run that has ended; what came of it is below the curves."""
    history = server.runs().history(info.id)
    model = server.runs().result(info.id)
    config = info.config
    show_curves(history, run=info.id, task=config.get_task(), learned=learned_by(config))
    with st.container():
        show_ended(info, history, model)
        if (
            info.resumable
            and info.owner == owner
            and st.button("Resume", type="primary", icon=":material/play_arrow:")
        ):
            server.runs().resume(info.id, owner=owner)
            st.rerun()
    show_story(info, history, standing_of(info, model, mine) if model and mine else "")
    if model is not None:
        show_need(info, model)
        show_saving(info, model)
    if history.epochs:
        show_take_away(info, history, model.card.figures if model else ())


def show_more(info: RunInfo, mine: list[RunInfo], owner: str, *, slow: bool) -> None:
    """Shows what else can be done with the run on this page."""
    if info.owner != owner:
        st.info(
            "This run is somebody else's. You can look at it and repeat it.",
            icon=":material/visibility:",
        )
    choose_run(info, mine)
    show_summary(info)
    with st.container(horizontal=True):
        if st.button("Repeat with the same seed", help="Queues the same run again."):
            start(info.config, owner, name=info.name, slow=slow)
        if st.button("Load its settings into the form"):
            _LOAD.set(info.config)
            st.rerun()


def show_page(owner: str) -> None:
    """Shows the form on the left and the run on the right; a phone shows them in this order."""
    mine = server.runs().of(owner)
    info = open_run(mine)
    left, right = st.columns([5, 9], gap="medium")
    with left:
        task, recipe = choose_recipe()
        place = st.container()
        form = more_settings(task, recipe)
        slow = show_start(place, form, info, owner)
    with right:
        show_course(form, info, mine, owner)
        if info is not None:
            show_more(info, mine, owner, slow=slow)
        show_words()


def show_words() -> None:
    """Explains the words of this page."""
    with st.expander("What do epoch, batch, validation and overfitting mean?"):
        st.markdown(
            "Training shows the network its examples in small **batches** and nudges its weights"
            " after each one. One pass through all examples is an **epoch**. The **validation**"
            " examples only test the network; it never learns from them. If training keeps getting"
            " better but validation does not, the network is memorising its examples"
            " (**overfitting**). **Accuracy** is the share of examples classified correctly. The"
            " **loss** (cross-entropy, in nats) also counts how sure the network was: sure and"
            " wrong costs most."
        )


st.html(STYLE)
st.title("Train a network and watch it learn")
person = visitor()
begin(restore("train", (*SETTINGS, RUN)))
if _OPEN.get():
    RUN.set(_OPEN.get())
    _OPEN.set("")
loaded = _LOAD.get()
if loaded is not None:
    take_over(loaded)
    _LOAD.set(None)
try:
    show_page(person)
except UnreadableRun:  # seen only now; from the page's next run on it is not in the way
    st.rerun()
except DigitLabError as error:
    st.error(plain(str(error)))
SLOW_MOTION.keep()
share((*SETTINGS, RUN))
