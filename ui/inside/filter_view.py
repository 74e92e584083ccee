"""One feature map enlarged: what its filter sees at a place, and the sum that it makes of it."""

from __future__ import annotations

import re
from html import escape

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.explain.window import Convolution, Window
from ui.components.plot import plot
from ui.figures.colours import picture_of
from ui.inside.figures import place_figure, signed
from ui.session.settings import Setting, whole_number
from ui.wording.layers import layer_title

Values = NDArray[np.float32]

STRONGEST = 4  # input maps to choose from
MAX_SIDE = 1_000
_OPEN = re.compile(r"\d{1,3}\.\d{1,4}")

_STYLE = """
<style>
.digit-lab-sum { display: flex; flex-wrap: wrap; gap: 0.4rem 0.8rem; align-items: center;
  min-height: 9rem; }
.digit-lab-sum table { border-collapse: collapse; font-variant-numeric: tabular-nums;
  font-size: 0.74rem; }
.digit-lab-sum caption { font-size: 0.8rem; caption-side: top; text-align: left;
  white-space: nowrap; padding-bottom: 0.15rem; }
.digit-lab-sum td { width: 2.5rem; min-width: 2.5rem; height: 1.75rem; padding: 0;
  text-align: center; border: 1px solid rgba(128, 128, 128, 0.35); }
.digit-lab-sum.many td { width: 1.95rem; min-width: 1.95rem; height: 1.3rem; font-size: 0.62rem; }
@media (max-width: 640px) {
  .digit-lab-sum { gap: 0.25rem; }
  .digit-lab-sum td { width: 1.95rem; min-width: 1.95rem; font-size: 0.62rem; } }
.digit-lab-sum .sign { font-size: 1.2rem; }
</style>
"""


def parse_open(text: str) -> str:
    """Returns what a link says about the enlarged map, "layer.map", or raises ValueError."""
    if not _OPEN.fullmatch(text):
        raise ValueError(f"“{text[:40]}” is not a layer and a map, such as 2.7.")
    return text


OPEN = Setting("inside_open", str, "map", parse_open)
ROW = Setting("inside_row", lambda: 1, "row", whole_number(1, MAX_SIDE))
COLUMN = Setting("inside_column", lambda: 1, "column", whole_number(1, MAX_SIDE))


def opened(layer: int, maps: int) -> int | None:
    """Returns the index of the map that is enlarged in a layer, if it is one of its maps.

    Args:
        layer: the layer's index.
        maps: how many it has.
    """
    if not OPEN.get():
        return None
    in_layer, number = map(int, OPEN.get().split("."))
    return number - 1 if in_layer == layer + 1 and 0 < number <= maps else None


def opened_layer() -> int | None:
    """Returns the index of the layer whose map is enlarged."""
    return int(OPEN.get().split(".")[0]) - 1 if OPEN.get() else None


def enlarge(layer: int, index: int, values: Values) -> None:
    """Enlarges a map, with the window where it is strongest.

    Args:
        layer: index of the layer.
        index: of the map.
        values: float32, shape (rows, columns), the map.
    """
    OPEN.set(f"{layer + 1}.{index + 1}")
    row, column = divmod(int(np.abs(values).argmax()), values.shape[1])
    ROW.set(row + 1)
    COLUMN.set(column + 1)


def close() -> None:
    """Shows no map enlarged."""
    OPEN.set("")


def show_filter_at_work(found: Convolution, index: int) -> None:
    """Shows the window of a filter on its input, and how one number of the map comes about.

    Args:
        found: the convolution, and what is done with its numbers.
        index: of the filter and its map.
    """
    rows, columns = found.size
    ROW.set(min(ROW.get(), rows))
    COLUMN.set(min(COLUMN.get(), columns))
    title, closing = st.columns([2, 1], vertical_alignment="center")
    title.markdown(f"**Map {index + 1}: its filter at work**")
    closing.button(
        "Close", icon=":material/close:", on_click=close, key="inside_close_map", width="stretch"
    )
    shown = _choose_input_map(found, index)
    row, column = ROW.get() - 1, COLUMN.get() - 1
    window = found.window(index, row, column)
    height, width = window.values.shape[:2]
    left, right = st.columns(2)
    before = found.before[..., shown]
    with left:
        clicked = plot(
            place_figure(
                before,
                (window.top, window.left, height, width),
                title="Input and window" if found.source < 0 else f"Input map {shown + 1}, window",
            ),
            key="inside_window_input",
            label="Input of the layer, with the filter's window",
            description=f"The window begins at row {window.top + 1}, column {window.left + 1}.",
            height=230,
            on_click=True,
        )
        _go(clicked and found.place(_number(clicked, "y"), _number(clicked, "x")))
    with right:
        made = found.outputs[-1].values[..., index]
        clicked = plot(
            place_figure(made, (row, column, 1, 1), title=f"Map {index + 1} and its number"),
            key="inside_window_map",
            label="The map, with the number that is computed",
            description=f"Row {row + 1}, column {column + 1}: {signed(float(made[row, column]))}.",
            height=230,
            on_click=True,
        )
        _go(clicked and (round(_number(clicked, "y")), round(_number(clicked, "x"))))
    one, other = st.columns(2)
    if rows > 1:
        one.slider("Row of the map", 1, rows, **ROW.widget)
    if columns > 1:
        other.slider("Column of the map", 1, columns, **COLUMN.widget)
    st.html(_STYLE + sum_html(window, shown))
    st.markdown(result_words(found, window, index, row, column))


def _choose_input_map(found: Convolution, index: int) -> int:
    """Shows the input maps with the largest weights, if there are several; returns the chosen."""
    kernel = found.layer.weights[0][..., index]
    if kernel.shape[2] == 1:
        return 0
    strengths = np.abs(kernel).sum(axis=(0, 1))
    order = [int(each) for each in np.argsort(-strengths, kind="stable")[:STRONGEST]]
    return int(
        st.segmented_control(
            f"This filter adds up {kernel.shape[2]} input maps. Those with the largest weights:",
            order,
            default=order[0],
            required=True,
            format_func=lambda each: f"map {each + 1}",
            key=f"inside_input_map_{found.number}_{index}",
        )
    )


def _number(clicked: object, axis: str) -> float:
    value = clicked.get(axis) if hasattr(clicked, "get") else None
    return float(value) if isinstance(value, int | float) else 0.0


def _go(place: object) -> None:
    """Moves the window to a place that was clicked."""
    if isinstance(place, tuple) and place != (ROW.get() - 1, COLUMN.get() - 1):
        ROW.set(place[0] + 1)
        COLUMN.set(place[1] + 1)
        st.rerun()


def sum_html(window: Window, shown: int) -> str:
    """Returns the window's values, the weights and the products of one input map as tables."""
    values, weights = window.values[..., shown], window.weights[..., shown]
    largest = float(np.abs(window.weights).max())
    tables = (
        _table("Window", values, float(np.abs(values).max()), decimals=2),
        _table("Weights", weights, largest, decimals=2),
        _table("Products", values * weights, float(np.abs(values * weights).max()), decimals=2),
    )
    many = " many" if len(values) > 3 else ""
    return (
        f'<div class="digit-lab-sum{many}">{tables[0]}<span class="sign">×</span>{tables[1]}'
        f'<span class="sign">=</span>{tables[2]}</div>'
    )


def _table(title: str, values: Values, largest: float, *, decimals: int) -> str:
    colours = picture_of(values, largest)
    rows = "".join(
        "<tr>"
        + "".join(
            f'<td style="background:rgb({r},{g},{b});color:{_ink(r, g, b)}">'
            f"{signed(float(value), decimals)}</td>"
            for value, (r, g, b) in zip(line, colours[number].tolist(), strict=True)
        )
        + "</tr>"
        for number, line in enumerate(values)
    )
    return f"<table><caption>{escape(title)}</caption>{rows}</table>"


def _ink(red: int, green: int, blue: int) -> str:
    """Returns the colour of text that can be read on a colour."""
    return "#000" if 0.3 * red + 0.59 * green + 0.11 * blue > 110 else "#fff"


def result_words(found: Convolution, window: Window, index: int, row: int, column: int) -> str:
    """Says how the number comes from the products, as Markdown."""
    sums = window.sums
    count = window.values[..., 0].size
    if len(sums) == 1:
        parts = [f"Sum of the {count} products: **{signed(float(sums[0]), 3)}**"]
    else:
        order = np.argsort(-np.abs(sums), kind="stable")[:STRONGEST]
        named = ", ".join(f"map {each + 1} {signed(float(sums[each]), 3)}" for each in order)
        parts = [
            f"Sum of {count} products for each of {len(sums)} input maps:"
            f" **{signed(float(sums.sum()), 3)}** (most here: {named})"
        ]
    parts.append(f"bias {signed(window.bias, 3)}")
    text = f"{parts[0]}, plus {parts[1]}, makes **{signed(window.total, 3)}**."
    steps = []
    if found.layer.settings.get("activation") == "relu":
        steps.append(f"ReLU: {signed(max(window.total, 0.0), 3)}")
    steps += [
        f"{layer_title(output.kind)}: {signed(float(output.values[row, column, index]), 3)}"
        for output in found.outputs[1:]
    ]
    if steps:
        text += f" Then {' → '.join(steps)}."
    return f"{text} That is the number at row {row + 1}, column {column + 1} of the map."


def hint(layer: str, *, enlargeable: bool) -> str:
    """Says what a click on a map shows, where the enlarged one would be.

    Args:
        layer: title of the layer.
        enlargeable: whether its maps can be enlarged.
    """
    if enlargeable:
        return (
            "**Choose a map to see its filter at work:** the window that it looks through, its"
            " weights, and how every number is computed."
        )
    return (
        f"**{layer}** has no filter of its own. Choose a convolution, or the activation after it,"
        " to see one at work."
    )
