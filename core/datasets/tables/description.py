"""A table as a task: what a person chose, and what was learned from the training part.

All of it is plain JSON, stands on the cards of the networks that learned from the table, and is
named by its hash: whoever has a record can check that it is what its name says.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from core.datasets.landmarks import NUMBERS
from core.datasets.tables.profile import MAX_CATEGORIES, MAX_CLASSES, Kind
from core.datasets.tables.reading import MAX_COLUMNS, MAX_ROWS
from core.datasets.tables.text import SHOWN, shown
from core.errors import InvalidInput
from core.schema import explain

MAX_INPUTS = 1000
MAX_TITLE = 60
VALIDATION_SHARE = 0.2  # of the rows that are not for testing
PREFIX = "table-"
_NAME = re.compile(rf"{PREFIX}[0-9a-f]{{16}}")

Scaling = Literal["none", "min-max", "standard"]
Name = Annotated[str, Field(min_length=1, max_length=SHOWN + 20)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Place = Annotated[int, Field(ge=0, lt=MAX_COLUMNS)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Choices(_Part):
    """What a person chose for a table.

    Args:
        title: display name.
        target: index of the column to predict.
        kinds: of every column; what is chosen for the target's and the group's counts for nothing.
        header: whether the first record holds the names. Defaults to what it looks like.
        scaling: of the numbers. Defaults to "standard".
        gaps: whether rows with gaps are filled in or dropped. Defaults to "fill".
        test_share: of the rows that are kept for testing, 0.1..0.5. Defaults to 0.25.
        stratified: whether each part has every class equally often. Defaults to True.
        group: index of the column whose equal values stay in one part; None for none.
        seed: of the split. Defaults to 0.
        hands: whether the numbers are 21 landmarks of a hand, to be moved and scaled to one place
            and size; rows with gaps are dropped then. Defaults to False.
    """

    title: Annotated[str, Field(min_length=1, max_length=MAX_TITLE)]
    target: Place
    kinds: Annotated[tuple[Kind, ...], Field(min_length=2, max_length=MAX_COLUMNS)]
    header: bool | None = None
    scaling: Scaling = "standard"
    gaps: Literal["fill", "drop"] = "fill"
    test_share: Annotated[float, Field(ge=0.1, le=0.5)] = 0.25
    stratified: bool = True
    group: Place | None = None
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    hands: bool = False

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.target >= len(self.kinds):
            raise ValueError("the table has fewer columns")
        if self.group is not None and (self.group >= len(self.kinds) or self.group == self.target):
            raise ValueError("the group must be another column than the one to predict")
        return self

    def used(self, kind: Kind) -> tuple[int, ...]:
        """Returns the columns of a kind that the network sees."""
        apart = (self.target, self.group)
        return tuple(n for n, k in enumerate(self.kinds) if k == kind and n not in apart)


class NumberInput(_Part):
    """A column of numbers, and how each becomes an input.

    Args:
        column: its index in the table.
        name: of the column.
        fill: what stands for a gap: the median of the training part.
        factor: for min-max scaling, x * factor + offset; otherwise (x - offset) / factor.
        offset: see `factor`.
        low: the smallest number in the training part.
        high: the largest one.
        spread: standard deviation of the input in the training part.
    """

    kind: Literal["number"] = "number"
    column: Place
    name: Name
    fill: Finite
    factor: Finite
    offset: Finite
    low: Finite
    high: Finite
    spread: Finite


class CategoryInput(_Part):
    """A column of categories: an input for each that occurs in the training part (one-hot).

    Args:
        column: its index in the table.
        name: of the column.
        fill: what stands for a gap: the most frequent category of the training part.
        categories: as they stand in the table.
    """

    kind: Literal["category"] = "category"
    column: Place
    name: Name
    fill: str
    categories: Annotated[
        tuple[Annotated[str, Field(max_length=SHOWN)], ...],
        Field(min_length=1, max_length=MAX_CATEGORIES),
    ]


Input = Annotated[NumberInput | CategoryInput, Field(discriminator="kind")]
Count = Annotated[int, Field(ge=0, le=MAX_ROWS)]


class Rows(_Part):
    """How many rows each part has, and how many none has: their target, or an input, is a gap."""

    train: Count
    validation: Count
    test: Count
    dropped: Count = 0


class Record(_Part):
    """A table that networks can learn from, without its rows.

    Args:
        format: of the record.
        digest: SHA-256 of the file's bytes.
        choices: what a person chose.
        columns: names of all columns.
        target: name of the column to predict.
        values: the classes as they stand in the table.
        classes: the same as pages show them.
        comma: whether numbers in the table have a comma before their decimals.
        delimiter: between its cells.
        inputs: how a row becomes the network's input: numbers first, then categories.
        rows: how many there are.
    """

    format: Literal[1] = 1
    digest: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    choices: Choices
    columns: Annotated[tuple[Name, ...], Field(min_length=2, max_length=MAX_COLUMNS)]
    target: Name
    values: Annotated[tuple[str, ...], Field(min_length=2, max_length=MAX_CLASSES)]
    classes: Annotated[tuple[Name, ...], Field(min_length=2, max_length=MAX_CLASSES)]
    comma: bool
    delimiter: Literal[",", ";", "\t"]
    inputs: Annotated[tuple[Input, ...], Field(min_length=1, max_length=MAX_COLUMNS)]
    rows: Rows

    @model_validator(mode="after")
    def _check(self) -> Self:
        if len(self.values) != len(self.classes) or len(set(self.classes)) != len(self.classes):
            raise ValueError("its classes do not fit each other")
        if len(self.columns) != len(self.choices.kinds):
            raise ValueError("its columns do not fit each other")
        if any(each.column >= len(self.columns) for each in self.inputs):
            raise ValueError("it has fewer columns than inputs")
        if self.choices.hands and sum(each.kind == "number" for each in self.inputs) != NUMBERS:
            raise ValueError(f"a hand has {NUMBERS} numbers")
        if any(isinstance(each, NumberInput) and not each.factor for each in self.inputs):
            raise ValueError("a column cannot be scaled by 0")
        kinds = [each.kind for each in self.inputs]
        if kinds != sorted(kinds, reverse=True):
            raise ValueError("its numbers must stand before its categories")
        if len(self.features) > MAX_INPUTS:
            raise ValueError(f"it has more than {MAX_INPUTS} inputs")
        return self

    @property
    def features(self) -> tuple[str, ...]:
        """Names of the network's inputs."""
        names: list[str] = []
        for each in self.inputs:
            if isinstance(each, NumberInput):
                names.append(each.name)
            else:
                names += [f"{each.name} = {shown(category)}" for category in each.categories]
        return tuple(names)

    @property
    def name(self) -> str:
        """The name of its task: a hash of all of this."""
        # Without defaults, so that a version that knows more choices gives it the same name.
        entries = self.model_dump(mode="json", exclude_defaults=True)
        written = json.dumps(entries, sort_keys=True, ensure_ascii=False)
        return PREFIX + hashlib.sha256(written.encode()).hexdigest()[:16]

    @property
    def entries(self) -> dict[str, Any]:
        """The record as plain values, as JSON has them."""
        return self.model_dump(mode="json")


def is_table(name: str) -> bool:
    """Returns whether a name is that of a person's own table."""
    return _NAME.fullmatch(name) is not None


def parse_record(entries: object) -> Record:
    """Checks a record that comes from outside.

    Raises:
        InvalidInput: if it is none.
    """
    try:
        return Record.model_validate(entries)
    except ValidationError as error:
        raise InvalidInput(f"This is not the description of a table: {explain(error)}") from error


def parse_choices(entries: Mapping[str, Any]) -> Choices:
    """Checks choices; raises InvalidInput if they fit no table."""
    try:
        return Choices.model_validate(dict(entries))
    except ValidationError as error:
        raise InvalidInput(f"These choices fit no table: {explain(error)}") from error
