"""The table of the Compare models page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from core.evaluation.model_comparison import QUANTITIES, Compared
from core.metrics.accuracy import Accuracy, ExactAccuracy
from ui.wording.measured import measured_on

Cell = str | float | None


def compare_columns(models: Sequence[Compared]) -> Mapping[str, list[Cell]]:
    """Returns the columns by title; unknown numbers are None.

    Args:
        models: one row for each.
    """
    columns: dict[str, list[Cell]] = {
        "model": [model.name for model in models],
        "kind": [model.kind for model in models],
    }
    for name in ("accuracy", "parameters", "size", "training", "answer", "robustness"):
        quantity = QUANTITIES[name]
        columns[quantity.title] = [quantity.value(model) for model in models]
        if name == "accuracy":
            columns["95 % interval"] = [_interval(model.accuracy) for model in models]
            columns["known from"] = [_where(model) for model in models]
    # Last, because it is long.
    columns["accuracy measured"] = [
        measured_on(model.accuracy) if model.accuracy else None for model in models
    ]
    return columns


def _interval(accuracy: Accuracy | ExactAccuracy | None) -> str | None:
    if accuracy is None:
        return None
    low, high = accuracy.interval
    return "exact" if low == high else f"{100 * low:.2f} to {100 * high:.2f}"


def _where(model: Compared) -> str:
    if model.accuracy is None:
        return "–"
    if isinstance(model.accuracy, ExactAccuracy):
        return "theory"
    return "its card" if model.from_card else "measured here"


def show_compare_table(models: Sequence[Compared]) -> None:
    """Shows the table; a click on a column's title sorts it."""
    columns = compare_columns(models)
    config: dict[str, Any] = {
        quantity.title: st.column_config.NumberColumn(
            format="localized" if name == "parameters" else f"%.{quantity.decimals}f"
        )
        for name, quantity in QUANTITIES.items()
    }
    config["model"] = st.column_config.TextColumn(pinned=True)
    st.dataframe(
        dict(columns),
        hide_index=True,
        width="stretch",
        column_config=config,
        placeholder="–",
        key="compare_table",
    )
