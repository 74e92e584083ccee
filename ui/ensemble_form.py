"""Combining saved networks into an ensemble on the page: choices, progress, what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from core.assembling import verdict
from core.ensemble import MAX_MEMBERS, VOTES
from core.errors import DigitLabError
from core.jobs import Assembly
from core.metrics import Accuracy, percent
from core.store import SavedModel
from core.task import DataSource, Task, task
from core.training import TrainedModel
from ui import cache, own_work
from ui.following import follow_making
from ui.saving import offer_saving
from ui.settings import Setting
from ui.state import Key
from ui.training_figures import duration
from ui.visitor import visitor
from ui.words import accuracy_words

VOTE_WORDS = {
    "mean": "The average of their probabilities.",
    "majority": "One vote each; where votes are even, the average decides.",
    "weighted": "An average in which some count for more than others.",
}
WEIGHTS = {"fitted": "Found on the validation data", "own": "My own"}
MAX_WEIGHT = 1000.0
VOTE: Setting[str] = Setting("ensemble_vote", lambda: "mean")
WHOSE_WEIGHTS: Setting[str] = Setting("ensemble_whose_weights", lambda: "fitted")
SHIFTS: Setting[bool] = Setting("ensemble_shifts", lambda: False)
_PROBLEM: Key[str] = Key("ensemble_problem", str)  # why the last start came to nothing


def offer_ensemble(problem: Task, *, owner: str | None = None) -> None:
    """Offers to combine saved networks of a task, and shows how far that is or what came of it.

    Args:
        problem: the task.
        owner: the person. Defaults to the visitor; to be given on a page that has looked the
            visitor up already, for that can be done once only.
    """
    owner = owner or visitor()
    assembly = own_work.assemblies().get(owner)
    found = assembly is not None and assembly.task == problem.name
    with st.expander("Combine models into an ensemble", icon=":material/groups:", expanded=found):
        _show(problem, owner)


@st.fragment
def _show(problem: Task, owner: str) -> None:
    st.markdown(
        "Networks that were built differently make different mistakes. Let several of them read the"
        " same digit and **vote**, and together they often make fewer: that is an **ensemble**."
    )
    networks = {m.name: m for m in cache.models(problem.name) if not m.is_ensemble}
    assembly = own_work.assemblies().get(owner)
    under_way = assembly is not None and assembly.job.active
    if len(networks) < 2:
        st.info(
            f"That takes two networks for {problem.title.lower()} or more. Train another one on the"
            " Train page and save it.",
            icon=":material/build:",
        )
    else:
        _choose(problem, networks, owner, under_way=under_way)
    if _PROBLEM.get():
        st.error(_PROBLEM.get(), icon=":material/error:")
        _PROBLEM.set("")
    if assembly is None:
        return
    if assembly.task != problem.name:
        if under_way:
            st.caption(
                f"An ensemble of yours for {task(assembly.task).title.lower()} is being measured."
                " The next can begin when it is done."
            )
    elif under_way:
        st.caption(f"Under way: {', '.join(assembly.members)}")
        find = partial(own_work.assemblies().get, owner)
        follow_making(find, _progress_words, key="ensemble_stop")
    elif assembly.model is not None:
        _show_outcome(assembly, assembly.model)
    else:
        st.warning(assembly.job.error, icon=":material/info:")


def _choose(problem: Task, networks: dict[str, SavedModel], owner: str, *, under_way: bool) -> None:
    """Shows what can be chosen, and the button that begins the work."""
    members: Setting[list[str]] = Setting(f"ensemble_members_{problem.name}", list)
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
    weights = _choose_weights(problem, chosen) if vote == "weighted" and len(chosen) > 1 else ()
    shifts = len(problem.input_shape) == 3 and st.toggle(
        "Each looks five times",
        help="At the picture as it is, and moved by a pixel to each of the four sides. What a"
        " network reads should not hang on one pixel. Reading takes five times as long.",
        **SHIFTS.widget,
    )
    source = _source(problem, networks[chosen[0]]) if chosen else None
    st.button(
        "Combine",
        type="primary",
        icon=":material/groups:",
        disabled=under_way or len(chosen) < 2,
        on_click=_start,
        args=(owner, tuple(chosen), vote, weights, shifts, source.name if source else ""),
    )
    if source is None or len(chosen) < 2:
        st.caption("Choose two networks or more.")
    else:
        st.caption(_where_measured(networks[chosen[0]], source))


def _where_measured(first: SavedModel, source: DataSource) -> str:
    noise, level = first.noise
    spoilt = f" with {noise.title.lower()} at {level:g}" if noise and level else ""
    data = f"“{source.title}”{spoilt}"
    if source.name == first.card["source"]:
        return (
            "Together and alone, they are measured on test examples of what the first of them,"
            f" “{first.name}”, was trained on: {data}."
        )
    return (
        f"Together and alone, they are measured on test examples of {data}: what the first of them,"
        f" “{first.name}”, was trained on is not on this machine."
    )


def _choose_weights(problem: Task, chosen: Sequence[str]) -> tuple[float, ...]:
    whose = st.segmented_control(
        "Weights",
        list(WEIGHTS),
        format_func=WEIGHTS.__getitem__,
        required=True,
        help="Validation data is what no network has learned from. Those weights are taken under"
        " which the right answers to it are most probable (maximum likelihood).",
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
                    **Setting(f"ensemble_weight_{problem.name}_{name}", lambda: 1.0).widget,
                )
            )
            for name in chosen
        )


def _source(problem: Task, first: SavedModel) -> DataSource:
    """Returns what the first network was trained on, or the best there is if that is gone."""
    source = problem.source(first.card["source"])
    return source if source.missing() is None else problem.available_source()


def _start(
    owner: str,
    members: Sequence[str],
    vote: str,
    weights: Sequence[float],
    shifts: bool,
    source: str,
) -> None:
    try:
        own_work.assemblies().start(
            owner,
            lambda: Assembly.start(
                cache.workers(),
                cache.store(),
                members,
                vote=vote,
                weights=weights,
                shifts=shifts,
                source=source,
            ),
        )
    except DigitLabError as error:
        _PROBLEM.set(str(error))


def _progress_words(assembly: Assembly) -> str:
    if assembly.job.state == "waiting":
        return "Waiting for a worker process to be ready …"
    if not assembly.member:
        return "Opening the examples …"
    left = assembly.seconds_left
    return f"“{assembly.member}” answers" + (
        f", about {duration(left)} left" if left is not None else ""
    )


def _show_outcome(assembly: Assembly, model: TrainedModel) -> None:
    card = model.card
    together = [Accuracy.from_json(entry) for entry in card["figures"]]
    alone = {
        name: [Accuracy.from_json(entry) for entry in figures]
        for name, figures in card["alone"].items()
    }
    once = ", looking once" if card["shifts"] else ""
    st.subheader("What they can do together")
    table = {"": ["**together**", *(f"`{name}` alone{once}" for name in alone)]}
    if "weights" in card:
        table["weight"] = ["", *(percent(weight, 1) for weight in card["weights"])]
    for place, figure in enumerate(together):
        each = [figure, *(figures[place] for figures in alone.values())]
        table[figure.data] = [accuracy_words(accuracy) for accuracy in each]
    st.table(table, hide_index=True)
    st.markdown(verdict(together[0], {name: figures[0] for name, figures in alone.items()}))
    st.caption(
        "The range in brackets is the 95 % interval: on more and more such digits, the share of"
        " right answers would most likely settle in there."
    )
    offer_saving(
        model,
        assembly.job.id,
        label="Name of the ensemble",
        name="my-ensemble",
        words="Save it",
    )
    st.caption("The same from the command line:")
    st.code(card["command"], language="shell", wrap_lines=True)
