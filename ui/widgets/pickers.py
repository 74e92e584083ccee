"""The choices that several pages offer: a task, its data, a model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import streamlit as st

from core.datasets.uploads import is_upload
from core.models.saved_model import SavedModel
from core.tasks.base import Task, get_task, tasks
from core.text import listed
from ui.services import saved_models
from ui.session.settings import Setting, choose, note, start_over
from ui.session.state import Key


def choose_task(
    setting: Setting[str],
    settings: Sequence[Setting[Any]] = (),
    *,
    on_change: Callable[[], None] | None = None,
    width: int | None = None,
) -> Task:
    """Shows all tasks and returns the chosen one.

    Args:
        setting: its name.
        settings: those of the page; the ones that belong to the task start over when another
            task is chosen.
        on_change: called then, if given.
        width: of the box in pixels. Defaults to all the room there is.
    """

    def change() -> None:
        start_over(setting, settings)
        if on_change is not None:
            on_change()

    titles = {name: task.title for name, task in tasks().items()}
    chosen = choose(
        setting,
        "Task",
        list(titles),
        format_func=titles.__getitem__,
        on_change=change,
        width=width or "stretch",
    )
    return get_task(chosen)


def data_titles(task: Task, uploads: Iterable[str] = ()) -> dict[str, str]:
    """Returns the titles of a task's data sets that are there, by name: the best one first.

    Uploads all have the same title, so the end of its name tells each from the others.

    Args:
        task: the task.
        uploads: names that may be those of uploads, which come last; any other is left out.
    """
    best = task.available_source()
    found = [best, *(source for source in task.sources if source.missing() is None)]
    titles = {source.name: source.title for source in found}
    for name in uploads:
        if is_upload(name) and task.upload and task.source(name).missing() is None:
            titles[name] = f"{task.upload.title} ({name[-4:]})"
    return titles


def named_data(task: Task, setting: Setting[str]) -> list[str]:
    """Returns the data set that is chosen and those that saved models learned from, in order.

    Nobody but who knows its name finds an upload, unless a model that all can use learned from it.
    """
    learned = (str(model.card["source"]) for model in saved_models.models(task.name))
    return sorted({setting.get(), *learned})


def model_names(most: int) -> Callable[[str], list[str]]:
    """Returns a parser for the first `most` model names of a URL.

    Which of them exist is seen when they are shown.
    """
    return lambda text: list(dict.fromkeys(name for name in text.split(",") if name))[:most]


def choose_models(
    setting: Setting[list[str]],
    models: Mapping[str, SavedModel],
    *,
    label: str,
    first: Sequence[str],
    most: int,
) -> list[SavedModel]:
    """Shows saved models, of which several can be chosen, and returns the chosen ones.

    Args:
        setting: their names.
        models: those that can be chosen, by name.
        label: what the person reads.
        first: the names chosen where the person has chosen none that is there.
        most: how many can be chosen at once.
    """
    known = [name for name in setting.get() if name in models]
    if unknown := [name for name in setting.get() if name not in models]:
        names = listed([f"“{name[:60]}”" for name in unknown])
        left_out = "they are" if len(unknown) > 1 else "it is"
        note(f"There is no model {names} here, so {left_out} left out.")
    # None are chosen at first, and where somebody has cleared the box for just these models.
    cleared: Key[list[str]] = Key(f"{setting.name}_cleared", list)
    setting.set(known or ([] if cleared.get() == list(models) else list(first)))
    chosen = st.multiselect(
        label,
        list(models),
        max_selections=most,
        on_change=lambda: cleared.set([] if setting.get() else list(models)),
        **setting.widget,
    )
    return [models[name] for name in chosen]


def choose_model(setting: Setting[str], task: Task, *, ensembles: bool = True) -> SavedModel | None:
    """Shows the task's saved models and returns the chosen one, or None when there is none.

    Args:
        setting: its name.
        task: the task.
        ensembles: whether several networks that vote can be chosen as well. Defaults to True.
    """
    models = {
        model.name: model
        for model in saved_models.models(task.name)
        if ensembles or not model.is_ensemble
    }
    if not models:
        st.error(
            f"There is no usable model for {task.title.lower()}. Train one on the Train page "
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


def start_anew_if_gone(model: SavedModel) -> None:
    """Has the whole page run again if a model was deleted meanwhile, in another tab say.

    A fragment goes on with the model that it was given; the page then chooses another, and says so.
    """
    if model.name not in {each.name for each in saved_models.models(model.task.name)}:
        st.rerun()


def describe(model: SavedModel) -> str:
    """Returns one line: what is inside the network and how good it was measured to be."""
    measured = " ".join(f"Right on {figure}." for figure in model.figures)
    return f"{model.summary}. {measured}"


def show_unusable() -> None:
    """Lists folders among the models that cannot be used, if there are any."""
    broken = saved_models.unusable()
    if broken:
        with st.expander(f"{len(broken)} saved model(s) cannot be used"):
            for folder in broken:
                # Names and reasons come from outside: shown as plain text, never as Markdown.
                st.text(f"{folder.name}: {folder.reason}")
