"""The choices that several pages offer: a task, its data, a model."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import streamlit as st

from core.datasets.uploads import is_upload
from core.models.saved_model import SavedModel
from core.tasks.base import Task, get_task, tasks
from core.text import listed
from ui.services import saved_models, tables
from ui.session.settings import Setting, choose, note, start_over
from ui.session.state import Key
from ui.session.visitor import person
from ui.wording.models import model_details, model_in_short
from ui.wording.phrases import plain


def task_titles(*, to_train: bool = False, also: str = "") -> dict[str, str]:
    """Returns the titles of the tasks that a page offers, by name; a person's own tables come last.

    A task of which some classes are in no data set is offered where there is a network for it.

    Args:
        to_train: whether networks are to learn it from its data sets. Defaults to False.
        also: a table that a link gave, which may be somebody else's. Defaults to none.
    """
    built_in = {
        name: task.title
        for name, task in tasks().items()
        if not task.needs_own_samples or (not to_train and saved_models.models(name))
    }
    return built_in | tables.titles_of(person(), also)


def choose_task(
    setting: Setting[str],
    settings: Sequence[Setting[Any]] = (),
    *,
    on_change: Callable[[], None] | None = None,
    width: int | None = None,
    to_train: bool = False,
) -> Task:
    """Shows the tasks and returns the chosen one.

    Args:
        setting: its name.
        settings: the page's settings; those that belong to the task go back to their defaults
            when another task is chosen.
        on_change: called then, if given.
        width: of the box in pixels. Defaults to the full width.
        to_train: see `task_titles`. Defaults to False.
    """

    def change() -> None:
        start_over(setting, settings)
        if on_change is not None:
            on_change()

    titles = task_titles(to_train=to_train, also=setting.get())
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
    """Returns the titles of a task's available data sets by name, the best one first.

    Uploads all have the same title, so the end of the name tells them apart.

    Args:
        task: the task.
        uploads: names of uploads, which come last; any other names are ignored.
    """
    best = task.available_source()
    found = [best, *(source for source in task.sources if source.missing() is None)]
    titles = {source.name: source.title for source in found}
    for name in uploads:
        if is_upload(name) and task.upload and task.source(name).missing() is None:
            titles[name] = f"{task.upload.title} ({name[-4:]})"
    return titles


def named_data(task: Task, setting: Setting[str]) -> list[str]:
    """Returns the chosen data set and those that saved models were trained on, sorted.

    Only people who know its name find an upload, unless a shared model was trained on it.
    """
    learned = (model.card.source for model in saved_models.models(task.name))
    return sorted({setting.get(), *learned})


def model_names(most: int) -> Callable[[str], list[str]]:
    """Returns a parser for the first `most` model names of a URL.

    Whether they exist is checked when they are shown.
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
    """Shows saved models to choose several from, and returns the chosen ones.

    Args:
        setting: the chosen names.
        models: those to choose from, by name.
        label: of the box.
        first: the names chosen if the person has chosen none of these models.
        most: how many can be chosen at once.
    """
    known = [name for name in setting.get() if name in models]
    if unknown := [name for name in setting.get() if name not in models]:
        names = listed([f"“{name[:60]}”" for name in unknown])
        note(
            f"There are no models {names} here, so they are left out."
            if len(unknown) > 1
            else f"There is no model {names} here, so it is left out."
        )
    # An empty setting means that nothing was chosen yet, or that somebody cleared this very box.
    cleared: Key[list[str]] = Key(f"{setting.name}_cleared", list)
    setting.set(known or ([] if cleared.get() == list(models) else list(first)))
    chosen = st.multiselect(
        label,
        list(models),
        max_selections=most,
        on_change=lambda: cleared.set([] if setting.get() else list(models)),
        **setting.widget,
    )
    return [models[name] for name in chosen if _answers(models[name])]


def choose_model(
    setting: Setting[str], task: Task, *, also: Sequence[Task] = (), trained_here: bool = False
) -> SavedModel | None:
    """Shows the task's saved models and returns the chosen one, or None if there is none.

    Args:
        setting: its name.
        task: the task.
        also: tasks whose models are offered too, after its own. Defaults to none.
        trained_here: whether only networks are offered whose training is known: no ensembles, and
            none from outside. Defaults to False.
    """
    models = {
        model.name: model
        for each in (task, *also)
        for model in saved_models.models(each.name)
        if not (trained_here and (model.is_ensemble or model.is_imported))
    }
    if not models:
        st.error(
            f"There is no usable model for {task.title.lower()}. Train one on the Train page and"
            " save it. It will then appear here.",
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
            help="Networks that come with Digit Lab, and those that were saved on the Train page."
            if trained_here
            else "Networks that come with Digit Lab, networks that were saved or brought from"
            " outside, and ensembles of them.",
        )
    model = models[name]
    exact = saved_models.exact_accuracy(model)
    right.caption(plain(model_in_short(model, exact)), help=plain(model_details(model, exact)))
    show_unusable()
    return model if _answers(model) else None


def _answers(model: SavedModel) -> bool:
    """Returns whether a model can answer, and says why if it cannot."""
    problem = saved_models.problem(model)
    if problem:
        st.error(f"“{plain(model.name)}” cannot be used. {plain(problem)}")
    return not problem


def start_anew_if_gone(model: SavedModel) -> None:
    """Reruns the whole page if the model was deleted meanwhile, perhaps in another tab.

    A fragment keeps the model that it was given; only the page can choose another and say so.
    """
    if model.name not in {each.name for each in saved_models.models(model.task.name)}:
        st.rerun()


def show_unusable() -> None:
    """Lists the saved models that cannot be used, if there are any."""
    broken = saved_models.unusable()
    if broken:
        models = "1 saved model" if len(broken) == 1 else f"{len(broken)} saved models"
        with st.expander(f"{models} cannot be used"):
            for folder in broken:
                # Names and reasons come from outside: shown as plain text, never as Markdown.
                st.text(f"{folder.name}: {folder.reason}")
