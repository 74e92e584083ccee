"""A small table of whole numbers to type in; the caller stores them.

The browser owns what is typed, keystroke by keystroke, and sends the whole table until Python shows
that it has it. Python never writes over that; to show other numbers, it begins a new version.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import streamlit as st

from ui.components.source import source
from ui.session.state import Key, component_state

Rows = tuple[tuple[int, ...], ...]

_mount = st.components.v2.component(
    "digit_lab_number_table",
    js=source("delivery.js", "number_table.js"),
    css=source("number_table.css"),
)


@dataclass(frozen=True)
class NumberTable:
    """What Python knows of one table.

    `version` names the numbers that Python gave. What a browser sends for another version, perhaps
    one of before the server was restarted, is not taken.
    """

    rows: Rows
    version: str = field(default_factory=lambda: secrets.token_hex(8))

    def heard(self, state: Mapping[str, object], high: int) -> NumberTable:
        """Returns the table with the numbers that the browser sent.

        Nothing from a browser is trusted: numbers are clipped to 0..high, and anything that is not
        a table of this size changes nothing.
        """
        message = state.get("table")
        if not isinstance(message, Mapping) or message.get("version") != self.version:
            return self
        sent = message.get("rows")
        if not isinstance(sent, Sequence) or len(sent) != len(self.rows):
            return self
        rows = tuple(_row(new, old, high) for new, old in zip(sent, self.rows, strict=True))
        return replace(self, rows=rows)

    def showing(self, rows: Rows) -> NumberTable:
        """Returns the table with other numbers, unless it has these already."""
        return self if rows == self.rows else NumberTable(rows)


def _row(sent: object, known: tuple[int, ...], high: int) -> tuple[int, ...]:
    if not isinstance(sent, Sequence) or isinstance(sent, str) or len(sent) != len(known):
        return known
    return tuple(_number(new, old, high) for new, old in zip(sent, known, strict=True))


def _number(sent: object, known: int, high: int) -> int:
    if isinstance(sent, bool) or not isinstance(sent, int | float) or sent != sent:
        return known
    return round(min(high, max(0, sent)))


def number_table(
    name: str,
    values: Rows,
    *,
    rows: Sequence[str],
    columns: Sequence[str],
    heading: str,
    high: int,
    take: Callable[[Rows], None],
) -> None:
    """Shows numbers in a table and hands over every change.

    Args:
        name: unique in the app.
        values: what the table holds now. If they were changed elsewhere, perhaps by a link, the
            table shows the new ones.
        rows: the label of each row.
        columns: the label of each column.
        heading: of the column with the labels.
        high: the largest number; the smallest is 0.
        take: called with all values before the page runs again.
    """
    known: Key[NumberTable] = Key(f"{name}_table", lambda: NumberTable(values))
    key = f"{name}_editor"

    def current() -> NumberTable:
        return known.get().heard(component_state(key), high)

    def changed() -> None:
        known.set(current())
        take(known.get().rows)

    known.set(current().showing(values))
    table = known.get()
    _mount(
        key=key,
        data={
            "version": table.version,
            "values": table.rows,
            "rows": list(rows),
            "columns": list(columns),
            "heading": heading,
            "high": high,
        },
        on_table_change=changed,
    )
