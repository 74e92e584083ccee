"""A table split and prepared by scikit-learn: everything is fitted on the training part only.

scikit-learn takes a second to import: it is done in the functions that workers call.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.datasets.landmarks import normalised
from core.datasets.tables.description import (
    MAX_INPUTS,
    VALIDATION_SHARE,
    CategoryInput,
    Choices,
    NumberInput,
    Record,
    Rows,
)
from core.datasets.tables.profile import MAX_CATEGORIES, class_names, class_values, not_a_number
from core.datasets.tables.reading import Table
from core.datasets.tables.text import SHOWN, shortened
from core.errors import InvalidInput

if TYPE_CHECKING:
    from sklearn.compose import ColumnTransformer

Places = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Chosen:
    """The rows of a table that a network can learn from.

    Args:
        rows: their indices in the table, ascending.
        y: int64, shape (n,), the class of each.
        frame: the columns that the network sees, float64 or objects, by `label`.
        numbers: the columns of numbers.
        categories: the columns of categories.
        values: the classes as they stand in the table.
    """

    rows: Places
    y: NDArray[np.int64]
    frame: pd.DataFrame
    numbers: tuple[int, ...]
    categories: tuple[int, ...]
    values: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Parts:
    """A split: positions among the chosen rows."""

    train: Places
    validation: Places
    test: Places


def choose(table: Table, choices: Choices) -> Chosen:
    """Takes the rows and columns that a person has chosen.

    Raises:
        InvalidInput: if they do not fit the table; says which row or column.
    """
    if len(choices.kinds) != len(table.columns):
        raise InvalidInput(
            f"These choices are for a table of {len(choices.kinds)} columns. This one has"
            f" {len(table.columns)}."
        )
    numbers, categories = choices.used("number"), choices.used("category")
    if not numbers and not categories:
        raise InvalidInput("Every column is left out. The network needs at least one to look at.")
    values = class_values(table.columns[choices.target])
    frame: dict[str, Any] = {label(n): _numbers(table, n) for n in numbers}
    frame |= {label(n): _categories(table, n) for n in categories}
    data = pd.DataFrame(frame)
    kept = ~table.columns[choices.target].gaps
    if choices.gaps == "drop" or choices.hands:
        kept &= ~data.isna().to_numpy().any(axis=1)
    rows = np.flatnonzero(kept)
    index = {value: place for place, value in enumerate(values)}
    cells = table.columns[choices.target].cells
    y = np.array([index[cells[int(row)]] for row in rows], np.int64)
    _check_classes(y, values)
    data = data.iloc[rows].reset_index(drop=True)
    if choices.hands:
        names = [label(place) for place in numbers]
        data[names] = normalised(data[names].to_numpy()).astype(np.float64)
    return Chosen(rows, y, data, numbers, categories, values)


def label(place: int) -> str:
    """Returns what a column is called in a frame: a number would be taken for its position."""
    return f"column {place}"


def _numbers(table: Table, place: int) -> NDArray[np.float64]:
    column = table.columns[place]
    if len(column.not_numbers):
        wrong = not_a_number(table, column, int(column.not_numbers[0]))
        raise InvalidInput(f"{wrong} Correct it, or leave the column out.")
    return column.numbers


def _categories(table: Table, place: int) -> list[str | float]:
    column = table.columns[place]
    found: list[str | float] = [
        np.nan if gap else cell for cell, gap in zip(column.cells, column.gaps, strict=True)
    ]
    different = {cell for cell in found if isinstance(cell, str)}
    if len(different) > MAX_CATEGORIES:
        raise InvalidInput(
            f"Column “{column.name}” has {len(different):,} different values. A category may have"
            f" {MAX_CATEGORIES}: leave the column out."
        )
    if long := [value for value in different if len(value) > SHOWN]:
        raise InvalidInput(
            f"Column “{column.name}”: “{shortened(min(long), 30)}” is too long for a category."
            " Leave the column out."
        )
    return found


def _check_classes(y: NDArray[np.int64], values: Sequence[str]) -> None:
    counts = np.bincount(y, minlength=len(values))
    if len(lost := np.flatnonzero(counts < 3)):
        raise InvalidInput(
            f"Without the rows that have gaps, class “{shortened(values[lost[0]], 30)}” has"
            f" {counts[lost[0]]} examples left. Each needs at least 3: fill the gaps instead."
        )


def split(table: Table, choices: Choices, chosen: Chosen, *, seed: int | None = None) -> Parts:
    """Splits the chosen rows: for testing, and of the rest a fifth for validation.

    Args:
        table: the table.
        choices: what a person chose.
        chosen: its rows.
        seed: of the split. Defaults to the person's.

    Raises:
        InvalidInput: if a part would be empty, or a class missing from the training part.
    """
    seed = choices.seed if seed is None else seed
    everything = np.arange(len(chosen.y))
    groups = None
    if choices.group is not None:
        cells = table.columns[choices.group].cells
        groups = np.unique([cells[int(row)] for row in chosen.rows], return_inverse=True)[1]
        if groups.max() < 2:
            raise InvalidInput(
                f"Column “{table.columns[choices.group].name}” has {groups.max() + 1} different"
                " values. To split by it, there must be 3 at least: one for each part."
            )
    rest, test = _halves(everything, choices.test_share, chosen.y, groups, choices, seed)
    train, validation = _halves(rest, VALIDATION_SHARE, chosen.y, groups, choices, seed)
    counts = np.bincount(chosen.y[train], minlength=len(chosen.values))
    if not counts.all():
        lost = chosen.values[int(np.flatnonzero(counts == 0)[0])]
        raise InvalidInput(
            f"No example of class “{shortened(lost, 30)}” is in the training part. Try another"
            " seed, a smaller test part, or a stratified split."
        )
    return Parts(train, validation, test)


def _halves(
    places: Places,
    share: float,
    y: NDArray[np.int64],
    groups: Places | None,
    choices: Choices,
    seed: int,
) -> tuple[Places, Places]:
    from sklearn.model_selection import GroupShuffleSplit, train_test_split

    if groups is not None:
        shuffle = GroupShuffleSplit(1, test_size=share, random_state=seed)
        one, other = next(shuffle.split(places, groups=groups[places]))
        return np.sort(places[one]), np.sort(places[other])
    # There must be room for every class, or the split cannot be stratified.
    room = int(np.ceil(share * len(places))) >= len(np.unique(y[places]))
    rare = np.bincount(y[places]).min(initial=2, where=np.bincount(y[places]) > 0) < 2
    labels = y[places] if choices.stratified and room and not rare else None
    one, other = train_test_split(places, test_size=share, stratify=labels, random_state=seed)
    return np.sort(one), np.sort(other)


def pipeline(choices: Choices, chosen: Chosen) -> ColumnTransformer:
    """Returns the preparation, to be fitted: gaps filled, numbers scaled, categories one-hot."""
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler

    scaler: Any = {"min-max": MinMaxScaler(), "standard": StandardScaler()}.get(
        choices.scaling, "passthrough"
    )
    return ColumnTransformer(
        [
            (
                "numbers",
                make_pipeline(SimpleImputer(strategy="median", keep_empty_features=True), scaler),
                [label(place) for place in chosen.numbers],
            ),
            (
                "categories",
                make_pipeline(
                    SimpleImputer(strategy="most_frequent", keep_empty_features=True),
                    OneHotEncoder(handle_unknown="ignore", sparse_output=False),
                ),
                [label(place) for place in chosen.categories],
            ),
        ]
    )


def fit(table: Table, data: bytes, choices: Choices) -> Record:
    """Learns the preparation from the training part, and writes it down as JSON.

    Args:
        table: what `data` holds.
        data: the file's bytes.
        choices: what a person chose.

    Raises:
        InvalidInput: if the choices do not fit the table.
    """
    chosen = choose(table, choices)
    parts = split(table, choices, chosen)
    train = chosen.frame.iloc[parts.train]
    for place in (*chosen.numbers, *chosen.categories):
        if train[label(place)].isna().all():
            raise InvalidInput(
                f"Column “{table.columns[place].name}” has only gaps in the training part, so"
                " nothing can be learned from it. Leave it out."
            )
    fitted = pipeline(choices, chosen).fit(train)
    inputs = _inputs(table, choices, chosen, train, fitted)
    width = sum(1 if isinstance(e, NumberInput) else len(e.categories) for e in inputs)
    if width > MAX_INPUTS:
        raise InvalidInput(
            f"The columns would make {width:,} inputs, as each category is one. {MAX_INPUTS:,} are"
            " the most that fit here: leave some columns out."
        )
    return Record(
        digest=hashlib.sha256(data).hexdigest(),
        choices=choices.model_copy(update={"header": table.header}),
        columns=tuple(column.name for column in table.columns),
        target=table.columns[choices.target].name,
        values=chosen.values,
        classes=class_names(chosen.values),
        comma=table.columns[0].comma,
        delimiter=table.delimiter,
        inputs=tuple(inputs),
        rows=Rows(
            train=len(parts.train),
            validation=len(parts.validation),
            test=len(parts.test),
            dropped=len(table) - len(chosen.rows),
        ),
    )


def _inputs(
    table: Table,
    choices: Choices,
    chosen: Chosen,
    train: pd.DataFrame,
    fitted: ColumnTransformer,
) -> list[NumberInput | CategoryInput]:
    found: list[NumberInput | CategoryInput] = []
    if chosen.numbers:
        imputer, scaler = fitted.named_transformers_["numbers"]
        ready = fitted.named_transformers_["numbers"].transform(
            train[[label(place) for place in chosen.numbers]]
        )
        for index, place in enumerate(chosen.numbers):
            factor, offset = 1.0, 0.0
            if choices.scaling == "min-max":
                factor, offset = scaler.scale_[index], scaler.min_[index]
            elif choices.scaling == "standard":
                factor, offset = scaler.scale_[index], scaler.mean_[index]
            found.append(
                NumberInput(
                    column=place,
                    name=table.columns[place].name,
                    fill=float(imputer.statistics_[index]),
                    factor=float(factor),
                    offset=float(offset),
                    low=float(train[label(place)].min()),
                    high=float(train[label(place)].max()),
                    spread=float(np.asarray(ready)[:, index].std()),
                )
            )
    if chosen.categories:
        imputer, encoder = fitted.named_transformers_["categories"]
        for index, place in enumerate(chosen.categories):
            found.append(
                CategoryInput(
                    column=place,
                    name=table.columns[place].name,
                    fill=str(imputer.statistics_[index]),
                    categories=tuple(map(str, encoder.categories_[index])),
                )
            )
    return found
