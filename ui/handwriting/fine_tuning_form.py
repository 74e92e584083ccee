"""The form for fine-tuning, its progress and its result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import streamlit as st

from core.errors import DigitLabError
from core.handwriting.arrays import DIGITS
from core.handwriting.config import (
    BOUNDS,
    MIN_SAMPLES,
    MIN_TO_HOLD_BACK,
    OWN_DIGITS,
    OWN_SIGNS,
    SIGNS_TASK,
    Outcome,
    TransferConfig,
    are_enough,
    learning_layers,
    usual_rate,
)
from core.jobs.fine_tuning import FineTuningJob, history_of
from core.models.saved_model import SavedModel
from core.networks.architecture import Layer
from core.tasks.base import get_task
from core.training.card import Samples, TrainedModel
from core.workers.job import Job
from ui.services import saved_models, server, user_jobs
from ui.session.settings import Setting, number, one_of, whole_number, write_number
from ui.session.state import Key
from ui.widgets.job_progress import WAITING, follow_job
from ui.widgets.pickers import choose_model
from ui.widgets.save_model import offer_saving
from ui.wording.duration import duration
from ui.wording.fine_tuning import sign_verdicts, verdicts
from ui.wording.mcnemar import details
from ui.wording.measured import measured_on
from ui.wording.phrases import accuracy_words

TASK = get_task("handwritten")
WITH_SIGNS = get_task(SIGNS_TASK)
NO_CLASS = "0 right: it had no output for signs"
_OWN = {OWN_SIGNS: "Your signs", OWN_DIGITS: "Your digits"}
RATES = (0.00003, 0.0001, 0.0003, 0.001, 0.003, 0.01)
UNSET = -1


def _bounded(name: str) -> tuple[float, float]:
    return BOUNDS[name].low, BOUNDS[name].high


BASE: Setting[str] = Setting("teach_base", lambda: TASK.default_model, "model")
FROZEN: Setting[int] = Setting(
    "teach_frozen", lambda: UNSET, "frozen", whole_number(UNSET, BOUNDS["frozen"].high)
)
SHARE: Setting[float] = Setting(
    "teach_share",
    lambda: BOUNDS["share"].default,
    "share",
    number(*_bounded("share")),
    write_number,
)
EPOCHS: Setting[int] = Setting(
    "teach_epochs",
    lambda: int(BOUNDS["epochs"].default),
    "epochs",
    whole_number(*_bounded("epochs")),
)
RATE: Setting[float] = Setting(
    "teach_rate", lambda: BOUNDS["learning_rate"].default, "rate", one_of(RATES), write_number
)
SEED: Setting[int] = Setting("teach_seed", int, "seed", whole_number(*_bounded("seed")))
SETTINGS = (BASE, FROZEN, SHARE, EPOCHS, RATE, SEED)
_PROBLEM: Key[str] = Key("teach_problem", str)  # why the last start failed


def take_usual_rate(*, signs: bool) -> None:
    """Sets the learning rate that goes with signs, or without, unless the person chose another."""
    if RATE.get() == usual_rate(signs=not signs):
        RATE.set(usual_rate(signs=signs))


def show_fine_tuning(owner: str, counts: Sequence[int], *, signs: bool = False) -> None:
    """Shows the form, and below it the progress or the result of the person's fine-tuning.

    Args:
        owner: the person.
        counts: how many samples of each digit and of the signs A and B they have.
        signs: whether signs are taught. Defaults to False.
    """
    model = choose_model(BASE, TASK, also=(WITH_SIGNS,) if signs else (), trained_here=True)
    if model is None:
        return
    if any(each.is_imported for each in saved_models.models(TASK.name)):
        st.caption(
            "Networks from outside are not offered here: teaching one further needs to know how it"
            " was trained."
        )
    config = _choose(model, signs=signs)
    tuning = user_jobs.fine_tuning_jobs().get(owner)
    under_way = tuning is not None and tuning.active
    few = not are_enough(counts, signs=signs)
    st.button(
        "Teach it",
        type="primary",
        icon=":material/school:",
        disabled=under_way or few,
        on_click=_start,
        args=(owner, model, config),
    )
    if few and signs:
        of_signs = " and ".join(
            f"{count} of {name}"
            for count, name in zip(counts[DIGITS:], WITH_SIGNS.classes[DIGITS:], strict=True)
        )
        st.caption(
            f"You need at least {MIN_SAMPLES} samples. At least {MIN_TO_HOLD_BACK} must be of a"
            f" sign, and as many of the other one, or none: some are kept aside to test on."
            f" You have {sum(counts)} so far, {of_signs}."
        )
    elif few:
        counts = counts[:DIGITS]
        st.caption(
            f"You need at least {MIN_SAMPLES} samples, and at least {MIN_TO_HOLD_BACK} of one"
            f" digit: some of those are kept aside to test on. You have {sum(counts)} so far,"
            f" at most {max(counts)} of the same digit. Ten of each digit are a good start."
        )
    elif not signs and any(counts[DIGITS:]):
        st.caption(
            f"Your samples of signs ({sum(counts[DIGITS:]):,}) are left out: “Teach two signs of"
            " your own as well” is off."
        )
    if _PROBLEM.get():
        st.error(_PROBLEM.get(), icon=":material/error:")
        _PROBLEM.set("")
    if tuning is None:
        return
    taught = follow_job(tuning, None, _progress_words, key="teach", share=_share, stoppable=True)
    if taught is not None:
        _show_outcome(tuning, taught)


def _choose(model: SavedModel, *, signs: bool) -> TransferConfig:
    layers = learning_layers(model.architecture, WITH_SIGNS if signs else TASK)
    most = len(layers) - 1
    if not 0 <= FROZEN.get() <= most:
        FROZEN.set(max(0, most - 1))
    left, right = st.columns(2, gap="large")
    with left:
        frozen = st.slider(
            "Frozen layers",
            0,
            most,
            help="How many layers, counted from the input, do not learn. The first layers detect"
            " strokes and curves, which are the same in all handwriting; the last layers combine"
            " them.",
            **FROZEN.widget,
        )
        _show_layers(layers, frozen)
        if signs and model.task is not WITH_SIGNS:
            st.caption(
                "The last layer gets two more outputs, for sign A and sign B. The ten for the"
                " digits keep their weights; the new ones begin with small random weights."
            )
    source = TASK.available_source()
    with right:
        least, whole = _bounded("share")
        share = st.slider(
            "Share of your samples in each batch",
            float(least),
            float(whole),
            step=0.05,
            format="percent",
            help=f"The rest comes from “{source.title}” and keeps the network from forgetting how"
            " others write. Try 100 % to see it forget.",
            **SHARE.widget,
        )
        low, high = map(int, _bounded("epochs"))
        epochs = st.slider("Epochs", low, high, **EPOCHS.widget)
        rate = st.select_slider(
            "Learning rate",
            RATES,
            format_func=write_number,
            help=BOUNDS["learning_rate"].help,
            **RATE.widget,
        )
        seed = st.number_input(
            "Seed",
            *map(int, _bounded("seed")),
            help="The same seed, settings and samples give the same network.",
            **SEED.widget,
        )
    return TransferConfig(
        source=source.name,
        frozen=frozen,
        share=round(share, 2),
        epochs=epochs,
        learning_rate=rate,
        seed=int(seed),
        signs=signs,
    )


def _show_layers(layers: list[Layer], frozen: int) -> None:
    lines = [
        f"- :material/{'lock' if place < frozen else 'school'}: {layer.name},"
        f" {layer.parameters:,} weights: {'**frozen**' if place < frozen else 'learns'}"
        for place, layer in enumerate(layers)
    ]
    st.markdown("\n".join(lines))


def _start(owner: str, model: SavedModel, config: TransferConfig) -> None:
    try:
        spec = FineTuningJob.of(model, *server.samples().arrays(owner), config)
        user_jobs.fine_tuning_jobs().start(owner, lambda: server.workers().submit(spec))
    except DigitLabError as error:
        _PROBLEM.set(str(error))


def _spec(tuning: Job[TrainedModel]) -> FineTuningJob:
    return cast(FineTuningJob, tuning.spec)


def _share(tuning: Job[TrainedModel]) -> float:
    return history_of(tuning).share


def _progress_words(tuning: Job[TrainedModel]) -> str:
    if tuning.state == "waiting":
        return WAITING
    history = history_of(tuning)
    if history.started is None:
        return f"Measuring how well “{_spec(tuning).base.name}” already reads your samples …"
    if history.share >= 1:
        return "Measuring what it has learned …"
    left = history.seconds_left
    place = f"Epoch {history.epoch} of {history.epochs_wanted}"
    return place + (f", about {duration(left)} left" if left is not None else "")


def _show_outcome(tuning: Job[TrainedModel], model: TrainedModel) -> None:
    outcome = Outcome.of(model.card.fine_tuned)
    tuned = model.card.fine_tuned
    samples = (tuned and tuned.samples) or Samples()
    st.subheader(f"What “{_spec(tuning).base.name}” has learned")
    knew_signs = _spec(tuning).base.reads_signs
    parts = [f"{_OWN[one.data]}: {one.total:,} samples kept aside" for one, _ in outcome.own_parts]
    titles = (
        *(parts or [f"Your handwriting: {samples.kept_aside or 0:,} samples kept aside"]),
        f"Other people's: {measured_on(outcome.base_after)}",
    )
    st.table(
        {
            "Right on …": titles,
            "before": [
                NO_CLASS if before.data == OWN_SIGNS and not knew_signs else accuracy_words(before)
                for before, _ in outcome.rows
            ],
            "after": [accuracy_words(after) for _, after in outcome.rows],
        },
        hide_index=True,
    )
    said = sign_verdicts(outcome, knew_signs) if outcome.own_parts else verdicts(outcome)
    st.markdown("\n".join(f"- {verdict}" for verdict in said))
    tested = [
        (title, pair)
        for title, pair in (
            ("Your handwriting", outcome.own_pair),
            ("Other people's", outcome.base_pair),
        )
        if pair is not None
    ]
    if tested:
        with st.popover("How do we know?", icon=":material/help:"):
            for title, pair in tested:
                st.markdown(f"**{title}.** {details(pair)}")
    st.caption(
        f"It learned from {samples.learned or 0:,} of your samples and never saw those kept aside."
        " The range in brackets is the 95 % interval: the true accuracy probably lies in this"
        " range."
    )
    _show_saving(tuning, model)
    with st.expander("The same from the command line"):
        st.markdown("Download your samples as `handwriting.npz` into Digit Lab's folder, then run:")
        st.code(model.card.command, language="shell", wrap_lines=True)


def _show_saving(tuning: Job[TrainedModel], model: TrainedModel) -> None:
    saved_as = offer_saving(
        model,
        tuning.id,
        label="Name of the new network",
        name="my-handwriting",
        words="Save it",
    )
    if saved_as:
        st.page_link(
            "pages/draw.py",
            label=f"Draw, and have “{saved_as}” read it",
            icon=":material/draw:",
            query_params={"model": saved_as},
        )
