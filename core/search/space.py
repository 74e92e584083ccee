"""The space of a search: which settings of a run may vary, and how far.

It is written as text, a setting each: `learning_rate=1e-4..1e-1:log`, `dropout=0..0.5`,
`hidden=16|32,16|64,32`. Commands, links and the database have it in this form, and `Dimension.text`
writes it so that reading it gives the same again.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any

from pydantic import StrictBool, StrictFloat, StrictInt, StrictStr
from pydantic.dataclasses import dataclass

from core.errors import InvalidInput
from core.networks.architecture import Architecture
from core.schema import DEFERRED, Bounds
from core.search.variables import (
    EXAMPLE,
    NUMBERS,
    check_name,
    check_option,
    check_range_name,
    option_text,
    read_number,
    reader,
    written,
)
from core.training.config import TrainingConfig

POINTS = Bounds(2, 50, 5, "Points", "Values of a range that a grid tries.", whole=True)
MAX_OPTIONS = 50
MAX_GRID = 2000  # points of a whole grid
_NETWORK = frozenset(Architecture.__dataclass_fields__)

Option = StrictBool | StrictInt | StrictFloat | StrictStr | tuple[StrictInt, ...]
# Of a trial, by setting: a number of a range, or the text of an option.
Parameters = Mapping[str, int | float | str]


@dataclass(frozen=True, config=DEFERRED)
class Range:
    """A number that may lie anywhere between two others.

    Args:
        name: of the setting, one of NUMBERS.
        low: the lowest value.
        high: the highest.
        log: whether equal factors are equally likely, rather than equal steps. Defaults to False.
        points: how many values of it a grid tries. Defaults to 5.

    Raises:
        InvalidInput: if that is no range within the setting's bounds.
    """

    name: str
    low: float
    high: float
    log: StrictBool = False
    points: Annotated[int, POINTS] = int(POINTS.default)

    def __post_init__(self) -> None:
        check_name(self.name)
        check_range_name(self.name)
        for end in (self.low, self.high):
            NUMBERS[self.name].check(self.name, end)
        if self.low >= self.high:
            raise InvalidInput(
                f"Expected {self.name} from a smaller to a larger number."
                f" Received: {written(self.low)}..{written(self.high)}"
            )
        if self.log and self.low <= 0:
            raise InvalidInput(
                f"A logarithmic range cannot begin at 0: give {self.name} a lowest value above 0,"
                " or leave “:log” out."
            )

    @property
    def whole(self) -> bool:
        """Whether it has whole numbers only."""
        return NUMBERS[self.name].whole

    @property
    def text(self) -> str:
        """The range as it is written."""
        points = f":{self.points}" if self.points != POINTS.default else ""
        ends = f"{written(self.low)}..{written(self.high)}"
        return f"{self.name}={ends}{':log' if self.log else ''}{points}"

    @property
    def values(self) -> tuple[float, ...]:
        """The values that a grid tries, ascending."""
        shares = [index / (self.points - 1) for index in range(self.points)]
        low, high = (math.log(end) if self.log else end for end in (self.low, self.high))
        inner = [low + (high - low) * share for share in shares[1:-1]]
        rounded = [float(f"{math.exp(value) if self.log else value:.6g}") for value in inner]
        found = [self.low, *(v for v in rounded if self.low < v < self.high), self.high]
        return tuple(dict.fromkeys(map(round, found) if self.whole else found))

    @property
    def count(self) -> float:
        """How many values it has."""
        return self.high - self.low + 1 if self.whole else math.inf

    def value(self, parameter: float | str) -> float:
        """Returns the setting's value for a trial's parameter."""
        number = float(parameter)
        return int(number) if self.whole else number


@dataclass(frozen=True, config=DEFERRED)
class Choice:
    """A setting that may have one of several values.

    Args:
        name: of the setting, one of VARIABLE.
        options: its values, two at least.

    Raises:
        InvalidInput: if one of them is no value of the setting, or there are too few or too many.
    """

    name: str
    options: tuple[Option, ...]

    def __post_init__(self) -> None:
        check_name(self.name)
        for option in self.options:
            check_option(self.name, option)
        texts = [option_text(option) for option in self.options]
        if not 2 <= len(texts) <= MAX_OPTIONS:
            raise InvalidInput(
                f"Expected 2 to {MAX_OPTIONS} values of {self.name}, with | between them."
                f" Received: {'|'.join(texts) or 'none'}"
            )
        for text in texts:
            if texts.count(text) > 1:
                raise InvalidInput(f"{self.name} has the value {text} twice.")

    @property
    def text(self) -> str:
        """The choice as it is written."""
        return f"{self.name}={'|'.join(self.values)}"

    @property
    def values(self) -> tuple[str, ...]:
        """Each option as text."""
        return tuple(map(option_text, self.options))

    @property
    def count(self) -> float:
        """How many values it has."""
        return len(self.options)

    def value(self, parameter: float | str) -> Any:
        """Returns the setting's value for a trial's parameter.

        Raises:
            InvalidInput: if it is none of them.
        """
        if parameter not in self.values:
            raise InvalidInput(f"{self.name} has no option {parameter!r} in this search.")
        return self.options[self.values.index(str(parameter))]


Dimension = Range | Choice


@dataclass(frozen=True, config=DEFERRED)
class Space:
    """All that may vary in a search.

    Args:
        dimensions: the settings, each of its own name.

    Raises:
        InvalidInput: if there are none, or two of one name.
    """

    dimensions: tuple[Dimension, ...]

    def __post_init__(self) -> None:
        names = self.names
        if not names:
            raise InvalidInput(f"Choose at least one setting that may vary, such as {EXAMPLE}.")
        for name in names:
            if names.count(name) > 1:
                raise InvalidInput(f"{name} is given twice: say once how far it may vary.")

    @classmethod
    def parse(cls, texts: Sequence[str]) -> Space:
        """Reads a space, a text for each setting.

        Raises:
            InvalidInput: with a sentence about the first text that is wrong.
        """
        return cls(tuple(map(parse_dimension, texts)))

    @property
    def names(self) -> tuple[str, ...]:
        """The settings' names."""
        return tuple(dimension.name for dimension in self.dimensions)

    @property
    def texts(self) -> list[str]:
        """The space as it is written."""
        return [dimension.text for dimension in self.dimensions]

    @property
    def grid(self) -> dict[str, tuple[float, ...] | tuple[str, ...]]:
        """The values that a grid tries, by setting."""
        return {dimension.name: dimension.values for dimension in self.dimensions}

    @property
    def grid_size(self) -> int:
        """How many points the grid has."""
        return math.prod(len(values) for values in self.grid.values())

    @property
    def count(self) -> float:
        """How many points the space has; infinite with a range that is not of whole numbers."""
        return math.prod(dimension.count for dimension in self.dimensions)

    def grid_points(self) -> list[dict[str, int | float | str]]:
        """Returns every point of the grid; the last setting changes fastest."""
        values: list[Sequence[int | float | str]] = list(self.grid.values())
        return [dict(zip(self.names, point, strict=True)) for point in itertools.product(*values)]

    def points(self) -> list[dict[str, int | float | str]]:
        """Returns every point of a finite space."""
        each: list[Sequence[int | str]] = [
            range(int(dimension.low), int(dimension.high) + 1)
            if isinstance(dimension, Range)
            else dimension.values
            for dimension in self.dimensions
        ]
        return [dict(zip(self.names, point, strict=True)) for point in itertools.product(*each)]

    def apply(self, base: TrainingConfig, parameters: Parameters) -> TrainingConfig:
        """Returns a run with a trial's settings.

        Args:
            base: the run that they change.
            parameters: of the trial, one for each setting of the space.

        Raises:
            InvalidInput: if the settings do not go together.
        """
        settings: dict[str, Any] = {
            each.name: each.value(parameters[each.name]) for each in self.dimensions
        }
        network = {name: value for name, value in settings.items() if name in _NETWORK}
        run = {name: value for name, value in settings.items() if name not in _NETWORK}
        return replace(base, architecture=replace(base.architecture, **network), **run)

    def check(self, base: TrainingConfig) -> None:
        """Makes sure that each setting may vary in this run, all others being as they are.

        Raises:
            InvalidInput: if one cannot, as no picture is turned where there are none.
        """
        for dimension in self.dimensions:
            alone, values = Space((dimension,)), dimension.values
            for value in (values[0], values[-1]) if isinstance(dimension, Range) else values:
                alone.apply(base, {dimension.name: value})


def parse_dimension(text: str) -> Dimension:
    """Reads a setting and how far it may vary.

    Args:
        text: `NAME=LOW..HIGH`, perhaps with `:log` and with `:POINTS` of a grid, or `NAME=A|B|C`.

    Raises:
        InvalidInput: if it is anything else.
    """
    name, equals, rest = (part.strip() for part in text.partition("="))
    name = name.replace("-", "_")
    if not equals or not rest:
        raise InvalidInput(
            f"Expected a setting with its values, such as {EXAMPLE}. Received: {text!r}"
        )
    check_name(name)
    if ".." in rest:
        check_range_name(name)
        return _parse_range(name, rest)
    read = reader(name)
    return Choice(name, tuple(read(part.strip()) for part in rest.split("|")))


def _parse_range(name: str, text: str) -> Range:
    ends, *marks = (part.strip() for part in text.split(":"))
    low, high = (read_number(name, part.strip()) for part in ends.split("..", 1))
    log, points = False, int(POINTS.default)
    for mark in marks:
        if mark == "log" and not log:
            log = True
        elif mark.isdecimal() and mark.isascii():
            POINTS.check("the points of a grid", int(mark[:9]))
            points = int(mark)
        else:
            raise InvalidInput(
                f"Expected “:log” or a number of points, such as “:7”, after the range of {name}."
                f" Received: {mark!r}"
            )
    return Range(name, low, high, log, points)
