"""The form of a search: a recipe to start from, what may vary, and how much may be tried."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.errors import DigitLabError
from core.search.config import OBJECTIVES, PRUNERS, SAMPLERS, SETTINGS, SearchConfig
from core.search.space import Space
from core.tasks.base import Task
from core.training.config import CHOICES, TrainingConfig
from ui.search.settings import (
    CHOSEN,
    ENDS,
    LOGARITHMIC,
    MINUTES,
    OBJECTIVE,
    OPTIONS,
    PARALLEL,
    PRUNER,
    RANGES,
    RECIPE,
    SAMPLER,
    SEED,
    TASK,
    TRIALS,
    VARY,
    offered,
    texts,
)
from ui.services import server
from ui.session.settings import Setting, choose, write_number
from ui.widgets.pickers import choose_task
from ui.wording.phrases import plain
from ui.wording.search import setting_help, setting_title

MOST_TRIALS = 200  # on the slider: more than this server keeps runs for one person make no sense
_SAMPLER_WORDS = {
    "tpe": "**TPE** learns on its way: it proposes what resembles the good runs so far.",
    "random": "**Random** tries anything within the ranges: simple, and hard to beat in few runs.",
    "grid": "**Grid** tries every combination of a few values of each: thorough, and it wastes"
    " most of its runs on settings that do not matter.",
}


def search_form() -> SearchConfig | None:
    """Shows the form; returns the search that it describes, or None if that is not possible."""
    task = choose_task(TASK, (RECIPE,), to_train=True)
    recipes = {recipe.name: recipe.title for recipe in task.recipes}
    name = choose(RECIPE, "Recipe", list(recipes), format_func=recipes.__getitem__)
    st.caption("Everything that does not vary is as in this recipe.")
    _choose_space(task)
    words = dict(SAMPLERS)
    sampler = choose(SAMPLER, "Proposals", list(words), format_func=words.__getitem__)
    st.caption(_SAMPLER_WORDS[sampler])
    most = min(MOST_TRIALS, server.configuration().max_kept_runs)
    if TRIALS.get() > most:
        TRIALS.set(most)
    st.slider("Runs at most", 1, max(2, most), help=SETTINGS["trials"].help, **TRIALS.widget)
    with st.expander("More settings", icon=":material/tune:"):
        _more_settings()
    try:
        return SearchConfig(
            base=TrainingConfig.from_recipe(task, task.recipe(name)),
            space=Space.parse(texts(task)),
            sampler=sampler,
            pruner=PRUNER.get(),
            objective=OBJECTIVE.get(),  # type: ignore[arg-type]  # one of OBJECTIVES
            trials=TRIALS.get(),
            seconds=60 * MINUTES.get(),
            parallel=PARALLEL.get(),
            seed=SEED.get(),
        )
    except DigitLabError as error:
        st.error(plain(str(error)))
        return None


def _choose_space(task: Task) -> None:
    names = offered(task)
    if any(name not in names for name in VARY.get()):
        VARY.set([name for name in VARY.get() if name in names])
    st.multiselect("What may vary", names, format_func=setting_title, **VARY.widget)
    for name in names:
        if name in VARY.get():
            _choose_range(name) if name in ENDS else _choose_options(name)


def _choose_range(name: str) -> None:
    title = setting_title(name)
    scale = ", by factors" if name in LOGARITHMIC else ""
    with st.container(key=f"side_by_side_{name}"):
        places = st.columns(2, vertical_alignment="bottom")
    labels = (f"{title}: from", f"to{scale}")
    for place, setting, label in zip(places, ENDS[name], labels, strict=True):
        options = sorted({*RANGES[name][2], setting.get()})
        place.selectbox(
            label,
            options,
            format_func=write_number,
            help=setting_help(name) if place is places[0] else None,
            **setting.widget,
        )


def _choose_options(name: str) -> None:
    known = CHOICES.get(name, {})
    st.multiselect(
        setting_title(name),
        [*OPTIONS[name][1]],
        format_func=lambda option: known.get(option, option.replace(",", "-")),
        help="Units of each layer, the first one first." if name == "hidden" else None,
        **CHOSEN[name].widget,
    )


def _more_settings() -> None:
    _choice(PRUNER, "Ending hopeless runs early", PRUNERS)
    st.caption(
        "**Median**: a run ends if, after as many epochs, it is worse than half of the complete"
        " ones. **Successive halving**: after a ninth and a third of its epochs, only the best"
        " third goes on."
    )
    _choice(OBJECTIVE, "Judged by", OBJECTIVES)
    left, right = st.columns(2)
    left.number_input(
        "Minutes at most",
        0,
        10_000,
        help="No further run begins then; 0 is no limit.",
        **MINUTES.widget,
    )
    right.number_input(
        "At a time",
        1,
        int(SETTINGS["parallel"].high),
        help=SETTINGS["parallel"].help,
        **PARALLEL.widget,
    )
    st.number_input(
        "Seed", 0, int(SETTINGS["seed"].high), help=SETTINGS["seed"].help, **SEED.widget
    )


def _choice(setting: Setting[str], label: str, words: Any) -> None:
    names: Sequence[str] = list(words)
    choose(setting, label, names, format_func=words.__getitem__)


def start(config: SearchConfig, owner: str) -> str | None:
    """Begins a search and returns its id, or says why it cannot begin."""
    task = config.base.get_task()
    recipe = task.recipe(RECIPE.get()).title
    names = ", ".join(setting_title(name).lower() for name in config.space.names)
    try:
        return server.searches().start(config, owner=owner, name=f"{recipe}: {names}")
    except DigitLabError as error:
        st.error(plain(str(error)))
        return None
