"""The output of every layer: feature maps as pictures, dense layers as bars."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.explain.forward import Connection, ForwardPass, LayerOutput
from core.explain.window import convolution_behind
from core.imaging.image_files import to_png
from core.networks.saved_layers import SavedLayer
from core.segments.patterns import SEGMENTS
from core.tasks.base import Task
from ui.components.picture_gallery import Picture, picture_gallery
from ui.components.plot import plot
from ui.figures.colours import picture_of
from ui.inside.figures import bars_figure, diagram_figure, signed, weights_figure
from ui.inside.filter_view import enlarge, hint, opened, opened_layer, show_filter_at_work
from ui.widgets.tiles import show_tiles
from ui.wording.layers import UNCHANGED, layer_does, layer_title, shape_words

Values = NDArray[np.float32]

FEW = 6  # maps of each layer in the overview
MAX_MAPS = 128  # maps of one layer, and units of one column of the diagram
MAX_INPUTS = 32  # more are not drawn in the diagram
LINES = 60
EACH = 3  # lines drawn bold for each unit on the way to the answer
MAX_PIXELS = 6

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

_FULL_STYLE = """
<style>
.st-key-inside_enlarged { min-height: 46rem; }
.st-key-inside_maps_of_layer { max-height: 44rem; overflow-y: auto; overscroll-behavior: auto; }
.st-key-inside_enlarged [data-testid=stHorizontalBlock] { flex-wrap: nowrap; }
.st-key-inside_enlarged [data-testid=stColumn] { min-width: 0; }
@media (max-width: 640px) { .st-key-inside_maps_of_layer { max-height: 11.5rem; } }
</style>
"""


def show_diagram(whole: ForwardPass, task: Task, winner: int, *, height: int) -> bool:
    """Shows the forward pass as a diagram; returns False if the network is too large.

    Args:
        whole: the forward pass of a dense network.
        task: its task.
        winner: the class whose score is traced back.
        height: of the figure, in pixels.
    """
    flow, cut = whole, len(whole.columns[0].values) > MAX_INPUTS
    if cut:
        flow = ForwardPass(whole.columns[1:], whole.weights[1:])
    if len(flow.columns) < 2 or max(len(column.values) for column in flow.columns) > MAX_MAPS:
        return False
    lines, decisive = flow.strongest(LINES), flow.decisive(winner, EACH)
    names = unit_names(flow, task)
    st.markdown(
        f"**The lines that decided** are bold: the {EACH} strongest signals into the score of"
        f" **{task.classes[winner]}**, and the {EACH} strongest into each unit that they come from."
        " Solid blue-green raises a unit, dotted orange lowers it.",
        help=(
            "A signal is a unit's value times the weight of the connection (*activation × weight*)."
            " A thicker line carries a stronger signal, a larger dot is a unit with a larger value."
            f" The thin lines are the {len(lines)} strongest of"
            f" {sum(weights.size for weights in flow.weights):,} connections. Point at a line or a"
            " dot to see its numbers."
        ),
    )
    words = decision_words(flow, decisive, winner, names)
    plot(
        diagram_figure(flow, lines, names, decisive),
        key="inside_diagram",
        label="Forward pass through the network",
        description=words,
        height=height - 120 if cut else height,
    )
    if cut:
        _show_pixels(whole, decisive, task)
    st.caption(words)
    return True


def decision_words(
    flow: ForwardPass,
    decisive: Sequence[Connection],
    winner: int,
    names: Sequence[Sequence[str]],
) -> str:
    """Says what the bold lines into the score add to it."""
    into = [line for line in decisive if line.column == len(flow.weights) - 1]
    if not into:
        return "No unit passes on a signal: only the biases count."
    score = float(flow.columns[-1].values[winner])
    units = ", ".join(f"{names[-2][line.source]} ({signed(line.signal)})" for line in into)
    rest = score - sum(line.signal for line in into)
    return (
        f"Score of {names[-1][winner]}: {signed(score)}. Strongest signals: {units};"
        f" all others and the bias: {signed(rest)}."
    )


def _show_pixels(flow: ForwardPass, decisive: Sequence[Connection], task: Task) -> None:
    """Shows what each pixel added to the hidden units where the bold lines begin."""
    units = list(dict.fromkeys(line.source for line in decisive if line.column == 0))[:MAX_PIXELS]
    if not units or len(task.input_shape) != 3:
        return
    inputs = flow.columns[0].values
    parts = [(inputs * flow.weights[0][:, unit]).reshape(task.input_shape[:2]) for unit in units]
    largest = max(float(np.abs(part).max()) for part in parts)
    st.caption("What each pixel adds to the units where the bold lines begin (pixel × weight):")
    show_tiles(
        [picture_of(part, largest) for part in parts],
        [f"unit {unit + 1}" for unit in units],
        key="inside_pixels",
    )


def unit_names(flow: ForwardPass, task: Task) -> list[list[str]]:
    """Returns the name of each unit of each column."""
    names = [
        [f"unit {number + 1}" for number in range(len(column.values))] for column in flow.columns
    ]
    first = flow.columns[0]
    if first.kind == "input":
        if task.channel is not None:
            names[0] = [
                f"{segment}, {'lit' if value >= 0.5 else 'dark'}"
                for segment, value in zip(SEGMENTS, first.values, strict=True)
            ]
        else:
            names[0] = list(input_names(task, len(first.values)))
    names[-1] = list(task.classes)
    return names


def input_names(task: Task, count: int) -> Sequence[str]:
    """Returns the name of each input of a network, in the order of the flattened input."""
    if len(task.features) == count:
        return task.features
    return [f"input {number + 1}" for number in range(count)]


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
    if values.ndim == 2:  # what a recurrent layer holds after each step
        lines = (f"<p>Step {step}</p>{bars_html(one)}" for step, one in enumerate(values, start=1))
        return f"<details><summary>Every step</summary>{''.join(lines)}</details>"
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


def show_one_layer(
    outputs: Sequence[LayerOutput], layers: Sequence[SavedLayer], x: Values, task: Task
) -> None:
    """Lets the person choose a layer and shows its whole output; a map can be enlarged.

    Args:
        outputs: of every layer.
        layers: of the network, with their weights.
        x: float32, shape of one input.
        task: the task.
    """
    classes = task.classes
    worth = [n for n, output in enumerate(outputs) if output.kind not in UNCHANGED]
    titles = {
        n: f"{n + 1}. {layer_title(outputs[n].kind)}, {shape_words(outputs[n].values.shape)}"
        for n in worth
    }
    first = opened_layer()
    chosen = st.selectbox(
        "One layer in full",
        worth,
        index=worth.index(first if first in worth else first_activation(outputs, worth)),
        format_func=titles.__getitem__,
        # Another network has other layers, so the choice is stored separately.
        key=f"inside_layer_{len(outputs)}_{len(worth)}",
        width=420,
    )
    values = outputs[chosen].values
    if values.ndim == 3:
        _show_maps(outputs, layers, x, chosen)
    elif values.ndim == 1:
        last = chosen == worth[-1] and len(values) == len(classes)
        labels = list(classes) if last else [str(n + 1) for n in range(len(values))]
        plot(
            bars_figure(values, labels, title=task.label if last else "unit", value_title="output"),
            key="inside_units_of_layer",
            label="Output of each unit",
            description=f"Largest: {labels[int(values.argmax())]} with {values.max():.2f}",
            height=260,
        )

    elif values.ndim == 2:
        steps = [f"step {number + 1}" for number in range(len(values))]
        units = [str(number + 1) for number in range(values.shape[1])]
        plot(
            weights_figure(
                values,
                rows=steps,
                columns=units,
                row_title="",
                column_title="unit",
                joined=", unit ",
            ),
            key="inside_steps_of_layer",
            label="Output of each unit after each step",
            height=260,
        )


def _show_maps(
    outputs: Sequence[LayerOutput], layers: Sequence[SavedLayer], x: Values, chosen: int
) -> None:
    """Shows the maps of a layer, and beside them the one that is enlarged."""
    values = outputs[chosen].values
    count = min(values.shape[-1], MAX_MAPS)
    largest = float(np.abs(values).max())
    found = convolution_behind(layers, outputs, chosen, x)
    with st.container(key="inside_full_layer"):
        st.html(_FULL_STYLE)
        left, right = st.columns([5, 7], gap="medium")
        with left, st.container(key="inside_maps_of_layer"):
            name = picture_gallery(
                [
                    Picture(
                        str(index + 1),
                        picture_of(values[..., index], largest),
                        map_words(index, values[..., index]),
                        (f"{index + 1}: {signed(float(values[..., index].max()), 1)}",),
                    )
                    for index in range(count)
                ],
                key=f"inside_gallery_{len(outputs)}_{chosen}",
                on_open=found is not None,
                label="Maps of the layer",
            )
        words = "Below each map: its number and its largest value."
        if values.shape[-1] > MAX_MAPS:
            words += f" The first {MAX_MAPS} of {values.shape[-1]} maps are shown."
        left.caption(words)
        if name is not None:
            enlarge(chosen, int(name) - 1, values[..., int(name) - 1])
        index = opened(chosen, count)
        if found is not None and index is not None:
            with right, st.container(key="inside_enlarged", border=True):
                show_filter_at_work(found, index)
        else:
            title = layer_title(outputs[chosen].kind)
            right.markdown(hint(title, enlargeable=found is not None))


def first_activation(outputs: Sequence[LayerOutput], worth: Sequence[int]) -> int:
    """Returns the index of the first activation layer, or else of the first layer."""
    for number in worth:
        if outputs[number].kind in ("ReLU", "Activation"):
            return number
    return worth[0]
