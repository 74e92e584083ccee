"""How a person gives an input on an HTML page with a network, by the network's task."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from core.datasets.landmarks import CHAINS, PALM, POINTS
from core.datasets.tables.applying import LARGEST, raw_values
from core.datasets.tables.description import CategoryInput, NumberInput, Record, is_table
from core.datasets.tables.reading import MAX_NUMBER
from core.datasets.tables.text import shown
from core.errors import DataUnavailable
from core.export.page_data import CategoryColumn, Example, Form, NumberColumn
from core.segments.patterns import DIGIT_PATTERNS, SEGMENTS
from core.tasks.base import Task

_EXAMPLES_OF_EACH = 2
_MAX_EXAMPLES = 20
_LOOKED_AT = 10_000  # test examples among which those of each class are found


def form_of(task: Task) -> Form:
    """Returns how an input of a task is given."""
    if task.table is not None:
        return columns_form(task.table)
    special = _FORMS.get(task.name)
    if special is not None:
        return special(task)
    if len(task.input_shape) == 3 and task.input_shape[2] == 1:
        return _grid(task)
    return _numbers(task)


def examples_of(task: Task) -> tuple[Example, ...]:
    """Returns a few test examples of each class; none of what is a person's own, or is drawn."""
    kind = form_of(task).kind
    if is_table(task.name) or kind in ("segments", "sheet"):
        return ()
    source = task.available_source()
    try:
        split = source.examples(_LOOKED_AT)
    except DataUnavailable:
        return ()
    found = []
    of_each = min(_EXAMPLES_OF_EACH, max(1, _MAX_EXAMPLES // len(task.classes)))
    for number, name in enumerate(task.classes):
        for place in np.flatnonzero(split.y == number)[:of_each]:
            x = split.x[place]
            values: tuple[float | str, ...]
            if task.table is not None:
                row = raw_values(task.table, x).values()
                values = tuple(float(f"{v:.4g}") if isinstance(v, float) else v for v in row)
            else:
                values = tuple(round(float(v), 5) for v in x.ravel())
            label = task.written(x) if kind == "digits" and task.written else name
            found.append(Example(label=label, values=values))
    return tuple(found)


def columns_form(record: Record) -> Form:
    """Returns how a row of a table is given."""
    columns: list[NumberColumn | CategoryColumn] = []
    for each in record.inputs:
        if isinstance(each, NumberInput):
            columns.append(
                NumberColumn(
                    name=each.name,
                    fill=each.fill,
                    factor=each.factor,
                    offset=each.offset,
                    low=each.low,
                    high=each.high,
                )
            )
        elif isinstance(each, CategoryInput):
            names = tuple(shown(category) for category in each.categories)
            columns.append(
                CategoryColumn(
                    name=each.name, fill=each.fill, categories=each.categories, shown=names
                )
            )
    return Form(
        kind="columns",
        columns=tuple(columns),
        min_max=record.choices.scaling == "min-max",
        hands=record.choices.hands,
        largest=LARGEST,
        largest_number=MAX_NUMBER,
    )


def _segments(task: Task) -> Form:
    return Form(kind="segments", labels=tuple(SEGMENTS), patterns=DIGIT_PATTERNS)


def _sheet(task: Task) -> Form:
    return Form(kind="sheet", side=task.input_shape[0])


def _switches(task: Task) -> Form:
    return Form(kind="switches", labels=task.features)


def _digits(task: Task) -> Form:
    return Form(kind="digits", shape=task.input_shape)


def _grid(task: Task) -> Form:
    return Form(kind="grid", shape=task.input_shape[:2])


def _hand(task: Task) -> Form:
    return Form(kind="hand", labels=POINTS, lines=(*CHAINS, *PALM))


def _numbers(task: Task) -> Form:
    names = task.features or tuple(f"input {n + 1}" for n in range(int(np.prod(task.input_shape))))
    return Form(kind="numbers", labels=names)


_FORMS: Mapping[str, Callable[[Task], Form]] = {
    "seven-segment": _segments,
    "handwritten": _sheet,
    "handwritten-signs": _sheet,
    "course-lab": _sheet,
    "even-odd": _switches,
    "parity": _switches,
    "next-number": _digits,
    "gestures": _hand,
}
