"""One raw row, typed in, and what a network makes of it."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import streamlit as st

from core.datasets.tables.applying import Values, prepare_row, unseen, values_of
from core.datasets.tables.description import CategoryInput, Input, NumberInput, Record
from core.datasets.tables.reading import MAX_NUMBER, split_row
from core.datasets.tables.text import DELIMITERS, shown
from core.errors import DigitLabError, InvalidInput
from core.models.saved_model import SavedModel
from core.tasks.base import Task
from ui.services import saved_models
from ui.session.settings import Setting, share
from ui.session.state import Key
from ui.table.settings import MODEL, ROW, shared_settings
from ui.widgets.pickers import choose_model, start_anew_if_gone
from ui.widgets.prediction import show_prediction, show_probabilities
from ui.wording.phrases import plain
from ui.wording.table import unseen_words

MAX_FIELDS = 60  # more columns are pasted as a line
STEPS = 50  # of a number's buttons, from its lowest to its highest
_PASTED: Setting[str] = Setting("table_pasted", str)
# The row that the fields hold, as a link gives it: another one comes from a link.
_TAKEN: Key[str] = Key("table_row_taken", str)


def show_row(task: Task) -> bool:
    """Shows a field for every column of a raw row, and the answer of a saved network.

    Returns:
        Whether there is one; then what it was asked is shared as well.
    """
    st.subheader("Predict a row")
    if not saved_models.models(task.name):
        st.info(
            "No network has learned this table yet. Train one, save it, and type in a row here.",
            icon=":material/model_training:",
        )
        return False
    model = choose_model(MODEL, task)
    if model is not None:
        _render(task, model)
    return model is not None


@st.fragment
def _render(task: Task, model: SavedModel) -> None:
    start_anew_if_gone(model)
    record = model.card.table or task.table
    if record is not None:
        _ask(model, record)
    share(shared_settings())  # last: what was typed in is in it


def _ask(model: SavedModel, record: Record) -> None:
    with st.container(key="table_lab"):
        left, right = st.columns([6, 5], gap="large")
    with left:
        values = _fields(record) if len(record.inputs) <= MAX_FIELDS else _line(record)
    if values is None:
        return
    ROW.set(json.dumps(values, ensure_ascii=False, separators=(",", ":")))
    _TAKEN.set(f"{record.name} {ROW.get()}")
    with right, st.container(key="table_answer"):
        try:
            x = prepare_row(record, values)
            prediction = saved_models.predictor(model).predict_one(x[0])
        except DigitLabError as error:
            st.error(plain(str(error)))
            return
        if not np.isfinite(prediction.probabilities).all():
            st.error("With such numbers, the network has no answer: its outputs are infinite.")
            return
        show_prediction(prediction, record.classes)
        show_probabilities(prediction, record.classes, key="table_probabilities")
        names = unseen(record, values)
        if names:
            st.warning(plain(unseen_words(record, names, values)), icon=":material/travel_explore:")


def _fields(record: Record) -> Values:
    """Shows a field for every column; returns what is in them."""
    _take_link(record)
    st.caption("An empty field is a gap: the usual value stands for it.")
    values: list[float | str | None] = []
    for place, each in enumerate(record.inputs):
        if place % 2 == 0:  # a row of its own for each two: a phone shows them in this order
            columns = st.columns(2)
        with columns[place % 2]:
            values.append(_field(each, _setting(record, place)))
    return values


def _setting(record: Record, place: int) -> Setting[Any]:
    """Returns what a field holds: it starts with the usual value."""
    each = record.inputs[place]
    return Setting(f"table_field_{record.name}_{place}", lambda: each.fill)


def _field(each: Input, setting: Setting[Any]) -> float | str | None:
    if isinstance(each, NumberInput):
        number: float | None = st.number_input(
            plain(each.name),
            min_value=-MAX_NUMBER,
            max_value=MAX_NUMBER,
            value=None,
            step=step_of(each),
            format="%.6g",
            placeholder="gap",
            help=f"Training rows had {each.low:g} to {each.high:g}.",
            **setting.widget,
        )
        return number
    if setting.get() not in (None, *each.categories):
        setting.set(None)
    chosen: str | None = st.selectbox(
        plain(each.name),
        each.categories,
        index=None,
        format_func=shown,
        placeholder="gap",
        **setting.widget,
    )
    return chosen


def step_of(each: NumberInput) -> float:
    """Returns a round number, about a fiftieth of a column's range."""
    width = each.high - each.low
    if width <= 0 or not math.isfinite(width):
        return 1.0
    return float(f"{10 ** round(math.log10(width / STEPS)):.0e}")


def _take_link(record: Record) -> None:
    """Sets the fields to the row in the link, once."""
    if not ROW.get() or _TAKEN.get() == f"{record.name} {ROW.get()}":
        return
    for place, value in enumerate(parse_row(record, ROW.get()) or ()):
        _setting(record, place).set(value)


def parse_row(record: Record, text: str) -> Values | None:
    """Returns the values in a link; None if they are none of this table."""
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(values, list) or len(values) != len(record.inputs):
        return None
    found: list[float | str | None] = []
    for each, value in zip(record.inputs, values, strict=True):
        if isinstance(each, CategoryInput):
            found.append(value if value in each.categories else None)
            continue
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        found.append(float(value) if is_number and abs(value) <= MAX_NUMBER else None)
    return found


def _line(record: Record) -> Values | None:
    """Shows a box for a whole row of the table; returns its values."""
    delimiter = DELIMITERS[record.delimiter]
    text = st.text_area(
        f"A row of the table: {len(record.columns)} fields, a {delimiter} between them",
        help="As in the file, the column to predict included; it may be empty.",
        **_PASTED.widget,
    )
    if not text.strip():
        return None
    try:
        return values_of(record, split_row(text, len(record.columns), record.delimiter))
    except InvalidInput as error:
        st.error(plain(str(error)))
        return None
