"""The choices that several pages offer: a model, a task, a noise."""

from __future__ import annotations

import streamlit as st

from core.store import SavedModel
from core.task import Task
from ui import cache
from ui.settings import Setting, choose


def choose_model(
    setting: Setting[str], problem: Task, *, ensembles: bool = True
) -> SavedModel | None:
    """Shows the task's saved models and returns the chosen one, or None when there is none.

    Args:
        setting: its name.
        problem: the task.
        ensembles: whether several networks that vote can be chosen as well. Defaults to True.
    """
    models = {
        model.name: model
        for model in cache.models(problem.name)
        if ensembles or not model.is_ensemble
    }
    if not models:
        st.error(
            f"There is no usable model for {problem.title.lower()}. Train one on the Train page "
            "and save it; it appears here at once.",
            icon=":material/build:",
        )
        show_unusable()
        return None
    left, right = st.columns([2, 5], vertical_alignment="center")
    with left:
        name = choose(
            setting,
            "Model",
            list(models),
            help="Networks that come with Digit Lab, those you saved on the Train page"
            + (", and ensembles of them that you made on the Noise page." if ensembles else "."),
        )
    model = models[name]
    right.caption(describe(model))
    show_unusable()
    return model


def describe(model: SavedModel) -> str:
    """Returns one line: what is inside the network and how good it was measured to be."""
    measured = " ".join(f"Right on {figure}." for figure in model.figures)
    return f"{model.summary}. {measured}"


def show_unusable() -> None:
    """Lists folders among the models that cannot be used, if there are any."""
    broken = cache.unusable()
    if broken:
        with st.expander(f"{len(broken)} saved model(s) cannot be used"):
            for folder in broken:
                # Names and reasons come from outside: shown as plain text, never as Markdown.
                st.text(f"{folder.name}: {folder.reason}")
