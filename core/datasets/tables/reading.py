"""A table from the bytes of a CSV file: which may be anything, and never more than fits."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.datasets.tables.text import (
    DELIMITERS,
    decode,
    find_delimiter,
    lines,
    one_line,
    shortened,
    shown,
)
from core.errors import InvalidInput

MAX_COLUMNS = 500
MAX_ROWS = 100_000
MAX_CELLS = 3_000_000
MAX_NUMBER = 1e15
GAPS = frozenset({"", "na", "n/a", "nan", "null", "none", "?", "-", "–", "#n/a", "<na>"})
_LONGEST_LINE = 200_000  # characters of one that is taken apart without another look
_LONGEST_NUMBER = 40  # characters
_POINT = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_COMMA = re.compile(r"[+-]?(?:\d+,?\d*|,\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_POINT_GROUPS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?", re.ASCII)
_COMMA_GROUPS = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+(?:,\d+)?", re.ASCII)


@dataclass(frozen=True)
class Column:
    """One column, as it stands in the file.

    Args:
        name: as pages show it, unique in the table.
        cells: its texts, one for each row, without spaces around them.
        comma: whether a comma stands before the decimals.
    """

    name: str
    cells: Sequence[str] = field(repr=False)
    comma: bool

    @cached_property
    def gaps(self) -> NDArray[np.bool_]:
        """Which cells are empty, or say that nothing is known: bool, shape (rows,)."""
        return np.array([is_gap(cell) for cell in self.cells], np.bool_)

    @cached_property
    def numbers(self) -> NDArray[np.float64]:
        """The cells as numbers, float64 of shape (rows,); NaN for gaps and for what is none."""
        return np.array([as_number(cell, comma=self.comma) for cell in self.cells], np.float64)

    @cached_property
    def not_numbers(self) -> NDArray[np.intp]:
        """Indices of the rows in which something else than a number or a gap stands."""
        return np.flatnonzero(np.isnan(self.numbers) & ~self.gaps)


@dataclass(frozen=True)
class Table:
    """A table.

    Args:
        columns: left to right.
        header: whether the file's first record holds their names.
        delimiter: between the cells.
        lines: the line of the file in which each row ends, counted from 1.
    """

    columns: tuple[Column, ...]
    header: bool
    delimiter: str
    lines: Sequence[int] = field(repr=False)

    def __len__(self) -> int:
        return len(self.lines)

    def place(self, row: int) -> str:
        """Says where a row is found in the file."""
        return f"Row {self.lines[row]:,}"


def is_gap(cell: str) -> bool:
    """Returns whether a cell says that its value is not known."""
    return len(cell) <= 4 and cell.lower() in GAPS


def as_number(cell: str, *, comma: bool) -> float:
    """Returns a cell as a number; NaN if it is none, or too large for anything to be done with."""
    groups, plain = (_COMMA_GROUPS, _COMMA) if comma else (_POINT_GROUPS, _POINT)
    if len(cell) > _LONGEST_NUMBER:
        return float("nan")
    cell = cell.replace("\u2212", "-")
    if groups.fullmatch(cell):
        cell = cell.replace("." if comma else ",", "")
    elif not plain.fullmatch(cell):
        return float("nan")
    number = float(cell.replace(",", "."))
    return number if abs(number) <= MAX_NUMBER else float("nan")


def read_table(data: bytes, *, header: bool | None = None) -> Table:
    """Reads a table; the same bytes give the same one.

    Args:
        data: a CSV file's.
        header: whether its first record holds the columns' names. Defaults to what it looks like.

    Raises:
        InvalidInput: with the row, if it is no table, or too large.
    """
    text = decode(data)
    delimiter = find_delimiter(text)
    records, ends = _records(text, delimiter)
    comma = _decimal_comma(records)
    if header is None:
        header = _has_header(records, comma=comma)
    names = records.pop(0) if header else [""] * len(records[0])
    ends = ends[1:] if header else ends
    if not records:
        raise InvalidInput("The table has a header, but no rows below it.")
    cells = list(zip(*records, strict=True))
    columns = [Column(name, c, comma) for name, c in zip(unique_names(names), cells, strict=True)]
    return Table(tuple(columns), header, delimiter, ends)


def split_row(text: str, table_columns: int, delimiter: str) -> list[str]:
    """Takes one row apart that a person has pasted.

    Raises:
        InvalidInput: if it has another number of fields.
    """
    try:
        record = next(csv.reader([text[:100_000].replace("\0", "")], delimiter=delimiter), [])
    except csv.Error as error:
        raise InvalidInput(f"This row cannot be read ({error}).") from error
    if len(record) != table_columns:
        raise InvalidInput(
            f"Expected {table_columns} fields, parted by a {DELIMITERS[delimiter]}."
            f" Found: {len(record)}."
        )
    return [one_line(cell) for cell in record]


def _records(text: str, delimiter: str) -> tuple[list[tuple[str, ...]], list[int]]:
    """Takes all records apart; raises InvalidInput at the first that does not fit."""
    reader = csv.reader(_lines(text, delimiter), delimiter=delimiter, strict=True)
    records: list[tuple[str, ...]] = []
    ends: list[int] = []
    known: dict[str, str] = {}  # each text is stored once
    try:
        for record in reader:
            if not record or (len(record) == 1 and not record[0].strip()):
                continue  # an empty line
            if records and len(record) != len(records[0]):
                raise InvalidInput(
                    f"Row {reader.line_num:,}: expected {len(records[0])} fields, as in the first"
                    f" row. Found: {len(record)}."
                )
            _check_size(len(record), len(records))
            records.append(tuple(known.setdefault(c, c) for c in map(one_line, record)))
            ends.append(reader.line_num)
    except csv.Error as error:
        unclosed = "unexpected end" in str(error)
        why = "a quotation mark is not closed" if unclosed else str(error)
        where = "The file ends" if unclosed else f"Row {reader.line_num:,} cannot be read"
        raise InvalidInput(f"{where}: {why}.") from error
    if not records:
        raise InvalidInput("The file is empty.")
    return records, ends


def _lines(text: str, delimiter: str) -> Iterator[str]:
    """Yields the lines one by one; none is taken apart that would not fit in memory."""
    for number, line in enumerate(lines(text), 1):
        if number == 1 and line.count(delimiter) >= MAX_COLUMNS:
            _check_size(line.count(delimiter) + 1, 0)
        if len(line) > _LONGEST_LINE and line.count(delimiter) > MAX_COLUMNS:
            raise InvalidInput(f"Row {number:,} has more than {MAX_COLUMNS} fields.")
        yield line


def _check_size(columns: int, rows: int) -> None:
    if columns > MAX_COLUMNS:
        raise InvalidInput(
            f"The table has {columns:,} columns. {MAX_COLUMNS} are the most that fit here."
        )
    if rows > MAX_ROWS:
        raise InvalidInput(f"The table has more than {MAX_ROWS:,} rows, the most that fit here.")
    if columns * rows > MAX_CELLS:
        raise InvalidInput(
            f"With {columns} columns, a table may have {MAX_CELLS // columns:,} rows. This one has"
            " more."
        )


def _decimal_comma(records: Sequence[Sequence[str]]) -> bool:
    """Returns whether numbers in a table have a comma before their decimals."""
    commas = points = 0
    for record in records:
        for cell in record:
            if len(cell) > _LONGEST_NUMBER or not ("," in cell or "." in cell):
                continue
            if "," in cell and "." in cell:
                commas += bool(_COMMA_GROUPS.fullmatch(cell))
                points += bool(_POINT_GROUPS.fullmatch(cell))
            elif not (_COMMA_GROUPS if "." in cell else _POINT_GROUPS).fullmatch(cell):
                commas += bool("," in cell and _COMMA.fullmatch(cell))
                points += bool("." in cell and _POINT.fullmatch(cell))
    return commas > points


def _has_header(records: Sequence[Sequence[str]], *, comma: bool) -> bool:
    """Returns whether the first record looks like names rather than values."""
    first, rest = records[0], records[1:]
    if any(not np.isnan(as_number(cell, comma=comma)) for cell in first):
        return False
    if not rest:
        return True
    named = [n for n, cell in enumerate(first) if not is_gap(cell)]
    below = rest[:200]
    if any(not np.isnan(as_number(row[n], comma=comma)) for row in below for n in named):
        return True
    # Words above words: names stand nowhere below.
    return bool(named) and not any(row[n] == first[n] for row in rest for n in named)


def unique_names(names: Sequence[str]) -> list[str]:
    """Returns names that are not empty and differ from one another."""
    found: list[str] = []
    taken: set[str] = set()
    for number, name in enumerate(names, 1):
        base = shown(name) or f"column {number}"
        unique, copy = base, 2
        while unique in taken:
            unique, copy = f"{shortened(base, 50)} ({copy})", copy + 1
        taken.add(unique)
        found.append(unique)
    return found
