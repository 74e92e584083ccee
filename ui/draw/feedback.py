"""Under a reading: was it right? The answer becomes a sample of the person's handwriting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.errors import DigitLabError
from core.handwriting.arrays import DIGITS, Picture, digest
from core.inference.number import CHARACTERS, Number
from core.inference.predictor import Prediction
from core.tasks.base import get_task
from ui.services import server
from ui.session.state import Key
from ui.session.visitor import visitor
from ui.wording.articles import article, class_name
from ui.wording.phrases import plain

TASK = get_task("handwritten")
MAX_REMEMBERED = 200  # drawings per session that are not asked about again


@dataclass(frozen=True)
class _Answer:
    """What the person said about a drawing.

    Args:
        digits: one of CHARACTERS for each, so a sign is "A" or "B".
        added: ids of the samples made of it.
    """

    digits: str
    added: tuple[int, ...]


_ANSWERED: Key[dict[str, _Answer]] = Key("taught_drawings", dict)  # by the drawing's digest
_PROBLEM: Key[dict[str, str]] = Key("teaching_problem", dict)  # a sentence, by the drawing's digest


def ask_if_right(
    network_input: NDArray[np.float32],
    prediction: Prediction | None,
    *,
    classes: Sequence[str] = TASK.classes,
    key: str,
    owner: str | None = None,
) -> None:
    """Asks whether a reading was right, and keeps the drawing with the person's answer.

    It asks only once about each drawing.

    Args:
        network_input: float32, shape (28, 28, 1), what the network read.
        prediction: the reading, or None if the network recognised no digit.
        classes: what the network can read. Defaults to the digits.
        key: unique on the page.
        owner: who gets the sample. Defaults to the visitor. A page that asks several times must
            give it, because it can look up the visitor only once.
    """
    owner = owner or visitor()
    picture = TASK.picture(network_input)
    if not picture.any():
        return
    mark = digest(picture)
    with st.container(border=True, key=f"{key}_teaching"):
        if mark in _ANSWERED.get():
            _thank(owner, mark, key)
        else:
            _ask(owner, picture, mark, prediction, classes, key)
        if mark in _PROBLEM.get():
            st.warning(_PROBLEM.get()[mark], icon=":material/info:")


def _ask(
    owner: str,
    picture: Picture,
    mark: str,
    prediction: Prediction | None,
    classes: Sequence[str],
    key: str,
) -> None:
    kinds = "a digit or a sign" if len(classes) > DIGITS else "a digit"
    question = "Was that right?" if prediction is not None else f"Is it {kinds} anyway?"
    st.markdown(f"**{question}** Your answers can teach a network your handwriting.")
    if prediction is not None:
        st.button(
            f"Right, it is {article(prediction.digit)}",
            icon=":material/check:",
            key=f"{key}_right",
            on_click=_keep,
            args=(owner, [picture], mark, CHARACTERS[prediction.digit]),
        )
    other: Key[int | None] = Key(f"{key}_other", lambda: None)
    other.get()

    def take_other() -> None:
        label = other.get()
        other.set(None)
        if label is not None:
            _keep(owner, [picture], mark, CHARACTERS[label])

    st.segmented_control(
        "It is …" if prediction is None else "No, it is …",
        range(len(classes)),
        format_func=class_name,
        wrap=True,
        key=other.name,
        on_change=take_other,
    )


def ask_if_number_right(number: Number, *, classes: Sequence[str] = TASK.classes, key: str) -> None:
    """Asks whether a number was read right, and keeps its digits as samples.

    Args:
        number: the reading.
        classes: what the network can read. Defaults to the digits.
        key: unique on the page.
    """
    owner = visitor()
    drawn = [TASK.picture(digit.network_input) for digit in number.digits]
    mark = digest(np.concatenate(drawn))
    with st.container(border=True, key=f"{key}_teaching"):
        if mark in _ANSWERED.get():
            _thank(owner, mark, key)
        else:
            _ask_number(owner, number, drawn, mark, CHARACTERS[: len(classes)], key)
        if mark in _PROBLEM.get():
            st.warning(_PROBLEM.get()[mark], icon=":material/info:")


def _ask_number(
    owner: str,
    number: Number,
    drawn: Sequence[Picture],
    mark: str,
    characters: str,
    key: str,
) -> None:
    st.markdown("**Was that right?** Your answers can teach a network your handwriting.")
    if all(digit.prediction.recognised for digit in number.digits):
        st.button(
            f"Right, it is {number.text}",
            icon=":material/check:",
            key=f"{key}_right",
            on_click=_keep,
            args=(owner, drawn, mark, number.text),
        )
    typed: Key[str] = Key(f"{key}_typed", str)
    signs = ", with A and B for your signs" * (len(characters) > DIGITS)

    def take_typed() -> None:
        text = "".join(typed.get().split()).upper()
        if len(text) == len(drawn) and set(text) <= set(characters):
            _keep(owner, drawn, mark, text)
        else:
            _PROBLEM.set(
                {
                    mark: f"Type {len(drawn)} digits{signs}, one for each that was found in your"
                    " drawing."
                }
            )

    with st.form(f"{key}_correction", border=False):
        typed.get()
        st.text_input(
            "No, it is …", max_chars=2 * len(drawn), key=typed.name, placeholder=number.text
        )
        st.form_submit_button("Keep these digits", on_click=take_typed)


def _thank(owner: str, mark: str, key: str) -> None:
    answered = _ANSWERED.get()[mark]
    try:
        counts = server.samples().counts(owner)
    except DigitLabError as error:
        st.warning(plain(str(error)), icon=":material/info:")
        return
    total = sum(counts)
    samples = "1 sample" if total == 1 else f"{total:,} samples"
    if len(answered.digits) == 1:
        label = CHARACTERS.index(answered.digits)
        kind = class_name(label) if label >= DIGITS else f"the digit {label}"
        words = (
            f"Saved as {article(label)}. You now have {samples} of your handwriting,"
            f" {counts[label]:,} for {kind}."
        )
    else:
        words = (
            f"Saved as the digits of {answered.digits}. You now have {samples} of your handwriting."
        )
    st.success(f"Thank you! {words}", icon=":material/favorite:")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Take it back",
            icon=":material/undo:",
            key=f"{key}_take_back",
            on_click=_take_back,
            args=(owner, mark, answered.added),
        )
        st.page_link(
            "pages/handwriting.py", label="To your handwriting", icon=":material/edit_note:"
        )


def _keep(owner: str, drawn: Sequence[Picture], mark: str, digits: str) -> None:
    _PROBLEM.set({})
    try:
        added = server.samples().add_each(
            owner, np.stack(drawn), [CHARACTERS.index(d) for d in digits]
        )
    except DigitLabError as error:
        _PROBLEM.set({mark: str(error)})
        return
    answered = _ANSWERED.get() | {mark: _Answer(digits, tuple(added))}
    _ANSWERED.set(dict(list(answered.items())[-MAX_REMEMBERED:]))


def _take_back(owner: str, mark: str, added: Sequence[int]) -> None:
    _PROBLEM.set({})
    try:
        for sample_id in added:
            server.samples().delete(owner, sample_id)
    except DigitLabError as error:
        _PROBLEM.set({mark: str(error)})
        return
    _ANSWERED.set({key: value for key, value in _ANSWERED.get().items() if key != mark})
