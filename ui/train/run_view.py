"""The view of a run: its progress, controls, curves, advice, samples and result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from core.baselines.learning import LearnedFrom
from core.errors import DigitLabError
from core.metrics.accuracy import percent
from core.runs.info import RunInfo
from core.tasks.base import Task
from core.training.card import Card, NetworkCard, TrainedModel
from core.training.config import TrainingConfig
from core.training.diagnosis import Attempt, Diagnosis, diagnose, standing
from core.training.history import History
from core.training.schedule import SCHEDULES
from core.workers.commands import Command, SetLearningRate, Signal, SignalKind
from ui.components.plot import plot
from ui.services import saved_models, server
from ui.services.baselines import learned_by
from ui.session.settings import write_number
from ui.session.state import PAGE_VISIT, Key
from ui.train.digits import show_digits
from ui.train.figures import learning_curve
from ui.train.form import show_layers
from ui.train.settings import STEPS
from ui.train.simple_methods import show_switch, validation_lines
from ui.widgets.job_progress import follow
from ui.wording.diagnosis import advice_on, standing_in_words
from ui.wording.duration import duration
from ui.wording.measured import measured_on
from ui.wording.nouns import plural
from ui.wording.phrases import plain
from ui.wording.runs import NO_WORKER, changes, figure_words, name_of, patterns_shared

CURVE_HEIGHT = 290
UNSAVED_SECONDS = 2.0
_COACH_ICONS = {
    "diverged": ":material/error:",
    "unstable": ":material/waves:",
    "not-learning": ":material/trending_flat:",
    "overfitting": ":material/trending_up:",
    "underfitting": ":material/trending_down:",
    "plateau": ":material/horizontal_rule:",
    "done": ":material/check_circle:",
}
_ENDINGS = {
    "complete": "All epochs are done.",
    "stopped": "You stopped it.",
    "early": "Validation stopped getting better, so the run stopped early.",
    "diverged": "The loss became NaN (not a number), so the run stopped.",
}


def follow_run(run_id: str, owner: str) -> None:
    """Shows a run that is under way until it ends."""
    follow(lambda: _show_course(run_id, owner))


def _show_course(run_id: str, owner: str) -> bool:
    try:
        info = server.runs().get(run_id)
        history = server.runs().history(run_id)
    except DigitLabError as error:  # deleted meanwhile, perhaps in another tab
        st.error(plain(str(error)))
        return True
    if not info.under_way:
        return False
    config = info.config
    show_curves(history, run=info.id, task=config.get_task(), learned=learned_by(config))
    with st.container():
        show_progress(info, history)
        if info.owner == owner:
            show_controls(info, history)
    show_story(info, history)
    return True


def show_progress(info: RunInfo, history: History) -> None:
    """Shows how far a run is, in a bar and in words."""
    st.progress(history.share, progress_words(info, history))
    speed, rate = history.examples_per_second, history.learning_rate
    facts = [
        f"{speed:,.0f} examples a second" if speed else "",
        f"learning rate {rate:.3g}" if rate else "",
        f"best epoch so far: {history.best_epoch}" if history.best_epoch else "",
        "slow motion" if history.slow else "",
    ]
    with st.container(key="facts"):
        st.caption(", ".join(fact for fact in facts if fact) or "…")


def progress_words(info: RunInfo, history: History) -> str:
    """Says in a few words where a run is."""
    if info.without_workers:
        return NO_WORKER
    if info.state == "queued":
        if info.queue_position:
            return f"Waiting for a free worker: place {info.queue_position} in the queue"
        return "Waiting for a worker process to be ready …"
    if history.started is None:
        return "Preparing the data and the network …"
    if history.share >= 1:
        return "Measuring on the test data …"
    place = f"Epoch {history.epoch} of {history.epochs_wanted}"
    if info.state == "paused" and history.paused:
        preempted = "; other runs are using its worker" if history.paused.preempted else ""
        batch, batches = history.paused.batch, history.started.batches
        return f"Paused: {place[0].lower()}{place[1:]}, batch {batch} of {batches}{preempted}"
    left = history.seconds_left
    return place + (f", about {duration(left)} left" if left is not None else "")


def show_controls(info: RunInfo, history: History) -> None:
    """Shows the owner's controls of a run that is under way."""
    paused, queued = info.state == "paused", info.state == "queued"
    with st.container(horizontal=True, key="run_controls"):
        if paused:
            _button(info, "Resume", "resume", ":material/play_arrow:")
        else:
            _button(info, "Pause", "pause", ":material/pause:", disabled=queued)
        _button(info, "Step a batch", "step_batch", ":material/skip_next:", disabled=queued)
        _button(info, "Step an epoch", "step_epoch", ":material/fast_forward:", disabled=queued)
        _button(info, "Stop", "stop", ":material/stop:")
    _show_rate_slider(info, history, disabled=queued)


def _button(
    info: RunInfo, label: str, kind: SignalKind, icon: str, *, disabled: bool = False
) -> None:
    st.button(
        label,
        icon=icon,
        key=f"run_{kind}",
        disabled=disabled,
        on_click=_command(info, Signal(kind)),
    )


def _command(info: RunInfo, command: Command) -> Callable[[], None]:
    def send() -> None:
        _try(lambda: server.runs().command(info.id, command, owner=info.owner))

    return send


def _show_rate_slider(info: RunInfo, history: History, *, disabled: bool) -> None:
    chosen = history.changes[-1].learning_rate if history.changes else info.config.learning_rate
    # What a visit begins with stays the slider's default: a browser whose code for sliders loads
    # late shows the default, and would report any other as a choice.
    begun: Key[float] = Key(f"rate_begun_{info.id}_{PAGE_VISIT.get()}", lambda: chosen)
    begin = begun.get()
    setting: Key[float] = Key(f"rate_{info.id}_{PAGE_VISIT.get()}", lambda: begin)

    def change() -> None:
        command = SetLearningRate(float(setting.get()))
        _try(lambda: server.runs().command(info.id, command, owner=info.owner))

    st.select_slider(
        "Learning rate from now on",
        sorted({*STEPS["learning_rate"], begin}),
        value=begin,
        format_func=write_number,
        key=setting.name,
        on_change=change,
        disabled=disabled,
        help="Takes effect with the next batch; the schedule continues from there.",
    )
    if history.learning_rate is not None:
        words = f"In force now: {history.learning_rate:.3g}"
        if info.config.schedule != "constant":
            words += f", by the schedule “{SCHEDULES[info.config.schedule]}”"
        if history.changes:
            words += f". Chosen last: {write_number(chosen)}"
        st.caption(f"{words}.")


def show_curves(
    history: History, *, run: str, task: Task, learned: LearnedFrom | None = None
) -> None:
    """Shows both curves and the ten digits; before there are any, the place where they will be.

    Args:
        history: the run so far.
        run: its id.
        task: what it learns.
        learned: what it learns from, and simple methods if a person asks. Defaults to nothing.
    """
    lines = validation_lines(learned)
    for column, quantity in zip(st.columns(2), ("accuracy", "loss"), strict=True):
        with column:
            plot(
                learning_curve(history, quantity=quantity, run=run, simple=lines),
                key=f"curve_{quantity}",
                label=f"{quantity.capitalize()} by epoch",
                height=CURVE_HEIGHT,
                description=_in_words(history, quantity, lines),
            )
            if quantity == "accuracy":  # on a phone, what it changes must be next to it
                show_switch(learned)
    digits = task.label == "digit" and task.example != "sequence"
    show_digits(history, task.classes, "digits" if digits else plural(task.example))


def show_story(info: RunInfo, history: History, standing: str = "") -> None:
    """Shows what a run has reported: notes and advice.

    Args:
        info: the run.
        history: what it has told.
        standing: how it compares with other networks, as Markdown. Defaults to nothing.
    """
    for text in history.notes:
        st.info(text, icon=":material/info:")
    _show_advice(diagnosis_of(info, history), standing)
    if history.started:
        dropout = " and dropout silences some of its units" * bool(info.config.architecture.dropout)
        st.caption(
            f"{info.config.architecture.summary}: {history.started.parameters:,} parameters,"
            f" {history.started.examples:,} training examples, seed {info.config.seed}. Training"
            f" accuracy is the mean over the epoch, in which the network still improves{dropout},"
            " so it may be below validation accuracy. The thin line shows the newest batches."
        )


def diagnosis_of(info: RunInfo, history: History) -> Diagnosis:
    """Returns what is happening in a run."""
    return diagnose(
        history.epochs,
        num_classes=len(info.config.get_task().classes),
        epochs_wanted=info.config.epochs,
        ended=history.finished.ending if history.finished else None,
        best_accuracy=history.started.best_accuracy if history.started else None,
    )


def _show_advice(diagnosis: Diagnosis, standing: str) -> None:
    with st.container(key="coach"):
        if diagnosis.kind == "waiting":
            return
        advice = advice_on(diagnosis)
        icon = _COACH_ICONS.get(diagnosis.kind, ":material/school:")
        words = f"**Coach: {advice.title}.** {advice.evidence} {advice.suggestion}"
        if standing:
            words += f"\n\n{standing}"
        if diagnosis.kind in ("diverged", "unstable", "not-learning"):
            st.warning(words, icon=icon)
        else:
            st.info(words, icon=icon)


def standing_of(info: RunInfo, model: TrainedModel, mine: Sequence[RunInfo]) -> str:
    """Says how a run's network compares with the person's others and with the saved models.

    Args:
        info: the run.
        model: the network that it left.
        mine: the person's runs.
    """
    here = _attempt(info.name, model.card)
    if here is None:
        return ""
    others: dict[Attempt, TrainingConfig] = {}
    for run in mine:
        card = run.card
        if (
            run.id != info.id
            and isinstance(card, NetworkCard)
            and (attempt := _attempt(name_of(run), card)) is not None
        ):
            others.setdefault(attempt, card.config)
    for saved in saved_models.models(info.config.task):
        # A saved copy of this very run, or one taught a person's hand, is no other result.
        card = saved.card
        if (
            isinstance(card, NetworkCard)
            and card.fine_tuned is None
            and card.created != model.card.created
            and (attempt := _attempt(saved.name, card, saved=True)) is not None
        ):
            others.setdefault(attempt, card.config)
    found = standing(here, list(others))
    if found is None:
        return ""
    return standing_in_words(found, changes(others[found.best], info.config))


def _attempt(name: str, card: Card, *, saved: bool = False) -> Attempt | None:
    if not card.figures:
        return None
    noise, level, figure = card.noise, card.noise_level, card.figures[0]
    return Attempt(name, card.task, card.source, noise, level, figure, saved)


def _in_words(history: History, quantity: str, simple: Mapping[str, float]) -> str:
    if not history.epochs:
        return "No epoch has finished yet."
    last = history.epochs[-1]
    training, validation = getattr(last, quantity), getattr(last, f"val_{quantity}")
    if quantity == "accuracy":
        beside = "".join(f", {title.lower()} {percent(value)}" for title, value in simple.items())
        return (
            f"After epoch {last.epoch}: training {percent(training)},"
            f" validation {percent(validation)}{beside}."
        )
    return f"After epoch {last.epoch}: training {training:.4f}, validation {validation:.4f} nats."


def show_ended(info: RunInfo, history: History, model: TrainedModel | None) -> None:
    """Shows how a run ended, and its network's accuracy."""
    if info.state == "interrupted":
        st.warning(
            "This run was interrupted: the server stopped during training."
            + (
                " It can resume from its last checkpoint. It then repeats the unfinished epoch and"
                " a few seconds before that."
            )
            * info.has_checkpoint,
            icon=":material/power_off:",
        )
    elif history.error:
        st.error(history.error)
    elif history.finished:
        done = history.finished
        kept = f" The weights after epoch {done.kept_epoch} were kept." * bool(done.kept_epoch)
        st.info(
            f"{_ENDINGS[done.ending]} {done.epochs} of {info.config.epochs} epochs in"
            f" {duration(history.seconds)} of training.{kept}",
            icon=":material/flag:",
        )
    if info.unsaved:
        run_id = info.id
        follow(lambda: _show_unsaved(run_id), every=UNSAVED_SECONDS)
    if model is not None:
        show_figures(model)


def _show_unsaved(run_id: str) -> bool:
    """Says that a run's network is only in memory; returns whether it still is."""
    try:
        info = server.runs().get(run_id)
    except DigitLabError:  # deleted meanwhile, perhaps in another tab
        return False
    if not info.unsaved:
        return False
    st.warning(
        f"This network is not stored yet. {info.unsaved} The server keeps it in memory and stores"
        " it as soon as it can; if the server ends before that, it is lost. To be safe, download"
        " it below.",
        icon=":material/hourglass_top:",
    )
    return True


def show_figures(model: TrainedModel) -> None:
    """Shows the network's accuracies on test data."""
    figures = model.card.figures
    if not figures:
        st.caption(
            "Not measured on test data: this run belongs to a search, and only the winner of a"
            " search is measured there. Chosen by their test accuracy, many networks would seem"
            " better than they are."
        )
        return
    for column, figure in zip(st.columns(len(figures)), figures, strict=True):
        column.metric("Test accuracy", percent(figure.value), border=True)
        column.markdown(measured_on(figure))
        task = model.card.get_task()
        drawn = patterns_shared(task, model.card.source, model.card.noise_level)
        noun = task.label if task.channel else task.example
        first, *more = figure_words(figure, drawn=drawn, noun=noun)
        column.caption(first)
        if more:
            with column.expander("Why not 100 %?"):
                for words in more:
                    st.caption(words)


def show_summary(info: RunInfo) -> None:
    """Shows the run's network layer by layer."""
    with st.expander(f"The run's network: {info.config.parameters:,} parameters"):
        show_layers(info.config)


def _try(action: Callable[[], None]) -> None:
    """Runs a callback's action; shows an error instead of raising it."""
    try:
        action()
    except DigitLabError as error:
        st.toast(str(error), icon=":material/error:")
