"""A saved model's card in readable form: figures, contents, training and files."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from functools import partial

import streamlit as st

from core.export.model_files import CARD
from core.metrics.accuracy import ExactAccuracy, percent
from core.models.saved_model import SavedModel
from ui.widgets.download_button import offer_file
from ui.wording.cards import CardRow, alone_of, calibration_of, made_of, training_of
from ui.wording.int8 import SCHEME_WORDS, cost_table, exact_words
from ui.wording.measured import interval_words, measured_on, percent_on
from ui.wording.phrases import accuracy_words

_MARKS = re.compile(r"([\\`*_{}\[\]()#!|<>~$:])")


def plain(text: str) -> str:
    """Returns text that Markdown shows as it is, because a card may come from anywhere.

    It becomes one line: another may begin a heading or a list.
    """
    return _MARKS.sub(r"\\\1", " ".join(text.split()))


def show_card(model: SavedModel, exact: ExactAccuracy | None = None) -> None:
    """Shows everything on a model's card, in words.

    Args:
        model: the model.
        exact: its accuracy on its task's usual noise, where theory gives it. Defaults to unknown.
    """
    _show_figures(model, exact)
    if model.card.int8 is not None:
        st.markdown("**In whole numbers (int8)**")
        st.table(cost_table(model.card.int8), hide_index=True)
        words = (SCHEME_WORDS[model.card.int8.scheme], exact_words(model.card.int8))
        st.caption(" ".join(filter(None, words)))
    _show_rows("What is inside", made_of(model))
    if model.is_ensemble:
        _show_members(model)
    _show_rows("How it was made", training_of(model))
    if model.card.calibration:
        _show_rows(
            "How far its confidence can be trusted (calibration)", calibration_of(model.calibration)
        )
        st.caption(
            "The network's raw outputs (logits) are divided by the temperature before they become"
            " probabilities. A temperature above 1 makes the network less confident, one below 1"
            " more confident; no answer changes. The calibration error is how far confidence and"
            " accuracy differ on average."
        )
    what = "imports its file" if model.is_imported else "makes it"
    st.markdown(f"**The command that {what} again**; run it in Digit Lab's folder:")
    st.code(model.card.command, language="shell", wrap_lines=True)
    with st.expander("The card as it is in the file (JSON)"):
        st.code(card_text(model), language="json", height=400)
        offer_file(
            "Download card",
            partial(CARD.make, model),
            CARD.file_name(model),
            CARD.mime,
        )


def card_text(model: SavedModel) -> str:
    """Returns the card as in its file."""
    return json.dumps(dict(model.card.entries), indent=2) + "\n"


def _show_figures(model: SavedModel, exact: ExactAccuracy | None) -> None:
    first = exact or (model.figures[0] if model.figures else None)
    if first is None:
        st.info("Nothing was measured when it was made.")
        return
    st.metric(f"Accuracy, {plain(measured_on(first))}", percent(first.value))
    if isinstance(first, ExactAccuracy):
        st.caption(
            f"The best possible is {percent(first.best)}. Exact: computed from its answers to all"
            " 128 patterns, with all digits equally often."
        )
    else:
        st.caption(
            f"{first.correct:,} of {first.total:,} right. The 95 % interval, in which the true"
            f" accuracy probably lies: {interval_words(first)}."
        )
    if exact is None and len(model.figures) == 1:
        return
    if exact is not None and model.figures:
        st.markdown("**Measured when it was made**")
    st.table(
        {
            "Measured": [plain(measured_on(figure)) for figure in model.figures],
            "Correct (95 % interval)": [accuracy_words(figure) for figure in model.figures],
        },
        hide_index=True,
    )


def _show_members(model: SavedModel) -> None:
    table: dict[str, list[str]] = {"Member": [plain(name) for name in model.members]}
    if model.weights:
        table["Weight"] = [percent(weight, 1) for weight in model.weights]
    if alone := alone_of(model):
        table["Accuracy alone"] = [plain(percent_on(figure, 2)) for figure in alone]
    st.table(table, hide_index=True)


def _show_rows(title: str, rows: Sequence[CardRow]) -> None:
    st.markdown(f"**{title}**")
    st.table(
        {"": [row.title for row in rows], " ": [plain(row.words) for row in rows]},
        hide_index=True,
        hide_header=True,
    )
