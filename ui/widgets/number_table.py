"""A small table of whole numbers that a person can edit; the caller stores them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from ui.session.state import Key, component_state

Rows = tuple[tuple[int, ...], ...]


def number_table(
    name: str,
    values: Rows,
    *,
    rows: Sequence[str],
    columns: Sequence[str],
    heading: str,
    high: int,
    take: Callable[[Rows], None],
    number_format: str = "%d",
) -> None:
    """Shows numbers in a table and hands over every change.

    Args:
        name: unique in the app.
        values: what the table holds now. If they were changed elsewhere, perhaps by a link, a new
            table replaces the one shown.
        rows: the label of each row.
        columns: the label of each column.
        heading: of the column with the labels.
        high: the largest number; the smallest is 0.
        take: called with all values before the page runs again.
        number_format: as in C, how each number is written. Defaults to "%d".
    """
    # Streamlit's editor reports its changes to the table it was first given: that one must stay.
    given: Key[Rows] = Key(f"{name}_given", lambda: values)
    version: Key[int] = Key(f"{name}_version", int)
    key = f"{name}_editor_{version.get()}"
    if edited(given.get(), component_state(key), columns, high) != values:
        given.set(values)
        version.set(version.get() + 1)
        key = f"{name}_editor_{version.get()}"
    st.data_editor(
        {heading: list(rows)}
        | {column: [row[n] for row in given.get()] for n, column in enumerate(columns)},
        hide_index=True,
        disabled=[heading],
        num_rows="fixed",
        column_config={
            column: st.column_config.NumberColumn(
                column, min_value=0, max_value=high, step=1, required=True, format=number_format
            )
            for column in columns
        },
        key=key,
        on_change=lambda: take(edited(given.get(), component_state(key), columns, high)),
    )


def edited(values: Rows, state: Mapping[str, Any], columns: Sequence[str], high: int) -> Rows:
    """Returns a table with the changes that Streamlit's editor reports, by row and column.

    Nothing from a browser is trusted: numbers are clipped to 0..high, all else is ignored.
    """
    rows = [list(row) for row in values]
    changes = state.get("edited_rows")
    for row, cells in changes.items() if isinstance(changes, Mapping) else ():
        for column, value in cells.items():
            known = column in columns and str(row).isdecimal() and int(row) < len(rows)
            if known and isinstance(value, int | float) and value == value:
                rows[int(row)][columns.index(column)] = round(min(high, max(0, value)))
    return tuple(tuple(row) for row in rows)
