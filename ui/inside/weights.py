"""A network's filters and weights: what it has learned."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.networks.saved_layers import RECURRENT, SavedLayer
from core.segments.patterns import SEGMENTS
from core.tasks.base import Task
from ui.components.plot import plot
from ui.figures.colours import picture_of
from ui.inside.figures import bars_figure, signed, weights_figure
from ui.widgets.tiles import show_tiles
from ui.wording.layers import layer_title

Values = NDArray[np.float32]

PAGE = 32  # pictures at a time
BRIGHTEST = 0.998  # share of all weights that get less than the brightest colour
MAX_CELLS = 8_200  # of a table of weights: 128 inputs times 64 units
_RECURRENT_WEIGHTS = ("weights of its inputs", "weights of its own state", "biases")
_NORM = ("scale", "offset", "running mean", "running variance")


def show_weights(layers: Sequence[SavedLayer], task: Task) -> None:
    """Lets the person choose a layer and shows its weights.

    Args:
        layers: of the network, in order.
        task: its task.
    """
    learned = [number for number, layer in enumerate(layers) if layer.weights]
    if not learned:
        st.caption("No layer of this network has weights.")
        return
    titles = {
        number: f"{number + 1}. {layer_title(layers[number].kind)},"
        f" {sum(weights.size for weights in layers[number].weights):,} numbers"
        for number in learned
    }
    chosen = st.selectbox(
        "Layer with weights",
        learned,
        format_func=titles.__getitem__,
        key=f"inside_weights_{len(layers)}_{len(learned)}",
        width=420,
    )
    layer = layers[chosen]
    if layer.kind == "Conv2D":
        _show_filters(layer, chosen)
    elif layer.kind == "Dense":
        sees_input = all(before.kind in ("Flatten", "Dropout") for before in layers[:chosen])
        last = chosen == learned[-1]
        _show_dense(layer, task, chosen, first=sees_input, last=last)
    else:
        _show_others(layer, chosen)


def _show_filters(layer: SavedLayer, number: int) -> None:
    kernel = layer.weights[0]  # (height, width, maps before, filters)
    height, width, before, filters = kernel.shape
    largest = float(np.abs(kernel).max())
    if before == 1:
        st.markdown(
            f"**What it shows:** all {filters} filters of {height}×{width} weights. Each filter"
            " slides over the picture and makes one map.  \n**How to read it:** blue-green weights"
            " respond to ink, orange ones to its absence. Blue-green next to orange finds an edge;"
            " blue-green everywhere finds ink."
        )
        order = _page(filters, "Filters", key=f"inside_filters_{number}_{filters}")
        pictures = [picture_of(kernel[..., 0, index], largest) for index in order]
        labels = [str(index + 1) for index in order]
    else:
        st.markdown(
            f"**What it shows:** one of {filters} filters. It has {height}×{width} weights for each"
            f" of the {before} maps of the layer before; those with the largest weights come first."
            "  \n**How to read it:** the filter responds where maps with blue-green weights are"
            " bright and maps with orange weights are dark. It ignores a map with a black tile."
        )
        index = (
            st.number_input(
                "Filter", 1, filters, 1, key=f"inside_filter_{number}_{filters}", width=160
            )
            - 1
        )
        one = kernel[..., index]
        strengths = np.abs(one).sum(axis=(0, 1))
        order_of_maps = np.argsort(-strengths, kind="stable")[:PAGE]
        pictures = [picture_of(one[..., each], largest) for each in order_of_maps]
        labels = [f"map {each + 1}" for each in order_of_maps]
    show_tiles(pictures, labels, key="inside_filters")
    st.caption(f"The brightest colour stands for a weight of ±{largest:.2f} in every filter.")


def _show_dense(layer: SavedLayer, task: Task, number: int, *, first: bool, last: bool) -> None:
    weights = layer.weights[0]  # (inputs, units)
    inputs, units = weights.shape
    shape = task.input_shape
    if first and len(shape) == 3 and shape[2] == 1 and inputs == math.prod(shape):
        _show_as_pictures(weights, shape)
        return
    names = [str(n + 1) for n in range(units)]
    columns, column_title = (list(task.classes), task.label) if last else (names, "unit")
    rows = [str(n + 1) for n in range(inputs)]
    row_title = "unit before"
    if first and task.channel is not None:
        rows, row_title = [f"segment {segment}" for segment in SEGMENTS], "input"
    elif first and len(task.features) == inputs:
        rows, row_title = list(task.features), "input"
    if weights.size <= MAX_CELLS:
        st.markdown(
            f"**What it shows:** all {weights.size:,} weights (without the biases), one column for"
            f" each of the layer's {units} units.  \n**How to read it:** when an input is on, its"
            " blue-green weights raise a unit and its orange ones lower it. Columns that look alike"
            " do the same job."
        )
        plot(
            weights_figure(
                weights, rows=rows, columns=columns, row_title=row_title, column_title=column_title
            ),
            key="inside_weights_table",
            label="Weights of the layer",
            description=_extremes(weights, rows, columns),
            height=min(640, max(300, 90 + 9 * inputs)),
        )
        return
    st.markdown(
        f"**What it shows:** the {inputs:,} weights of one of the layer's {units} units.  \n"
        "**How to read it:** when an input is large, an upward bar raises the unit, a downward bar"
        " lowers it."
    )
    chosen = st.number_input("Unit", 1, units, 1, key=f"inside_unit_{number}_{units}", width=160)
    plot(
        bars_figure(weights[:, chosen - 1], rows, title=row_title, value_title="weight"),
        key="inside_unit_weights",
        label=f"Weights of unit {chosen}",
        height=260,
    )


def _show_as_pictures(weights: Values, shape: Sequence[int]) -> None:
    units = weights.shape[1]
    # Scaled by the largest weight, nearly all others would be too dark to see.
    largest = float(np.quantile(np.abs(weights), BRIGHTEST))
    st.markdown(
        f"**What it shows:** the weights of each of the {units} units, placed at their pixels.  \n"
        "**How to read it:** ink on blue-green raises the unit, ink on orange lowers it, so"
        " blue-green is the shape that the unit looks for. Much of it is noise that training had no"
        " reason to remove."
    )
    order = _page(units, "Units", key=f"inside_pictures_{units}")
    show_tiles(
        [picture_of(weights[:, index].reshape(shape[0], shape[1]), largest) for index in order],
        [str(index + 1) for index in order],
        key="inside_unit_pictures",
    )
    st.caption(f"The brightest colour stands for a weight of ±{largest:.2f} or more in every unit.")


def _page(count: int, what: str, *, key: str) -> range:
    """Lets the person page through many pictures; returns the indices of those to show."""
    if count <= PAGE:
        return range(count)
    starts = list(range(0, count, PAGE))
    start = st.selectbox(
        what,
        starts,
        format_func=lambda first: f"{first + 1} to {min(first + PAGE, count)} of {count}",
        key=key,
        width=200,
    )
    return range(start, min(start + PAGE, count))


def _show_others(layer: SavedLayer, number: int) -> None:
    norm = layer.kind == "BatchNormalization" and len(layer.weights) == len(_NORM)
    names = list(_NORM) if norm else [f"weights {n + 1}" for n in range(len(layer.weights))]
    if layer.kind in RECURRENT and len(layer.weights) == len(_RECURRENT_WEIGHTS):
        names = list(_RECURRENT_WEIGHTS)
    chosen = st.selectbox("Which numbers?", names, key=f"inside_array_{number}", width=260)
    values = layer.weights[names.index(chosen)].ravel()
    if norm:
        st.markdown(
            "**What it shows:** one number for each map or unit. The layer subtracts the running"
            " mean, divides by the spread (the square root of the running variance), then"
            " multiplies by the scale and adds the offset.  \n**How to read it:** a scale near zero"
            " means that the network hardly uses that map."
        )
    else:
        st.markdown(
            f"**What it shows:** {values.size:,} numbers that the layer has learned.  \n**How to"
            " read it:** the further a number is from zero, the more it counts."
        )
    shown = values[:MAX_CELLS]
    plot(
        bars_figure(
            shown, [str(n + 1) for n in range(len(shown))], title="number", value_title=chosen
        ),
        key="inside_other_weights",
        label=chosen,
        height=260,
    )


def _extremes(weights: Values, rows: Sequence[str], columns: Sequence[str]) -> str:
    """Says where the largest and the smallest weight are, for screen readers."""
    parts = []
    for word, index in (("Largest", weights.argmax()), ("smallest", weights.argmin())):
        row, column = divmod(int(index), weights.shape[1])
        value = signed(float(weights[row, column]))
        parts.append(f"{word}: {value} from {rows[row]} to {columns[column]}")
    return ", ".join(parts)
