"""A file made a table that networks can learn: its columns, the target, the preparation."""

from __future__ import annotations

import json
from functools import partial
from pathlib import PurePath
from typing import Any

import streamlit as st

from core.datasets.tables import builtin
from core.datasets.tables.description import MAX_TITLE, VALIDATION_SHARE, Record
from core.datasets.tables.profile import TableProfile
from core.datasets.tables.text import MAX_BYTES
from core.errors import DigitLabError, InvalidInput
from core.metrics.accuracy import percent
from ui.services import tables
from ui.session.settings import note
from ui.session.state import Key
from ui.session.visitor import person
from ui.table.settings import (
    CATEGORIES,
    FILE,
    FILLING,
    GROUP,
    HANDS,
    HEADER,
    LEFT_OUT,
    NO_GROUP,
    SCALING,
    SEED,
    STRATIFIED,
    TARGET,
    TEST,
    TITLE,
    are_hands,
    can_be_number,
    choices,
    header,
    kind_of,
    open_file,
    propose,
)
from ui.widgets.job_progress import WAITING, follow_job
from ui.wording.phrases import plain
from ui.wording.table import GAPS, KINDS, SCALINGS, contents, note_on, table_in_short

_UPLOADED: Key[Any] = Key("table_upload", lambda: None)  # the widget's own
_PROBLEM: Key[str] = Key("table_upload_problem", str)
_ASKED: Key[str] = Key("table_asked", str)  # the choices that are being prepared
ROW_PIXELS, ROWS_SHOWN = 35, 10


def show_start() -> None:
    """Shows where a table may come from."""
    left, right = st.columns(2, gap="large")
    with left:
        st.file_uploader(
            "Upload a table (CSV file, up to 20 MB)",
            key=_UPLOADED.name,
            on_change=_take_upload,
            help="Any spreadsheet program can save one: “CSV UTF-8”. Commas, semicolons or tabs"
            " between the cells, decimal point or comma, with or without names in the first row.",
        )
        if _PROBLEM.get() and _UPLOADED.get() is not None:
            st.error(plain(_PROBLEM.get()))
        st.caption(
            "Your file is stored on this server. Nobody else finds it, but whoever has its link can"
            " look at it and train on it. Leave out people's names."
        )
    with right:
        st.markdown("**Or prepare a built-in one your own way**")
        for table in builtin.BUILT_IN.values():
            st.button(
                table.title,
                icon=":material/table:",
                on_click=open_file,
                args=(table.name, table.title),
                key=f"table_built_in_{table.name}",
            )
            st.caption(table.note)


def _take_upload() -> None:
    """Keeps a file that has just arrived; what is in it, a worker finds out."""
    _PROBLEM.set("")
    taken = _UPLOADED.get()
    if taken is None:
        return
    if taken.size > MAX_BYTES:
        _PROBLEM.set(f"The file has {taken.size / 1e6:.1f} MB. A table may have 20 MB.")
        return
    try:
        name = tables.keep_draft(taken.getvalue(), owner=person())
    except DigitLabError as error:
        _PROBLEM.set(str(error))
        return
    open_file(name, PurePath(taken.name).stem)


def show_form(given: frozenset[str]) -> Record | None:
    """Shows everything that is to be chosen about a file.

    Args:
        given: names of the settings that the link gave.

    Returns:
        The table, once it is prepared as the person asked for.
    """
    try:
        job = tables.profile_job(FILE.get(), header())
    except DigitLabError as error:
        st.error(plain(str(error)))
        return None
    found = follow_job(
        job,
        partial(tables.profile_job.clear, FILE.get(), header()),
        lambda job: WAITING if job.state == "waiting" else "Reading the table …",
        key="table_profile",
    )
    if found is None:
        if job.state == "failed" and HEADER.get() != "auto":
            _show_header()
        return None
    propose(found, given)
    left, right = st.columns([5, 6], gap="large")
    with right:
        _show_columns(found)
    with left:
        _show_choices(found)
        return _show_preparing(found)


def _show_columns(found: TableProfile) -> None:
    st.markdown("**What stands in the file**")
    st.caption(table_in_short(found))
    kinds = [KINDS[kind_of(found, place)] for place in range(len(found.columns))]
    kinds[TARGET.get()] = "to predict"
    if GROUP.get() != NO_GROUP:
        kinds[GROUP.get()] = "group"
    height = ROW_PIXELS * (1 + min(len(kinds), ROWS_SHOWN)) + 3
    st.dataframe(
        {
            "Column": [column.name for column in found.columns],
            "Read as": kinds,
            "Values": [contents(column) for column in found.columns],
            "Gaps": [column.gaps for column in found.columns],
            "Different": [column.different for column in found.columns],
            "Note": [note_on(column) for column in found.columns],
        },
        hide_index=True,
        height=height,
        key="table_columns",
    )
    for column in found.columns[:3]:
        if column.problem:
            st.caption(plain(column.problem))
    _show_header()


def _show_header() -> None:
    words = {"auto": "as it looks", "yes": "names of the columns", "no": "a row like the others"}
    st.selectbox("The first row holds", list(words), format_func=words.__getitem__, **HEADER.widget)


def _show_choices(found: TableProfile) -> None:
    names = [column.name for column in found.columns]
    title, target = st.columns([2, 3])
    title.text_input("Title", max_chars=MAX_TITLE, **TITLE.widget)
    target.selectbox(
        "Column to predict",
        found.targets,
        format_func=lambda place: f"{names[place]} ({found.columns[place].different} classes)",
        help="Only columns with 2 to 50 different values, each of them in 3 rows at least, can be"
        " predicted.",
        **TARGET.widget,
    )
    others = [n for n in range(len(names)) if n not in (TARGET.get(), GROUP.get())]
    LEFT_OUT.set([n for n in LEFT_OUT.get() if n in others])
    st.multiselect(
        "Columns to leave out",
        others,
        format_func=names.__getitem__,
        help="Leave out what will not be known when it counts, and what names the rows (ids).",
        **LEFT_OUT.widget,
    )
    numbers = [n for n in others if n not in LEFT_OUT.get() and can_be_number(found.columns[n])]
    CATEGORIES.set([n for n in CATEGORIES.get() if n in numbers])
    if numbers:
        st.multiselect(
            "Numbers that are only codes (categories)",
            numbers,
            format_func=names.__getitem__,
            help="A postcode is a number, but 80 is not twice as much as 40 there.",
            **CATEGORIES.widget,
        )
    scaling, gaps = st.columns(2)
    scaling.selectbox(
        "Scaling of numbers",
        list(SCALINGS),
        format_func=SCALINGS.__getitem__,
        help="Columns in small and large units get a like range. Categories become inputs of 0 or"
        " 1, one for each (one-hot).",
        **SCALING.widget,
    )
    gaps.selectbox(
        "Gaps",
        list(GAPS),
        format_func=GAPS.__getitem__,
        help="The usual value is the median of a number, and the most frequent category.",
        **FILLING.widget,
    )
    if are_hands(found):
        st.checkbox(
            "The 63 numbers are 21 points of a hand",
            help="x, y and z of each point, the wrist first, in MediaPipe's order. The wrist is"
            " then moved to the middle and each hand scaled to one size, as for “Hand gestures”."
            " Rows with gaps are left out.",
            **HANDS.widget,
        )
    _show_split(names)


def _show_split(names: list[str]) -> None:
    with st.expander("How the rows are split", icon=":material/call_split:", key="table_split"):
        st.slider(
            "Share for testing",
            0.1,
            0.5,
            step=0.05,
            format="percent",
            help=f"Of the rest, {percent(VALIDATION_SHARE, 0)} are for validation.",
            **TEST.widget,
        )
        groups = [NO_GROUP, *(n for n in range(len(names)) if n != TARGET.get())]
        st.selectbox(
            "Rows that belong together have the same",
            groups,
            format_func=lambda place: (
                "nothing: each row for itself" if place == NO_GROUP else names[place]
            ),
            help="If several rows are about the same patient, tree or day, all of them must be in"
            " one part. Otherwise the network meets old acquaintances in the test.",
            **GROUP.widget,
        )
        st.checkbox(
            "Each class in its share (stratified)",
            disabled=GROUP.get() != NO_GROUP,
            **STRATIFIED.widget,
        )
        st.number_input("Seed of the split", 0, 2**31 - 1, step=1, **SEED.widget)


def _show_preparing(found: TableProfile) -> Record | None:
    try:
        wanted = json.dumps(choices(found).model_dump(mode="json"))
    except ValueError as error:
        raise InvalidInput("These choices fit no table.") from error
    st.button(
        "Prepare this table",
        type="primary",
        icon=":material/table_convert:",
        on_click=_ASKED.set,
        args=(wanted,),
        help="Gaps, scaling and categories are learned from the training rows alone.",
    )
    with st.container(key="table_preparing"):
        if _ASKED.get() != wanted:
            return None
        try:
            job = tables.prepare_job(FILE.get(), wanted)
        except DigitLabError as error:
            note(str(error))
            return None
        return follow_job(
            job,
            partial(tables.prepare_job.clear, FILE.get(), wanted),
            lambda job: WAITING if job.state == "waiting" else "Preparing the table …",
            key="table_prepare",
        )


def prepared() -> None:
    """Forgets what was asked for, as it is done."""
    _ASKED.set("")
