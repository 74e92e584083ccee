"""The rows of a table as networks see them, split into parts."""

from __future__ import annotations

import io
import threading
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.data import Inputs, Split
from core.datasets.tables import storage
from core.datasets.tables.applying import prepare
from core.datasets.tables.description import NumberInput, Record
from core.datasets.tables.reading import read_table
from core.errors import InvalidInput

MAX_VALUES = 20_000_000  # numbers of all rows together, once they are prepared
_PARTS = ("train", "validation", "test")
_KEPT = 2

_loaded: OrderedDict[str, TableParts] = OrderedDict()
_lock = threading.Lock()


@dataclass(frozen=True, eq=False)
class TableParts:
    """The three parts of a table."""

    train: Split
    validation: Split
    test: Split


def load(record: Record, rows: Callable[[], bytes], *, stored: bool) -> TableParts:
    """Returns a table's parts; quick where they were made before.

    Args:
        record: the table's.
        rows: returns the file's bytes.
        stored: whether they are looked for, and left, among the stored tables.

    Raises:
        DataUnavailable: if the rows are not on this machine.
        InvalidInput: if they do not fit the record.
    """
    with _lock:
        if record.name in _loaded:
            _loaded.move_to_end(record.name)
            return _loaded[record.name]
    found = _read(record) if stored else None
    if found is None:
        found = make(record, rows())
        if stored:
            _write(record, found)
    with _lock:
        _loaded[record.name] = found
        while len(_loaded) > _KEPT:
            _loaded.popitem(last=False)
    return found


def make(record: Record, data: bytes) -> TableParts:
    """Reads, splits and prepares a table's rows."""
    from core.datasets.tables import preparing  # scikit-learn

    table = read_table(data, header=record.choices.header)
    chosen = preparing.choose(table, record.choices)
    found = preparing.split(table, record.choices, chosen)
    check_size(record, len(chosen.rows))

    def part(places: np.ndarray) -> Split:
        return Split(inputs_of(record, chosen, places), chosen.y[places])

    return TableParts(part(found.train), part(found.validation), part(found.test))


def inputs_of(record: Record, chosen: object, places: np.ndarray) -> Inputs:
    """Returns some of the chosen rows as a network sees them: float32, shape (n, features)."""
    from core.datasets.tables.preparing import Chosen, label

    assert isinstance(chosen, Chosen)
    taken = chosen.frame.iloc[places]
    columns = {
        each.column: taken[label(each.column)].to_numpy(np.float64)
        if isinstance(each, NumberInput)
        else taken[label(each.column)].fillna("").tolist()
        for each in record.inputs
    }
    return prepare(record, columns, hands_are_raw=False)


def check_size(record: Record, rows: int) -> None:
    """Raises InvalidInput if the prepared rows would not fit in memory."""
    if rows * len(record.features) > MAX_VALUES:
        raise InvalidInput(
            f"{rows:,} rows with {len(record.features)} inputs each are too many:"
            f" {MAX_VALUES // len(record.features):,} would fit. Leave out rows, or columns with"
            " many categories."
        )


def _read(record: Record) -> TableParts | None:
    width = len(record.features)
    counts = record.rows.model_dump()
    try:
        with np.load(storage.prepared_path(record), allow_pickle=False) as file:
            splits = [Split(file[f"{name}_x"], file[f"{name}_y"]) for name in _PARTS]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    for name, split in zip(_PARTS, splits, strict=True):
        if split.x.shape != (counts[name], width) or split.x.dtype != np.float32:
            return None
    return TableParts(*splits)


def _write(record: Record, parts: TableParts) -> None:
    arrays: dict[str, Any] = {}
    for name in _PARTS:
        split: Split = getattr(parts, name)
        arrays |= {f"{name}_x": split.x, f"{name}_y": split.y}
    file = io.BytesIO()
    np.savez(file, **arrays)
    storage.keep_prepared(record, file.getvalue())
