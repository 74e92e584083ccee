"""A table's JSON applied to its rows, with NumPy alone: in the server, and wherever data loads.

It does what the scikit-learn pipeline does that was fitted (`core.datasets.tables.preparing`), to
the last bit; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.data import Inputs
from core.datasets.landmarks import normalised
from core.datasets.tables.description import CategoryInput, NumberInput, Record
from core.datasets.tables.reading import MAX_NUMBER, as_number, is_gap
from core.datasets.tables.text import shortened
from core.errors import InvalidInput

# What is larger would be infinite for a network.
LARGEST = 1e30

Values = Sequence[float | str | None]


def prepare(
    record: Record,
    columns: Mapping[int, Sequence[str] | NDArray[np.float64]],
    *,
    hands_are_raw: bool = True,
) -> Inputs:
    """Makes a network's input of rows.

    Args:
        record: the table's.
        columns: the cells of each column that is used, by its index: float64 with NaN for gaps
            where it holds numbers, else texts.
        hands_are_raw: whether landmarks of hands have still to be moved and scaled. Defaults to
            True.

    Returns:
        float32, shape (n, features).

    Raises:
        InvalidInput: if they are landmarks, and none of a hand.
    """
    parts: list[NDArray[np.float64]] = []
    numbers = [each for each in record.inputs if isinstance(each, NumberInput)]
    if numbers:
        x = np.stack([np.asarray(columns[each.column], np.float64) for each in numbers], axis=1)
        if record.choices.hands and hands_are_raw:
            x = normalised(x).astype(np.float64)
        parts += [
            _scaled(record, each, x[:, place])[:, np.newaxis] for place, each in enumerate(numbers)
        ]
    for each in record.inputs:
        if isinstance(each, CategoryInput):
            parts.append(_one_hot(each, [str(cell) for cell in columns[each.column]]))
    x = np.concatenate(parts, axis=1)  # (n, features)
    return np.clip(x, -LARGEST, LARGEST).astype(np.float32)


def _scaled(record: Record, each: NumberInput, x: NDArray[np.float64]) -> NDArray[np.float64]:
    x = np.where(np.isnan(x), each.fill, x)
    if record.choices.scaling == "min-max":
        return x * each.factor + each.offset
    return (x - each.offset) / each.factor


def _one_hot(each: CategoryInput, cells: Sequence[str]) -> NDArray[np.float64]:
    known = {category: place for place, category in enumerate(each.categories)}
    x = np.zeros((len(cells), len(each.categories)))
    for row, cell in enumerate(cells):
        place = known.get(each.fill if is_gap(cell) else cell)
        if place is not None:
            x[row, place] = 1
    return x


def raw_values(record: Record, x: NDArray[np.float32]) -> dict[str, float | str]:
    """Returns what a network's input says of each column; the reverse of `prepare_row`.

    Args:
        record: the table's.
        x: float32, shape (features,).

    Returns:
        A number, to the precision of float32, or a category, keyed by the column's name. A category
        that the network does not know is empty.
    """
    found: dict[str, float | str] = {}
    place = 0
    for each in record.inputs:
        if isinstance(each, NumberInput):
            value = float(x[place])
            if record.choices.scaling == "min-max":
                found[each.name] = (value - each.offset) / (each.factor or 1)
            else:
                found[each.name] = value * each.factor + each.offset
            place += 1
    for each in record.inputs:
        if isinstance(each, CategoryInput):
            ones = x[place : place + len(each.categories)]
            found[each.name] = each.categories[int(ones.argmax())] if ones.max() > 0 else ""
            place += len(each.categories)
    return found


def fills(record: Record) -> NDArray[np.float32]:
    """Returns the input of a row in which everything is a gap: float32, shape (features,)."""
    gaps = {
        each.column: np.array([np.nan]) if isinstance(each, NumberInput) else [""]
        for each in record.inputs
    }
    return np.asarray(prepare(record, gaps, hands_are_raw=False)[0], np.float32)


def prepare_row(record: Record, values: Values) -> Inputs:
    """Makes a network's input of one raw row.

    Args:
        record: the table's.
        values: for each of the record's inputs a number, a category, or None for a gap.

    Returns:
        float32, shape (1, features).

    Raises:
        InvalidInput: if a number is infinite or too large.
    """
    columns: dict[int, Sequence[str] | NDArray[np.float64]] = {}
    for each, value in zip(record.inputs, values, strict=True):
        if isinstance(each, CategoryInput):
            columns[each.column] = ["" if value is None else str(value)]
            continue
        number = np.nan if value is None else float(value)
        if abs(number) > MAX_NUMBER:
            raise InvalidInput(f"{each.name}: {number:g} is too large.")
        columns[each.column] = np.array([number])
    return prepare(record, columns)


def values_of(record: Record, cells: Sequence[str]) -> list[float | str | None]:
    """Returns what `prepare_row` takes, from the cells of a whole row of the table.

    Raises:
        InvalidInput: if something else than a number stands where one should.
    """
    found: list[float | str | None] = []
    for each in record.inputs:
        cell = cells[each.column]
        if is_gap(cell):
            found.append(None)
        elif isinstance(each, CategoryInput):
            found.append(cell)
        else:
            number = as_number(cell, comma=record.comma)
            if np.isnan(number):
                raise InvalidInput(f"{each.name}: “{shortened(cell, 30)}” is not a number.")
            found.append(number)
    return found


def unseen(record: Record, values: Values) -> list[str]:
    """Returns the names of the columns in which a row has what training has never seen."""
    found = []
    for each, value in zip(record.inputs, values, strict=True):
        if value is None:
            continue
        if isinstance(each, CategoryInput):
            if value not in each.categories:
                found.append(each.name)
        elif not record.choices.hands and not each.low <= float(value) <= each.high:
            found.append(each.name)
    return found
