"""Lesson 3: a network is trained before your eyes."""

import streamlit as st

from core.errors import DigitLabError
from core.jobs import Run
from core.metrics import Accuracy, percent
from core.store import KERAS_FILE, LITERT_FILE, NAME_RULE
from core.task import Task, task
from core.training import TrainedModel, TrainingConfig
from ui import cache
from ui.components.plot import plot
from ui.settings import restore, share
from ui.state import Key
from ui.training_figures import duration, learning_curve
from ui.training_form import SETTINGS, TASK, begin, training_form

POLL_SECONDS = 0.5
RUN: Key[Run | None] = Key("run", lambda: None)
SAVED_AS: Key[str] = Key("run_saved_as", str)
DOWNLOADING: Key[str] = Key("downloading", str)


@st.fragment(run_every=POLL_SECONDS)
def follow(run: Run) -> None:
    """Shows a run that is under way, again and again until it ends."""
    if not run.job.active:
        st.rerun()
    progress = run.progress
    if run.job.stopping:
        words = "Stopping; the network keeps what it has learned …"
    elif run.job.state == "waiting":
        words = "Waiting for a worker process to be ready …"
    elif progress.started is None:
        words = "Preparing the data and the network …"
    else:
        left = progress.seconds_left
        words = f"Epoch {progress.epoch} of {run.config.epochs}" + (
            f", about {duration(left)} left" if left is not None else ""
        )
        if progress.share >= 1:
            words = "Measuring on the test data …"
    bar, button = st.columns([5, 1], vertical_alignment="center")
    bar.progress(progress.share, words)
    button.button("Stop", on_click=run.job.stop, disabled=run.job.stopping, width="stretch")
    show_curves(run)


def show_curves(run: Run) -> None:
    progress = run.progress
    for quantity in ("accuracy", "loss"):
        plot(
            learning_curve(progress, quantity=quantity, run=run.job.id),
            key=f"curve_{quantity}",
            label=f"{quantity.capitalize()} by epoch",
            height=300,
        )
    if progress.started:
        st.caption(
            f"{run.config.architecture.summary}: {progress.started.parameters:,} parameters,"
            f" {progress.started.examples:,} training examples, seed {run.config.seed}. Training is"
            " measured on the way, with dropout at work, so that it may lie below validation."
        )


def show_result(run: Run, trained: TrainedModel) -> None:
    figures = [Accuracy.from_json(entry) for entry in trained.card["figures"]]
    for column, figure in zip(st.columns(len(figures)), figures, strict=True):
        column.metric("Test accuracy", percent(figure.value), border=True)
        column.markdown(f"on **{figure.data}**")
        low, high = figure.interval
        column.caption(
            f"exact: all {figure.total} there are"
            if figure.exhaustive
            else f"95 % interval {percent(low)} to {percent(high)},"
            f" {figure.total:,} examples that it never saw"
        )
        if figure.best is not None:
            column.caption(
                f"On average no classifier can be right on more than {percent(figure.best)} of such"
                " examples: noise makes some digits look like others (*Bayes-optimal accuracy*)."
            )
    show_saving(run, trained)


def show_saving(run: Run, trained: TrainedModel) -> None:
    name_box, save = st.columns([2, 1], vertical_alignment="bottom")
    keras, litert = st.columns(2)
    saved_as = SAVED_AS.get()
    name = name_box.text_input(
        "Name",
        value=f"my-{run.config.task}",
        max_chars=60,
        help=f"{NAME_RULE}.",
        key=f"model_name_{run.job.id}",
    )
    if save.button("Save model", type="primary", width="stretch", disabled=bool(saved_as)):
        try:
            SAVED_AS.set(cache.store().save(name.strip(), trained.files, trained.card).name)
        except DigitLabError as error:
            st.error(str(error))
        else:
            st.rerun()
    keras.download_button(
        "Download Keras file",
        trained.files[KERAS_FILE],
        KERAS_FILE,
        on_click="ignore",
        width="stretch",
    )
    litert.download_button(
        "Download LiteRT file",
        trained.files[LITERT_FILE],
        LITERT_FILE,
        on_click="ignore",
        width="stretch",
    )
    if saved_as:
        st.success(f"Saved as “{saved_as}”. Every page can use it now.", icon=":material/save:")
    with st.expander("Make this network again from the command line"):
        st.code(trained.card["command"], language="shell")


def offer_downloads(problem: Task) -> None:
    """Offers to fetch the task's data sets that are not there, and says how far that is."""
    for source in problem.sources:
        absent = source.missing()
        if absent is None or source.download is None:
            continue
        with st.container(border=True):
            st.markdown(f"{absent} {source.download_note}")
            if DOWNLOADING.get() == source.name:
                follow_download(problem.name, source.name)
            elif st.button(f"Download {source.title}"):
                DOWNLOADING.set(source.name)
                st.rerun()


@st.fragment(run_every=POLL_SECONDS)
def follow_download(task_name: str, source: str) -> None:
    """Shows how far a download is, again and again until it ends."""
    download = cache.download(task_name, source)
    if download.job.state == "finished":
        DOWNLOADING.set("")
        cache.forget_download(task_name, source)
        st.rerun()
    if download.job.state == "failed":
        st.error(download.job.error, icon=":material/wifi_off:")
        if st.button("Try again"):
            cache.forget_download(task_name, source)
            st.rerun(scope="fragment")
        return
    done, total = download.progress
    st.progress(done / total if total else 0.0, f"{done / 1e6:.1f} of {total / 1e6:.1f} MB")


def show_course(run: Run | None, config: TrainingConfig | None) -> None:
    """Shows the start button, and the newest run from its beginning to its end."""
    busy = run is not None and run.job.active
    if st.button("Start training", type="primary", disabled=busy or config is None) and config:
        RUN.set(Run.start(cache.workers(), config))
        SAVED_AS.set("")
        st.rerun()
    if run is None:
        st.info("Choose the settings and press “Start training”.", icon=":material/flag:")
    elif busy:
        follow(run)
    else:
        if run.job.error:
            st.error(run.job.error)
        if run.trained:
            if run.trained.card["stopped_early"]:
                epoch = run.trained.card["epochs_done"]
                st.info(f"Stopped in epoch {epoch}.", icon=":material/front_hand:")
            show_result(run, run.trained)
        show_curves(run)


st.title("Train a network and watch it learn")
st.markdown(
    "Training shows the network examples in small **batches** and nudges its weights after each."
    " One round through all examples is an **epoch**. The *validation* examples are only measured,"
    " never learned from: when training goes on getting better and validation does not, the"
    " network learns by heart (**overfitting**)."
)
begin(restore("train", SETTINGS))
run = RUN.get()
form, course = st.columns([4, 5], gap="large")
with form:
    config = training_form()
    offer_downloads(task(TASK.get()))
share(SETTINGS)
with course:
    show_course(run, config)
