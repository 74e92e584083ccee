"""What was it looking at? Four maps of what a class's score depends on, side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.jobs.inspection import PATCH, STRIDE, Map
from core.segments.patterns import SEGMENTS, to_pattern
from core.tasks.base import Task
from ui.components.plot import plot
from ui.components.segment_gallery import Tile, segment_gallery
from ui.inside.figures import bars_figure, map_figure, signed, weights_figure
from ui.inside.layers import input_names

Values = NDArray[np.float32]

HEIGHT = 250
MAX_NAMES = 10  # that fit under a map's bars
TITLES = {
    "saliency": "Saliency",
    "integrated_gradients": "Integrated gradients",
    "grad_cam": "Grad-CAM",
    "occlusion": "Occlusion",
}


def show_maps(found: dict[str, Map], x: Values, target: int, task: Task, *, awaited: bool) -> None:
    """Shows the computed maps, and which ones are missing.

    Args:
        found: the computed maps, by name.
        x: float32, shape of one input.
        target: the class that they explain.
        task: the task.
        awaited: whether the missing ones are still being computed.
    """
    columns = st.columns(len(TITLES))
    for column, (name, title) in zip(columns, TITLES.items(), strict=True):
        with column:
            st.markdown(f"**{title}**")
            if name not in found:
                with st.container(height=HEIGHT, border=True):
                    st.caption(
                        "Being computed in a worker process …" if awaited else "Not computed."
                    )
                continue
            one = found[name]
            if one.values is None:
                with st.container(border=True):
                    st.markdown(
                        "This network has no convolutional layer, and Grad-CAM needs one. The other"
                        " three methods do not."
                    )
            elif len(x) == len(SEGMENTS) and task.channel is not None:
                _show_segments(one, x, title)
            elif one.values.ndim == 1:
                _show_bars(one, _names(task, one), title)
            elif x.ndim == 2:
                _show_steps(one, task, title)
            else:
                _show_picture(one, x, task.classes, title)
            st.markdown(lines(one, x, target, task))


def _show_picture(found: Map, x: Values, classes: Sequence[str], title: str) -> None:
    assert found.values is not None
    values = found.values[..., 0] if found.values.ndim == 3 else found.values
    plot(
        map_figure(
            values,
            x[..., 0],
            sweep=(STRIDE, PATCH) if found.name == "occlusion" else None,
            answers=found.answers,
            classes=classes,
        ),
        key=f"inside_map_{found.name}",
        label=f"{title} map",
        description=strongest_place(values),
        height=HEIGHT,
    )


def _names(task: Task, found: Map) -> list[str]:
    """Returns what each of a map's numbers is about: an input, or a step of a sequence."""
    assert found.values is not None
    count = len(found.values)
    if len(task.input_shape) == 2:
        return [f"step {number + 1}" for number in range(count)]
    return list(input_names(task, count))


def _show_bars(found: Map, names: Sequence[str], title: str) -> None:
    assert found.values is not None
    largest = int(np.abs(found.values).argmax())
    figure = bars_figure(found.values, names, title="", value_title=title)
    if len(names) > MAX_NAMES:
        title_below = {"text": "input (point at a bar for its name)"}
        figure["layout"]["xaxis"] |= {"showticklabels": False, "title": title_below}
    plot(
        figure,
        key=f"inside_map_{found.name}",
        label=f"{title} of each input",
        description=f"Largest: {names[largest]} with {signed(float(found.values[largest]))}",
        height=HEIGHT,
    )


def _show_steps(found: Map, task: Task, title: str) -> None:
    """Shows a sequence's map: a row for each number of a step, a column for each step."""
    values = found.values
    assert values is not None
    steps, numbers = values.shape
    plot(
        weights_figure(
            values.T,
            rows=[str(number) for number in range(numbers)],
            columns=[f"step {number + 1}" for number in range(steps)],
            row_title="",
            column_title="",
            joined=" at ",
        ),
        key=f"inside_map_{found.name}",
        label=f"{title} map",
        description=strongest_place(values),
        height=HEIGHT,
    )


def _show_segments(found: Map, x: Values, title: str) -> None:
    values = found.values
    assert values is not None
    largest = max(float(np.abs(values).max()), 1e-6)
    segment_gallery(
        [
            Tile(
                to_pattern(x),
                f"{title} of each segment",
                values=tuple(float(value) / largest for value in values),
                texts=tuple(signed(float(value)) for value in values),
            )
        ],
        key=f"inside_segments_{found.name}",
        size="large",
        label=f"{title}",
    )


def strongest_place(values: Values) -> str:
    """Says where a map, float32 (rows, columns), is highest and lowest, for screen readers."""
    high = divmod(int(values.argmax()), values.shape[1])
    low = divmod(int(values.argmin()), values.shape[1])
    text = f"Highest: {signed(float(values.max()))} at row {high[0] + 1}, column {high[1] + 1}"
    if values.min() < 0:
        text += f"; lowest: {signed(float(values.min()))} at row {low[0] + 1}, column {low[1] + 1}"
    return f"{text}, of {values.shape[0]} rows and {values.shape[1]} columns."


def lines(found: Map, x: Values, target: int, task: Task) -> str:
    """Returns the two lines under a map: what it shows, and how to read it."""
    digit = task.classes[target]
    place, larger = ("segment", "brighter") if task.channel is not None else ("pixel", "brighter")
    pixels = len(task.input_shape) == 3
    if task.channel is None and not pixels:
        place, larger = "input", "larger"
    if found.name == "saliency":
        return (
            f"*What it shows:* how much the score of {digit} would change if one {place} became"
            f" {larger}.\n\n*How to read it:* a {larger} **blue-green** {place} would raise the"
            f" score, a {larger} **orange** one would lower it, whatever it is now."
            + (" This map is always grainy: trust regions, not pixels." if pixels else "")
        )
    if found.name == "integrated_gradients":
        total = "" if found.values is None else _sum_in_words(found, digit)
        empty = "a dark display" if task.channel is not None else "an empty picture"
        if place == "input":
            empty = "an input of zeros"
        return (
            f"*What it shows:* how much each {place} added to the score of {digit} on the way from"
            f" {empty} to this one.\n\n*How to read it:* **blue-green** {place}s speak for {digit},"
            f" **orange** ones against it; {place}s that are 0 add nothing. {total}"
        )
    if found.name == "grad_cam":
        if found.values is None:
            return ""
        rows, columns = found.values.shape
        if not found.values.any():
            return (
                f"*What it shows:* where the last convolution's {rows}×{columns} maps speak for"
                f" {digit}.\n\n*How to read it:* the map is empty, so no place speaks for {digit}."
            )
        return (
            f"*What it shows:* where the last convolution's maps speak for {digit}, in"
            f" {rows}×{columns} cells.\n\n*How to read it:* stronger **blue-green** means more"
            " evidence; each cell stands for a whole region around it. Evidence against the digit"
            " is left out."
        )
    cover, doing, part = "segment was off", "Switching off", "segment"
    if pixels:
        cover = f"square of {PATCH}×{PATCH} pixels was covered"
        doing, part = "Covering", "square"
    elif task.channel is None:
        part = "step" if len(task.input_shape) == 2 else "input"
        cover, doing = f"{part} was set to 0", "Setting to 0"
    return (
        f"*What it shows:* how much the score of {digit} fell when one {cover}.\n\n*How to read"
        f" it:* {doing.lower()} a **blue-green** {part} lowers the score; {doing.lower()} an"
        f" **orange** {part} raises it. {_covered(found, task)}"
    )


def _sum_in_words(found: Map, digit: str) -> str:
    assert found.values is not None
    total = float(found.values.sum(dtype=np.float64))
    return (
        f"Together they add {signed(total)}: the score went from {signed(found.baseline)} to"
        f" {signed(found.score)}."
    )


def _covered(found: Map, task: Task) -> str:
    """Says what the network reads without the part that the score needs most."""
    if found.values is None or found.answers is None:
        return ""
    worst = int(found.values.argmax())
    answer = int(found.answers.ravel()[worst])
    if task.channel is not None:
        part, without = "segment", f"segment {SEGMENTS[worst]} off"
    elif found.values.ndim == 1:
        part, without = "of them", f"{_names(task, found)[worst]} set to 0"
    else:
        part, without = "square", "the strongest square covered"
    if found.values.max() <= 0:
        return f"Here no {part} lowers it." if part != "of them" else "Here none of them lowers it."
    return f"With {without}, the network reads {task.classes[answer]}."
