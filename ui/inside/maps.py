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
from ui.inside.figures import bars_figure, map_figure, signed

Values = NDArray[np.float32]

HEIGHT = 250
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
            elif one.values.ndim == 1:
                _show_segments(one, x, title)
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


def _show_segments(found: Map, x: Values, title: str) -> None:
    values = found.values
    assert values is not None
    if len(values) != len(SEGMENTS):
        names = [str(number + 1) for number in range(len(values))]
        plot(
            bars_figure(values, names, title="input", value_title=title),
            key=f"inside_map_{found.name}",
            label=f"{title} of each input",
            height=HEIGHT,
        )
        return
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
    segments = x.ndim == 1
    place = "segment" if segments else "pixel"
    if found.name == "saliency":
        return (
            f"*What it shows:* how much the score of {digit} would change if one {place} became"
            f" brighter.\n\n*How to read it:* a brighter **blue-green** {place} would raise the"
            " score, a brighter **orange** one would lower it, whether it is lit now or not."
            + ("" if segments else " This map is always grainy: trust regions, not pixels.")
        )
    if found.name == "integrated_gradients":
        total = "" if found.values is None else _sum_in_words(found, digit)
        empty = "a dark display" if segments else "an empty picture"
        return (
            f"*What it shows:* how much each {place} added to the score of {digit} on the way from"
            f" {empty} to this one.\n\n*How to read it:* **blue-green** {place}s speak for {digit},"
            f" **orange** ones against it; dark {place}s add nothing. {total}"
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
    cover = "segment was off" if segments else f"square of {PATCH}×{PATCH} pixels was covered"
    doing, part = ("Switching off", "segment") if segments else ("Covering", "square")
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
    segments = found.values.ndim == 1
    if found.values.max() <= 0:
        return f"Here no {'segment' if segments else 'square'} lowers it."
    without = f"segment {SEGMENTS[worst]} off" if segments else "the strongest square covered"
    return f"With {without}, the network reads {task.classes[answer]}."
