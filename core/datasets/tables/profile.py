"""What stands in a table: each column's kind, gaps and range, and what to think about."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from core.datasets.tables.reading import Column, Table, as_number, unique_names
from core.datasets.tables.text import SHOWN, shortened
from core.errors import InvalidInput

Kind = Literal["number", "category", "out"]
# What a person should know about a column; pages have the words.
Hint = Literal["", "gaps", "constant", "id", "date", "text", "several kinds"]

MAX_CATEGORIES = 50  # of one column
MAX_CLASSES = 50
MIN_EXAMPLES = 3  # of a class: to learn from, to validate, to test
MOST_VALUES_SHOWN = 5
_MOSTLY = 0.9  # of the cells with something in them
_ID_ROWS = 20  # with fewer, numbers that all differ mean nothing
_DATE = re.compile(
    r"(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4})(?:[T ]\d{1,2}:\d{2}.*)?"
)
_ID_NAME = re.compile(r"(?:.*[\W_])?(?:id|nr|no|index|key|uuid)(?:[\W_].*)?", re.IGNORECASE)


@dataclass(frozen=True)
class ColumnProfile:
    """What stands in a column.

    Args:
        name: of the column.
        kind: what to take it for, as far as its content says.
        hint: what to know about it.
        gaps: number of cells without a value.
        different: number of different values.
        values: the most frequent of them, shortened, with how often each occurs.
        low: the smallest number; None if it holds none.
        high: the largest one.
        problem: where something else than a number stands among its numbers, in a sentence.
        target: why it cannot be predicted, in a sentence; empty if it can.
    """

    name: str
    kind: Kind
    hint: Hint
    gaps: int
    different: int
    values: tuple[tuple[str, int], ...]
    low: float | None
    high: float | None
    problem: str
    target: str


@dataclass(frozen=True)
class TableProfile:
    """What stands in a table.

    Args:
        rows: number of them.
        header: whether the first record holds the names.
        delimiter: between the cells.
        comma: whether numbers have a comma before their decimals.
        columns: left to right.
    """

    rows: int
    header: bool
    delimiter: str
    comma: bool
    columns: tuple[ColumnProfile, ...]

    @property
    def targets(self) -> tuple[int, ...]:
        """The columns that can be predicted."""
        return tuple(n for n, column in enumerate(self.columns) if not column.target)

    @property
    def likely_target(self) -> int:
        """The column that is most likely meant to be predicted: the last that can be."""
        named = ("class", "label", "target", "species", "diagnosis")
        for place in self.targets:
            if self.columns[place].name.lower() in named:
                return place
        words = [n for n in self.targets if self.columns[n].kind == "category"]
        return (words or list(self.targets))[-1]


def profile(table: Table) -> TableProfile:
    """Looks through a table.

    Raises:
        InvalidInput: if it has no column that could be predicted, or too few rows.
    """
    columns = tuple(_column(table, each) for each in table.columns)
    found = TableProfile(len(table), table.header, table.delimiter, table.columns[0].comma, columns)
    if not found.targets:
        last = columns[-1]
        raise InvalidInput(
            f"No column can be predicted. The last one, “{last.name}”: {last.target}"
        )
    return found


def class_values(column: Column) -> tuple[str, ...]:
    """Returns the classes that a column holds, numbers by size, words by the alphabet.

    Raises:
        InvalidInput: if it cannot be predicted; says why.
    """
    counts = Counter(c for c, gap in zip(column.cells, column.gaps, strict=True) if not gap)
    if why := _no_target(column, counts):
        raise InvalidInput(f"Column “{column.name}” cannot be predicted: {why}")
    return tuple(sorted(counts, key=lambda value: _order(value, column)))


def _order(value: str, column: Column) -> tuple[bool, float, str]:
    number = as_number(value, comma=column.comma)
    return bool(np.isnan(number)), 0.0 if np.isnan(number) else number, value


def _column(table: Table, column: Column) -> ColumnProfile:
    counts = Counter(c for c, gap in zip(column.cells, column.gaps, strict=True) if not gap)
    filled = sum(counts.values())
    numbers = column.numbers[np.isfinite(column.numbers)]
    kind, hint = _kind(column, counts, numbers)
    wrong = column.not_numbers
    problem = ""
    if len(wrong) and kind == "number":
        problem = not_a_number(table, column, int(wrong[0]))
    return ColumnProfile(
        name=column.name,
        kind=kind,
        hint=hint,
        gaps=len(column.cells) - filled,
        different=len(counts),
        values=tuple((shortened(v, 30), n) for v, n in counts.most_common(MOST_VALUES_SHOWN)),
        low=float(numbers.min()) if len(numbers) else None,
        high=float(numbers.max()) if len(numbers) else None,
        problem=problem,
        target=_no_target(column, counts),
    )


def not_a_number(table: Table, column: Column, row: int) -> str:
    """Says where something else than a number stands."""
    return (
        f"{table.place(row)}, column “{column.name}”: “{shortened(column.cells[row], 30)}” is not a"
        " number that can be used here."
    )


def _kind(column: Column, counts: Counter[str], numbers: np.ndarray) -> tuple[Kind, Hint]:
    filled = sum(counts.values())
    if not filled:
        return "out", "gaps"
    if len(numbers) >= _MOSTLY * filled:
        if len(numbers) < filled:
            return "number", "several kinds"
        if len(counts) == 1:
            return "out", "constant"
        return ("out", "id") if _counts_rows(column, counts) else ("number", "")
    if len(counts) == 1:
        return "out", "constant"
    if sum(n for value, n in counts.items() if _DATE.fullmatch(value)) >= _MOSTLY * filled:
        return "out", "date"
    if len(counts) > MAX_CATEGORIES or any(len(value) > SHOWN for value in counts):
        return "out", "id" if len(counts) == filled and _ID_NAME.fullmatch(column.name) else "text"
    if len(counts) == filled and filled >= _ID_ROWS:
        return "out", "text"
    return "category", ""


def _counts_rows(column: Column, counts: Counter[str]) -> bool:
    """Returns whether whole numbers only number the rows."""
    numbers = column.numbers[np.isfinite(column.numbers)]
    if len(counts) < len(numbers) or len(numbers) < _ID_ROWS or (numbers % 1).any():
        return False
    return bool(_ID_NAME.fullmatch(column.name)) or bool((np.diff(numbers) == 1).all())


def _no_target(column: Column, counts: Counter[str]) -> str:
    """Says why a column cannot be predicted; empty if it can."""
    if not counts:
        return "it has no values at all."
    if len(counts) == 1:
        only = shortened(next(iter(counts)), 30)
        return f"every row says “{only}”, so there is nothing to tell apart."
    if len(counts) > MAX_CLASSES:
        words = "free text, or something that names each row"
        what = words if len(column.not_numbers) else "a number"
        return (
            f"it has {len(counts):,} different values. At most {MAX_CLASSES} classes can be told"
            f" apart here; this looks like {what}."
        )
    if long := [value for value in counts if len(value) > SHOWN]:
        return f"“{shortened(long[0], 30)}” is too long for the name of a class."
    rare = _rarest(counts)
    if counts[rare] < MIN_EXAMPLES:
        examples = "1 example" if counts[rare] == 1 else f"{counts[rare]} examples"
        return (
            f"class “{shortened(rare, 30)}” has only {examples}. Each needs at least"
            f" {MIN_EXAMPLES}: to learn from, to validate and to test."
        )
    return ""


def _rarest(counts: Counter[str]) -> str:
    return min(counts, key=lambda value: (counts[value], value))


def class_names(values: Sequence[str]) -> tuple[str, ...]:
    """Returns classes as pages may show them anywhere: no markup, no two alike."""
    return tuple(unique_names(values))
