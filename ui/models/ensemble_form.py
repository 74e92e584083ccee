"""The form that combines saved networks into an ensemble: choices, progress, result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import streamlit as st

from core.errors import DigitLabError
from core.inference.ensemble import MAX_MEMBERS, VOTES
from core.jobs.ensemble import EnsembleJob
from core.metrics.accuracy import percent
from core.models.ensemble_builder import VotingGain
from core.models.saved_model import SavedModel
from core.tasks.base import DataSource, Task, get_task
from core.training.card import EnsembleCard, TrainedModel
from core.workers.job import Job
from ui.services import saved_models, server, user_jobs
from ui.session.settings import Setting
from ui.session.state import Key
from ui.session.visitor import visitor
from ui.widgets.job_progress import follow_job, progress_words
from ui.widgets.save_model import offer_saving
from ui.wording.ensemble import exact_verdict, verdict
from ui.wording.mcnemar import details
from ui.wording.measured import measured_on
from ui.wording.phrases import accuracy_words

VOTE_WORDS = {
    "mean": "The average of their probabilities.",
    "majority": "One vote each; in a tie, the average decides.",
    "weighted": "An average in which some networks count more than others.",
}
WEIGHTS = {"fitted": "Found on the validation data", "own": "My own"}
MAX_WEIGHT = 1000.0
VOTE: Setting[str] = Setting("ensemble_vote", lambda: "mean")
WHOSE_WEIGHTS: Setting[str] = Setting("ensemble_whose_weights", lambda: "fitted")
SHIFTS: Setting[bool] = Setting("ensemble_shifts", lambda: False)
_PROBLEM: Key[str] = Key("ensemble_problem", str)  # why the last start failed


def offer_ensemble(task: Task, *, owner: str | None = None) -> None:
    """Offers to combine saved networks of a task, and shows the progress or the result.

    Args:
        task: the task.
        owner: the person. Defaults to the visitor. A page that has already looked up the visitor
            passes it, because that works only once.
    """
    _show(task, owner or visitor())


@st.fragment
def _show(task: Task, owner: str) -> None:
    st.markdown(
        "Networks that are built differently make different mistakes. If several of them read the"
        " same example and **vote**, together they often make fewer: this is an **ensemble**."
    )
    networks = {m.name: m for m in saved_models.models(task.name) if not m.is_ensemble}
    ensemble = user_jobs.ensemble_jobs().get(owner)
    under_way = ensemble is not None and ensemble.active
    if len(networks) < 2:
        st.info(
            f"An ensemble needs at least two networks for {task.title.lower()}. Train another one"
            " on the Train page and save it.",
            icon=":material/build:",
        )
    else:
        _choose(task, networks, owner, under_way=under_way)
    if _PROBLEM.get():
        st.error(_PROBLEM.get(), icon=":material/error:")
        _PROBLEM.set("")
    if ensemble is None:
        return
    spec = _spec(ensemble)
    if spec.task != task.name:
        if under_way:
            st.caption(
                f"Your ensemble for {get_task(spec.task).title.lower()} is being measured. You can"
                " start the next one when it is done."
            )
        return
    if under_way:
        st.caption(f"Under way: {', '.join(spec.members)}")
    model = follow_job(ensemble, None, _progress_words, key="ensemble", stoppable=True)
    if model is not None:
        _show_outcome(ensemble, model)


def _spec(ensemble: Job[TrainedModel]) -> EnsembleJob:
    return cast(EnsembleJob, ensemble.spec)


def _choose(task: Task, networks: dict[str, SavedModel], owner: str, *, under_way: bool) -> None:
    """Shows the choices, and the button that starts the work."""
    members: Setting[list[str]] = Setting(f"ensemble_members_{task.name}", list)
    members.set([name for name in members.get() if name in networks])
    chosen = st.multiselect(
        "Networks that vote",
        list(networks),
        max_selections=MAX_MEMBERS,
        placeholder="Choose two or more",
        **members.widget,
    )
    vote = st.radio(
        "How they vote",
        list(VOTES),
        format_func=VOTES.__getitem__,
        captions=[VOTE_WORDS[name] for name in VOTES],
        **VOTE.widget,
    )
    weights = _choose_weights(task, chosen) if vote == "weighted" and len(chosen) > 1 else ()
    test_time_augmentation = len(task.input_shape) == 3 and st.toggle(
        "Test-time augmentation",
        help="Each network reads five copies of the picture: as it is, and shifted by one pixel in"
        " each of four directions. Their answers are averaged, for one pixel should not change an"
        " answer. Reading takes five times as long.",
        **SHIFTS.widget,
    )
    source = _source(task, networks[chosen[0]]) if chosen else None
    st.button(
        "Combine",
        type="primary",
        icon=":material/groups:",
        disabled=under_way or len(chosen) < 2,
        on_click=_start,
        args=(
            owner,
            tuple(chosen),
            vote,
            weights,
            test_time_augmentation,
            source.name if source else "",
        ),
    )
    if source is None or len(chosen) < 2:
        st.caption("Choose at least two networks.")
    else:
        st.caption(_where_measured(networks[chosen[0]], source))


def _where_measured(first: SavedModel, source: DataSource) -> str:
    noise, level = first.noise
    noisy = f" with {noise.title.lower()} at {level:g}" if noise and level else ""
    data = f"“{source.title}”{noisy}"
    if source.name == first.card.source:
        return (
            "The ensemble and each network alone are measured on the test examples of the first"
            f" network's data, “{first.name}”: {data}."
        )
    return (
        f"The ensemble and each network alone are measured on the test examples of {data}, because"
        f" the data of the first network, “{first.name}”, is not on this machine."
    )


def _choose_weights(task: Task, chosen: Sequence[str]) -> tuple[float, ...]:
    whose = st.segmented_control(
        "Weights",
        list(WEIGHTS),
        format_func=WEIGHTS.__getitem__,
        required=True,
        help="No network has learned from the validation data. Digit Lab takes the weights that"
        " make its correct answers most probable (maximum likelihood).",
        **WHOSE_WEIGHTS.widget,
    )
    if whose != "own":
        return ()
    with st.container(horizontal=True):
        return tuple(
            float(
                st.number_input(
                    name,
                    0.0,
                    MAX_WEIGHT,
                    step=1.0,
                    format="%g",
                    width=180,
                    **Setting(f"ensemble_weight_{task.name}_{name}", lambda: 1.0).widget,
                )
            )
            for name in chosen
        )


def _source(task: Task, first: SavedModel) -> DataSource:
    """Returns the first network's data set, or the best available one if that is gone."""
    source = task.source(first.card.source)
    return source if source.missing() is None else task.available_source()


def _start(
    owner: str,
    members: Sequence[str],
    vote: str,
    weights: Sequence[float],
    test_time_augmentation: bool,
    source: str,
) -> None:
    try:
        spec = EnsembleJob.of(
            saved_models.store(),
            members,
            vote=vote,
            weights=weights,
            test_time_augmentation=test_time_augmentation,
            source=source,
        )
        user_jobs.ensemble_jobs().start(owner, lambda: server.workers().submit(spec))
    except DigitLabError as error:
        _PROBLEM.set(str(error))


def _progress_words(ensemble: Job[TrainedModel]) -> str:
    member = ensemble.progress.note
    return progress_words(
        ensemble, f"“{member}” is answering" if member else "Opening the examples"
    )


def _show_outcome(ensemble: Job[TrainedModel], model: TrainedModel) -> None:
    card = model.card
    assert isinstance(card, EnsembleCard)
    together, alone = card.figures, card.alone
    once = ", without test-time augmentation" if card.shifts else ""
    st.subheader("What they can do together")
    table = {"": ["**together**", *(f"`{name}` alone{once}" for name in alone)]}
    if card.weights:
        table["weight"] = ["", *(percent(weight, 1) for weight in card.weights)]
    exact = saved_models.exact_vote(card)
    members = {
        model.name: accuracy
        for model in saved_models.models(card.task)
        if model.name in alone and (accuracy := saved_models.exact_accuracy(model))
    }
    if exact is not None:
        shares = [exact, *(members.get(name) for name in alone)]
        table[measured_on(exact)] = [percent(each.value) if each else "–" for each in shares]
    for place, figure in enumerate(together):
        each = [figure, *(figures[place] for figures in alone.values())]
        table[measured_on(figure)] = [accuracy_words(accuracy) for accuracy in each]
    st.table(table, hide_index=True)
    if exact is not None and members:
        best = max(members, key=lambda name: members[name].value)
        st.markdown(exact_verdict(exact, best, members[best]))
        _offer(ensemble, model)
        return
    gain = VotingGain.of(
        together[0],
        {name: figures[0] for name, figures in alone.items()},
        {name: pairs[0] for name, pairs in card.pairs.items()},
    )
    st.markdown(verdict(gain))
    if gain.pair is not None:
        with st.popover("How do we know?", icon=":material/help:"):
            st.markdown(details(gain.pair))
            st.caption(
                "Only the best member is tested. It was found to be the best on these same"
                " examples, which flatters it a little."
            )
    st.caption(
        "The range in brackets is the 95 % interval: the true accuracy probably lies in this range."
    )
    _offer(ensemble, model)


def _offer(ensemble: Job[TrainedModel], model: TrainedModel) -> None:
    offer_saving(
        model,
        ensemble.id,
        label="Name of the ensemble",
        name="my-ensemble",
        words="Save it",
    )
    st.caption("The same from the command line:")
    st.code(cast(EnsembleCard, model.card).command, language="shell", wrap_lines=True)
