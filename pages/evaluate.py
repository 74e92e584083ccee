"""Lesson 5: a network is more than one number; see every mistake it makes."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from core.evaluation.evaluation import Scores
from core.jobs.evaluation import HeldOut, MeasuredPart, ShownPart, evaluation_of
from core.models.saved_model import SavedModel
from core.tasks.base import DataSource, Task, get_task
from core.workers.job import Job
from ui.evaluate.gallery import Album
from ui.evaluate.pair import GROUP, show_pair
from ui.evaluate.simple_methods import show_need
from ui.evaluate.view import (
    ANSWER,
    LABEL,
    SAMPLE,
    SHOWN,
    show_accuracy,
    show_cell,
    show_classes,
    show_confusion,
    show_galleries,
    show_mistakes,
    show_numbers,
    show_reliability,
)
from ui.services import evaluation, saved_models
from ui.session.settings import Setting, choose, note, restore, share, whole_number
from ui.widgets.job_progress import Retry, follow_jobs, offer_retry, progress_words
from ui.widgets.pickers import (
    choose_model,
    choose_task,
    data_titles,
    named_data,
    start_anew_if_gone,
)

MAX_PARTS = 10
# Wide enough for the models' names.
STYLE = """
<style>
.st-key-evaluate_models [data-testid=stColumn]:first-child { min-width: 14.5rem; }
</style>
"""

TASK = Setting("evaluate_task", lambda: "handwritten", "task", lambda text: get_task(text).name)
MODEL: Setting[str] = Setting("evaluate_model", str, "model", of=TASK)
SOURCE: Setting[str] = Setting("evaluate_source", str, "data", of=TASK)
PART = Setting("evaluate_part", lambda: 1, "part", whole_number(1, MAX_PARTS), of=TASK)
OTHER: Setting[str] = Setting("evaluate_other", str, "with", of=TASK)
SETTINGS = (TASK, MODEL, SOURCE, PART, SHOWN, LABEL, ANSWER, SAMPLE, OTHER, GROUP)


def choose_source(task: Task) -> DataSource:
    """Shows the task's available data sets, the best one first; returns the chosen one."""
    titles = data_titles(task, named_data(task, SOURCE))
    return task.source(choose(SOURCE, "Data", list(titles), format_func=titles.__getitem__))


def forget_cell() -> None:
    """Forgets the chosen cell of the confusion matrix: its classes belong to another task."""
    for setting in (LABEL, ANSWER):
        setting.set("")


def progress_of(job: Job[tuple[MeasuredPart, ...]], name: str) -> str:
    """Says how far the evaluation of a model has come."""
    if job.state == "finished":
        return f"“{name}” has read all examples."
    if job.state == "running" and not job.progress.done:
        return "Opening the test examples …"
    return progress_words(job, f"“{name}” is reading the test examples")


def answers_of(
    model: SavedModel, data: HeldOut
) -> tuple[tuple[ShownPart, ...], tuple[MeasuredPart, ...]] | None:
    """Returns the test parts and a model's answers to each, or None until both are ready.

    Until then it shows the progress, or what went wrong.
    """
    opened, answers = evaluation.test_data_job(data), evaluation.evaluation_job(model, data)
    retries = (
        Retry(opened, partial(evaluation.test_data_job.clear, data)),
        Retry(answers, partial(evaluation.evaluation_job.clear, model, data)),
    )
    if offer_retry(retries, key=f"evaluate_{model.name}"):
        return None
    if opened.result and answers.result:
        return opened.result, answers.result
    follow_jobs(
        (opened, answers),
        lambda: st.progress(answers.progress.share, progress_of(answers, model.name)),
        until_failure=True,
    )
    return None


def choose_part(parts: Sequence[ShownPart]) -> int:
    """Shows the parts of the test data if there are several; returns the chosen one's index."""
    if PART.get() > len(parts):
        PART.set(1)
        note("The part of the test data in the link does not exist, so the first is shown.")
    if len(parts) == 1:
        return 0
    chosen = st.selectbox(
        "Test examples",
        range(1, len(parts) + 1),
        format_func=lambda place: f"{parts[place - 1].data} ({len(parts[place - 1].y):,})",
        **PART.widget,
    )
    return int(chosen) - 1


def of_known_classes(scores: Scores, task: Task) -> tuple[Scores, Sequence[str]]:
    """Returns the scores and names of the classes that the task's data sets have examples of.

    A person's own signs are in none: one digit read as a sign would give that sign an F1 of 0.
    """
    if not task.needs_own_samples:
        return scores, task.classes
    known = [n for n, each in enumerate(scores.classes) if each.examples]
    classes = tuple(scores.classes[n] for n in known)
    return replace(scores, classes=classes), [task.classes[n] for n in known]


@st.fragment
def render(task: Task, model: SavedModel, data: HeldOut) -> None:
    """Shows all results, from the overall numbers to single examples."""
    start_anew_if_gone(model)
    # Looked up at every click: the cache may have dropped answers that were long unused.
    answers = answers_of(model, data)
    if answers is None:
        share(SETTINGS)
        return
    parts, measured_parts = answers
    place = choose_part(parts)
    shown, measured = parts[place], measured_parts[place]
    first = evaluation_of(shown, measured)
    inside = {"model": model.name, "data": data.source, "part": str(place + 1)}
    album = Album(task, shown.shown, {model.name: first}, inside)
    key = f"evaluate_{model.name}_{data.source}_{place}"
    show_accuracy(model, first, task.source(data.source))
    left, right = st.columns([5, 6], gap="medium")
    with left:
        show_mistakes(album, first, key=key)
    with right:
        show_confusion(album, first)
    show_cell(album, first, key=key)
    show_galleries(album, first, key=key)
    scores, names = of_known_classes(measured.scores, task)
    show_numbers(model, first, scores)
    show_classes(first, scores, names, task.label)
    show_reliability(first)
    if not task.needs_own_samples:
        show_need(model, data, first, place)
    other = choose_other(task, model)
    theirs = answers_of(other, data) if other else None
    if other and theirs:
        second = evaluation_of(shown, theirs[1][place])
        both = {model.name: first, other.name: second}
        pair = Album(task, shown.shown, both, inside)
        show_pair(pair, model, other, key=f"{key}_{other.name}")
    share(SETTINGS)


def choose_other(task: Task, model: SavedModel) -> SavedModel | None:
    """Shows the models to compare with the first; returns the chosen one, if any."""
    st.subheader("Is another model better?")
    others = {m.name: m for m in saved_models.models(task.name) if m.name != model.name}
    if OTHER.get() == model.name or not others:
        OTHER.set("")
    if not others:
        st.info("There is no other model for this task yet.", icon=":material/compare_arrows:")
        return None
    st.markdown(
        "Let a second network read the same examples, and see which ones only one of the two gets"
        " right."
    )
    name = choose(
        OTHER,
        "Second model",
        ["", *others],
        format_func=lambda name: name or "none: choose one",
    )
    return others.get(name)


st.title("See every mistake")
st.markdown(
    "Behind one accuracy are many answers, and the wrong ones teach the most. Here a"
    " network reads **test examples**, and you see every one that it got wrong."
)
restore("evaluate", SETTINGS)
with st.container(key="side_by_side"):
    left, middle, right = st.columns([3, 3, 5])
with left:
    task = choose_task(TASK, SETTINGS, on_change=forget_cell)
with middle:
    source = choose_source(task)
with right, st.container(key="evaluate_models"):
    chosen = choose_model(MODEL, task)
if task.needs_own_samples:
    st.caption(
        "All these examples are digits: a digit read as a sign is a mistake, and how well a network"
        " reads its signs stands on its card, on the Models page."
    )
st.html(STYLE)
if chosen is None:
    share(SETTINGS)
else:
    render(task, chosen, HeldOut.of(chosen, source.name))
