"""The curves of the Noise page as a table, level by level, and as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import streamlit as st

from core.evaluation.robustness import NoisePoint
from core.noise.base import Noise
from ui.noise.figures import Line
from ui.widgets.download_button import offer_file

# The columns for each point; the names of counts end in "examples".
MEASURED: Mapping[str, Callable[[NoisePoint], float]] = {
    "measured": lambda point: point.accuracy.value,
    "95 % from": lambda point: point.accuracy.interval[0],
    "95 % to": lambda point: point.accuracy.interval[1],
    "examples": lambda point: point.accuracy.total,
    "mean confidence": lambda point: point.confidence,
    "refused": lambda point: point.refused_share,
}
Table = Mapping[str, Sequence[float | int | None]]


def noise_table(
    noise: Noise,
    curves: Mapping[str, Sequence[NoisePoint]],
    exact: Mapping[str, Sequence[float]],
    baselines: Sequence[Line],
) -> Table:
    """Returns the columns of the table: shares in 0..1, None where nothing is known yet.

    Args:
        noise: the kind of noise.
        curves: the points measured so far by model.
        exact: by model, the exact accuracy at each level, where it is known.
        baselines: exact curves of rules that are not networks.
    """
    columns: dict[str, Sequence[float | int | None]] = {"level": list(noise.levels)}
    columns |= {line.name: list(line.values) for line in baselines}
    for name, points in curves.items():
        if name in exact:
            columns[f"{name}, exact"] = list(exact[name])
        for words, value in MEASURED.items() if points else ():
            measured = {point.level: value(point) for point in points}
            columns[f"{name}, {words}"] = [measured.get(level) for level in noise.levels]
    return columns


def to_csv(table: Table) -> str:
    """Returns the table as CSV, with a header and a line for each level."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table)
    for row in zip(*table.values(), strict=True):
        writer.writerow("" if value is None else f"{value:.10g}" for value in row)
    return text.getvalue()


def show_table(table: Table, *, name: str, words: str) -> None:
    """Shows the table and offers it as a file.

    Args:
        table: its columns.
        name: of the file, without its suffix.
        words: the data that was measured on.
    """
    st.dataframe(
        dict(table),
        hide_index=True,
        width="stretch",
        column_config={
            column: st.column_config.NumberColumn(format="percent")
            for column in table
            if column != "level" and not column.endswith("examples")
        },
        placeholder="–",
        key="noise_table",
    )
    offer_file("Download as CSV", partial(to_csv, table), f"{name}.csv", "text/csv")
    st.caption(words)
