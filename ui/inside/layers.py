"""The output of every layer: feature maps as pictures, dense layers as bars."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.explain.forward import ForwardPass, LayerOutput
from core.imaging.image_files import to_png
from core.segments.patterns import SEGMENTS
from core.tasks.base import Task
from ui.components.plot import plot
from ui.figures.colours import picture_of
from ui.inside.figures import bars_figure, diagram_figure, signed
from ui.widgets.tiles import show_tiles
from ui.wording.layers import UNCHANGED, layer_does, layer_title, shape_words

FEW = 6  # maps of each layer in the overview
MAX_MAPS = 128  # maps of one layer, and units of one column of the diagram
MAX_INPUTS = 32  # more are not drawn in the diagram
LINES = 60

_STYLE = """
<style>
.digit-lab-layers { display: grid; gap: 0.7rem 1.5rem; margin: 0 !important; padding: 0 !important;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 21rem), 1fr)); }
.digit-lab-layer { list-style: none; margin: 0 !important;
  border-top: 1px solid rgba(128, 128, 128, 0.35); padding-top: 0.35rem; min-width: 0; }
.digit-lab-layer p { margin: 0 0 0.3rem; font-size: 0.875rem; line-height: 1.35; }
.digit-lab-maps { display: flex; flex-wrap: wrap; gap: 0.3rem; }
.digit-lab-maps img { height: 3.1rem; image-rendering: pixelated; border-radius: 3px; }
.digit-lab-bars { display: flex; height: 3.1rem; gap: 1px; }
.digit-lab-bars span { flex: 1 1 0; min-width: 1px; max-width: 1.6rem; display: flex;
  flex-direction: column; }
.digit-lab-bars i { display: block; width: 100%; }
.digit-lab-bars .above { background: light-dark(#00796b, #35d0ba); }
.digit-lab-bars .below { background: light-dark(#c8500a, #ff9a56); }
</style>
"""


def show_diagram(flow: ForwardPass, task: Task) -> bool:
    """Shows the forward pass as a diagram; returns False if the network is too large.

    Args:
        flow: the forward pass of a dense network.
        task: its task.
    """
    whole = len(flow.columns[0].values) <= MAX_INPUTS
    if not whole:
        flow = ForwardPass(flow.columns[1:], flow.weights[1:])
    if len(flow.columns) < 2 or max(len(column.values) for column in flow.columns) > MAX_MAPS:
        return False
    lines = flow.strongest(LINES)
    names = unit_names(flow, task)
    st.subheader("The forward pass")
    st.markdown(
        f"**What it shows:** the {len(lines)} strongest of"
        f" {sum(weights.size for weights in flow.weights):,} connections. A thick line carries a"
        " strong signal (the unit's value times the connection's weight); a large dot is a unit"
        " with a large value.  \n**How to read it:** from left to right. Solid blue-green lines"
        " raise the unit they lead to, dotted orange lines lower it. Hover over a line or a dot for"
        " its numbers."
    )
    strongest = max(
        (line for line in lines if line.column == len(flow.weights) - 1),
        key=lambda line: abs(line.signal),
        default=None,
    )
    words = "No unit passes on a signal: only the biases count."
    if strongest is not None:
        words = (
            f"The strongest signal into the scores: {names[-2][strongest.source]} adds"
            f" {signed(strongest.signal)} to the score of {names[-1][strongest.target]}."
        )
    plot(
        diagram_figure(flow, lines, names),
        key="inside_diagram",
        label="Forward pass through the network",
        description=words,
        height=560,
    )
    if not whole:
        words += (
            " The inputs are too many to draw, so the diagram begins at the first hidden layer."
        )
    st.caption(words)
    return True


def unit_names(flow: ForwardPass, task: Task) -> list[list[str]]:
    """Returns the name of each unit of each column."""
    names = [
        [f"unit {number + 1}" for number in range(len(column.values))] for column in flow.columns
    ]
    first = flow.columns[0]
    if first.kind == "input":
        if task.input_shape == (len(SEGMENTS),):
            names[0] = [
                f"{segment}, {'lit' if value >= 0.5 else 'dark'}"
                for segment, value in zip(SEGMENTS, first.values, strict=True)
            ]
        else:
            names[0] = [f"input {number + 1}" for number in range(len(first.values))]
    names[-1] = list(task.classes)
    return names


def show_layers(outputs: Sequence[LayerOutput]) -> None:
    """Shows the output of every layer in order, with a few maps of each."""
    items = "".join(_layer_html(number, each) for number, each in enumerate(outputs, start=1))
    with st.container(key="inside_layers"):
        st.html(f'{_STYLE}<ol class="digit-lab-layers">{items}</ol>')


def _layer_html(number: int, output: LayerOutput) -> str:
    does = layer_does(output.kind)
    head = (
        f"<p><b>{number}. {escape(layer_title(output.kind))}</b> · "
        f"{shape_words(output.values.shape)}{': ' + escape(does) if does else ''}.</p>"
    )
    body = "" if output.kind in UNCHANGED else _values_html(output.values)
    return f'<li class="digit-lab-layer">{head}{body}</li>'


def _values_html(values: NDArray[np.float32]) -> str:
    if values.ndim == 1:
        return bars_html(values)
    if values.ndim != 3:
        return ""
    largest = float(np.abs(values).max())
    images = []
    for index in strongest_maps(values)[:FEW]:
        one = values[..., index]
        words = map_words(index, one)
        data = base64.b64encode(to_png(picture_of(one, largest))).decode("ascii")
        source = f"data:image/png;base64,{data}"
        images.append(f'<img src="{source}" alt="{escape(words)}" title="{escape(words)}">')
    return f'<div class="digit-lab-maps">{"".join(images)}</div>'


def strongest_maps(values: NDArray[np.float32]) -> list[int]:
    """Returns the indices of the maps, float32 (height, width, maps), the brightest first."""
    strengths = np.abs(values).mean(axis=(0, 1))
    return [int(index) for index in np.argsort(-strengths, kind="stable")]


def map_words(index: int, values: NDArray[np.float32]) -> str:
    """Returns a map's number and the range of its values, in words."""
    return f"map {index + 1}: {signed(float(values.min()))} to {signed(float(values.max()))}"


def bars_html(values: NDArray[np.float32]) -> str:
    """Returns a bar for each number: up if positive, down if negative."""
    high, low = max(float(values.max()), 0.0), min(float(values.min()), 0.0)
    span = max(high - low, 1e-9)
    bars = []
    for number, value in enumerate(values, start=1):
        size = 100 * abs(float(value)) / span
        gap = 100 * (high - max(float(value), 0.0)) / span
        kind = "above" if value > 0 else "below"
        bars.append(
            f'<span title="unit {number}: {signed(float(value))}">'
            f'<i style="height:{gap:.1f}%"></i><i class="{kind}" style="height:{size:.1f}%"></i>'
            "</span>"
        )
    label = (
        f"{len(values)} units; the largest is unit {int(values.argmax()) + 1} with"
        f" {signed(float(values.max()))}"
    )
    return f'<div class="digit-lab-bars" role="img" aria-label="{label}">{"".join(bars)}</div>'


def show_one_layer(outputs: Sequence[LayerOutput], classes: Sequence[str]) -> None:
    """Lets the person choose a layer and shows its whole output."""
    worth = [n for n, output in enumerate(outputs) if output.kind not in UNCHANGED]
    titles = {
        n: f"{n + 1}. {layer_title(outputs[n].kind)}, {shape_words(outputs[n].values.shape)}"
        for n in worth
    }
    chosen = st.selectbox(
        "One layer in full",
        worth,
        index=worth.index(first_activation(outputs, worth)),
        format_func=titles.__getitem__,
        # Another network has other layers, so the choice is stored separately.
        key=f"inside_layer_{len(outputs)}_{len(worth)}",
        width=420,
    )
    values = outputs[chosen].values
    if values.ndim == 3:
        order = range(min(values.shape[-1], MAX_MAPS))
        largest = float(np.abs(values).max())
        show_tiles(
            [picture_of(values[..., index], largest) for index in order],
            [f"{index + 1}: {signed(float(values[..., index].max()), 1)}" for index in order],
            key="inside_maps_of_layer",
        )
        words = "Below each map: its number and its largest value."
        if values.shape[-1] > MAX_MAPS:
            words += f" The first {MAX_MAPS} of {values.shape[-1]} maps are shown."
        st.caption(words)
    elif values.ndim == 1:
        last = chosen == worth[-1] and len(values) == len(classes)
        labels = list(classes) if last else [str(n + 1) for n in range(len(values))]
        plot(
            bars_figure(values, labels, title="digit" if last else "unit", value_title="output"),
            key="inside_units_of_layer",
            label="Output of each unit",
            description=f"Largest: {labels[int(values.argmax())]} with {values.max():.2f}",
            height=260,
        )


def first_activation(outputs: Sequence[LayerOutput], worth: Sequence[int]) -> int:
    """Returns the index of the first activation layer, or else of the first layer."""
    for number in worth:
        if outputs[number].kind in ("ReLU", "Activation"):
            return number
    return worth[0]
