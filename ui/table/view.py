"""A table that is ready to be learned: what it is, where to go on, and how to be rid of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from core.datasets.tables.description import Record, is_table
from core.errors import DigitLabError
from core.tasks.base import Task
from ui.services import saved_models, tables
from ui.services.server import own_tables
from ui.session.settings import note
from ui.table.settings import MODEL, ROW, TABLE
from ui.widgets.job_progress import WAITING, follow_job
from ui.wording.phrases import plain
from ui.wording.table import (
    chosen_words,
    fitted_words,
    groups_words,
    hands_words,
    leaks_table,
    row_counts,
    split_words,
    steps_of,
)

_LINKS = (
    ("pages/dataset.py", "See its rows", ":material/dataset:"),
    ("pages/train.py", "Train a network on it", ":material/model_training:"),
    ("pages/search.py", "Search for settings", ":material/manage_search:"),
    ("pages/evaluate.py", "See every mistake", ":material/fact_check:"),
)


def show_table(task: Task, record: Record, *, mine: bool) -> None:
    """Shows what a table is and where to go on.

    Args:
        task: that networks learn from it.
        record: the table.
        mine: whether it is on the visitor's list.
    """
    st.markdown(
        f"**{plain(record.target)}** is to be predicted from {len(record.inputs)} columns:"
        f" {len(record.classes)} classes. {row_counts(record)}"
    )
    if missing := task.available_source().missing():
        st.warning(
            f"{missing} Networks that learned from it still answer; training needs the rows.",
            icon=":material/cloud_off:",
        )
    if is_table(task.name) and not mine:
        st.info(
            "This table is somebody else's. You can look at it and train on it.",
            icon=":material/visibility:",
        )
    with st.container(horizontal=True, key="table_links"):
        for page, words, icon in _LINKS:
            st.page_link(page, label=words, icon=icon, query_params={"task": task.name})


def show_steps(record: Record) -> None:
    """Shows what happens to a raw row before a network sees it."""
    with st.expander(
        "What happens to a row before a network sees it", icon=":material/conversion_path:"
    ):
        st.caption(
            f"{hands_words(record)}{split_words(record)} All numbers below come from the"
            f" {record.rows.train:,} training rows alone. They make {len(record.features)} inputs"
            " and stand on the card of every network that learns from this table."
        )
        st.dataframe(steps_of(record), hide_index=True, key="table_steps")


def show_leaks(task: Task, record: Record) -> None:
    """Shows what happens to a test that is not closed well, with this table's own numbers."""
    st.subheader("Why only the training part?")
    st.markdown(
        "Whatever is learned from the rows, be it a mean or the choice of columns, must come from"
        " the **training rows**. Otherwise the test has been seen before (*leakage*), and its"
        " accuracy promises too much."
    )
    if task.available_source().missing():
        return
    try:
        job = tables.leakage_job(task.name)
    except DigitLabError as error:
        st.info(plain(str(error)))
        return
    with st.container(key="table_leaks"):
        found = follow_job(
            job,
            partial(tables.leakage_job.clear, task.name),
            lambda job: WAITING if job.state == "waiting" else "Trying it out on your table …",
            key="table_leaks_job",
        )
        if found is None:
            return
        st.table(leaks_table(found))
        st.caption(
            "Test rows classified correctly, with the 95 % interval where the rows are independent."
        )
        st.markdown(chosen_words(found))
        if found.groups is not None and record.choices.group is not None:
            name = plain(record.columns[record.choices.group])
            st.markdown(groups_words(found.groups, name))
        st.markdown(fitted_words(found.fitted))


def offer_deleting(owner: str, record: Record, on_done: Callable[[], None]) -> None:
    """Shows the button that deletes a table, and another that is sure of it."""
    learned = len(saved_models.models(record.name))

    def delete() -> None:
        try:
            own_tables().delete(owner, record.name, learned=bool(learned))
        except DigitLabError as error:
            note(str(error))
        else:
            on_done()

    with st.popover("Delete this table", icon=":material/delete:"):
        st.text(f"Delete the rows of “{record.choices.title}” from this server?")
        st.caption(
            "Runs and saved networks stay and still answer: names, classes and the preparation"
            " stand on their cards. Without the rows they cannot be trained further or evaluated."
            " If somebody else keeps the same table, the rows stay for them."
        )
        st.button("Delete it", type="primary", on_click=delete, key="table_delete")


def forget() -> None:
    """Turns away from a table."""
    for setting in (TABLE, MODEL, ROW):
        setting.set("")
