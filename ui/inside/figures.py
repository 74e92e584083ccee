"""The figures of the Inside page: a network's diagram, maps over a picture, bars and weights."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.explain.forward import Column, Connection, ForwardPass
from ui.figures.colours import AGAINST, FOR, diverging_scale
from ui.wording.layers import column_title

Values = NDArray[np.float32]

_QUIET = "var(--st-border-color)"
_WIDTHS = 4  # of lines: each width is one trace, and sixty traces would be slow
_SMALLEST, _LARGEST = 3.0, 15.0  # units, in pixels


def signed(value: float, decimals: int = 2) -> str:
    """Returns a number with its sign: "+1.20", "−0.35", "0.00"."""
    text = f"{value:+.{decimals}f}"
    return text[1:] if float(text) == 0 else text.replace("-", "−")


def diagram_figure(
    flow: ForwardPass,
    connections: Sequence[Connection],
    names: Sequence[Sequence[str]],
    decisive: Sequence[Connection] = (),
) -> dict[str, Any]:
    """Returns the units of a dense network in columns, and its strongest connections.

    Args:
        flow: the forward pass.
        connections: the lines to draw.
        names: for each column the name of each unit, for the hover text.
        decisive: the lines to draw bold, in front of the others. Defaults to none.
    """
    places = [_heights(len(column.values)) for column in flow.columns]
    bold = {(line.column, line.source, line.target) for line in decisive}
    others = [line for line in connections if (line.column, line.source, line.target) not in bold]
    traces = _lines(others, places, bold=not decisive)
    traces += _lines(decisive, places, bold=True)
    traces.append(_middles(flow, [*others, *decisive], places, names))
    for number, column in enumerate(flow.columns):
        last = number == len(flow.columns) - 1
        traces.append(_units(column, number, places[number], names[number], last=last))
    return {
        "data": traces,
        "layout": {
            "showlegend": False,
            "hovermode": "closest",
            "margin": {"t": 34, "b": 8, "l": 8, "r": 8},
            "xaxis": {
                "tickvals": list(range(len(flow.columns))),
                "ticktext": [
                    f"{column_title(column)}<br>{len(column.values)} units"
                    for column in flow.columns
                ],
                "side": "top",
                "range": [-0.3, len(flow.columns) - 0.7],
                "showgrid": False,
                "fixedrange": True,
            },
            "yaxis": {"visible": False, "range": [1.04, -0.04], "fixedrange": True},
        },
    }


def _heights(count: int) -> Values:
    """Returns the height of each unit of a column, 0 on top; a few units stand closer."""
    margin = max(0.0, 0.5 - count / 24) * 0.6
    return np.linspace(margin, 1 - margin, count, dtype=np.float32)


def _lines(
    connections: Sequence[Connection], places: Sequence[Values], *, bold: bool
) -> list[dict[str, Any]]:
    """Returns the lines, one trace for each sign and width; those that are not bold are faint."""
    largest = _largest_signals(connections)
    groups: dict[tuple[bool, int], tuple[list[float | None], list[float | None]]] = {}
    for line in connections:
        share = abs(line.signal) / largest[line.column]
        width = min(_WIDTHS, int(share * _WIDTHS) + 1)
        x, y = groups.setdefault((line.signal > 0, width), ([], []))
        x += [line.column, line.column + 1, None]
        y += [
            float(places[line.column][line.source]),
            float(places[line.column + 1][line.target]),
            None,
        ]
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "x": x,
            "y": y,
            "line": {
                "color": FOR if positive else AGAINST,
                "width": 1.2 * width + 0.6 if bold else 1,
                "dash": "solid" if positive else "dot",
            },
            "opacity": 0.35 + 0.15 * width if bold else 0.25,
            "hoverinfo": "skip",
        }
        for (positive, width), (x, y) in sorted(groups.items())
    ]


def _largest_signals(connections: Sequence[Connection]) -> dict[int, float]:
    largest: dict[int, float] = {}
    for line in connections:
        largest[line.column] = max(largest.get(line.column, 0.0), abs(line.signal))
    return largest


def _middles(
    flow: ForwardPass,
    connections: Sequence[Connection],
    places: Sequence[Values],
    names: Sequence[Sequence[str]],
) -> dict[str, Any]:
    """Returns invisible points on the lines, because Plotly shows hover text only at points."""
    x, y, texts = [], [], []
    for line in connections:
        value = float(flow.columns[line.column].values[line.source])
        text = (
            f"{names[line.column][line.source]} → {names[line.column + 1][line.target]}:"
            f" {value:.2f} × weight {signed(line.weight)} = {signed(line.signal)}"
        )
        start = float(places[line.column][line.source])
        end = float(places[line.column + 1][line.target])
        for share in (0.2, 0.35, 0.5, 0.65, 0.8):
            x.append(line.column + share)
            y.append(start + share * (end - start))
            texts.append(text)
    return {
        "type": "scatter",
        "mode": "markers",
        "x": x,
        "y": y,
        "text": texts,
        "marker": {"size": 9, "opacity": 0},
        "hovertemplate": "%{text}<extra></extra>",
    }


def _units(
    column: Column, number: int, heights: Values, names: Sequence[str], *, last: bool
) -> dict[str, Any]:
    values = column.values
    largest = max(float(np.abs(values).max()), 1e-9)
    sizes = _SMALLEST + (_LARGEST - _SMALLEST) * np.abs(values) / largest
    few = len(values) <= 12
    return {
        "type": "scatter",
        "mode": "markers+text" if few else "markers",
        "x": [number] * len(values),
        "y": heights,
        "text": list(names) if few else [],
        "textposition": "middle right" if last else "middle left",
        "customdata": [
            f"{name}: {signed(float(value))}" for name, value in zip(names, values, strict=True)
        ],
        "marker": {
            "size": sizes,
            "color": [FOR if value > 0 else AGAINST if value < 0 else _QUIET for value in values],
            "symbol": ["diamond" if value < 0 else "circle" for value in values],
            "opacity": 1,
            "line": {"color": "var(--st-background-color)", "width": 0.5},
        },
        "cliponaxis": False,
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def map_figure(
    values: Values,
    picture: Values,
    *,
    sweep: tuple[int, int] | None = None,
    answers: NDArray[np.int64] | None = None,
    classes: Sequence[str] = (),
) -> dict[str, Any]:
    """Returns a map of signed numbers as colours, with the outline of the ink on top.

    Args:
        values: float32, shape (rows, columns), as fine as the picture or coarser.
        picture: float32, shape (height, width), the input.
        sweep: step and side, in pixels, of the square behind each value. Defaults to cells that
            divide the picture evenly.
        answers: int64, shape of values: the class that is then read, for the hover text. Defaults
            to none.
        classes: the name of each class; goes with `answers`.
    """
    height, width = picture.shape
    rows = _extents(len(values), height, sweep)
    columns = _extents(values.shape[1], width, sweep)
    largest = max(float(np.abs(values).max()), 1e-6)
    texts = [
        [
            f"{_range('row', row)}, {_range('column', column)}: {signed(float(value), 3)}"
            + ("" if answers is None else f", then read as {classes[answers[i, j]]}")
            for j, (column, value) in enumerate(zip(columns, line, strict=True))
        ]
        for i, (row, line) in enumerate(zip(rows, values, strict=True))
    ]
    axis = {"visible": False, "fixedrange": True, "constrain": "domain"}
    return {
        "data": [
            {
                "type": "heatmap",
                "x": [(first + end) / 2 - 0.5 for first, end in columns],
                "y": [(first + end) / 2 - 0.5 for first, end in rows],
                "z": values,
                "zmin": -largest,
                "zmax": largest,
                "colorscale": diverging_scale(),
                "showscale": False,
                "text": texts,
                "hovertemplate": "%{text}<extra></extra>",
            },
            {
                "type": "contour",
                "x": list(range(width)),
                "y": list(range(height)),
                "z": picture,
                "contours": {"coloring": "none", "start": 0.5, "end": 0.5, "size": 1},
                "line": {"color": "var(--st-text-color)", "width": 1.5, "smoothing": 0},
                "showscale": False,
                "hoverinfo": "skip",
            },
        ],
        "layout": {
            "margin": {"t": 4, "b": 4, "l": 4, "r": 4},
            "xaxis": axis | {"range": [-0.5, width - 0.5]},
            "yaxis": axis | {"range": [height - 0.5, -0.5], "scaleanchor": "x"},
            "shapes": [
                {
                    "type": "rect",
                    **{"x0": -0.5, "x1": width - 0.5, "y0": -0.5, "y1": height - 0.5},
                    "line": {"color": _QUIET, "width": 1},
                }
            ],
        },
    }


def place_figure(values: Values, place: tuple[int, int, int, int], *, title: str) -> dict[str, Any]:
    """Returns a map of numbers as colours, with a frame around a place.

    Args:
        values: float32, shape (rows, columns).
        place: first row, first column, rows and columns of the frame; it may reach outside.
        title: of the figure.
    """
    rows, columns = values.shape
    top, left, height, width = place
    largest = max(float(np.abs(values).max()), 1e-6)
    axis = {"visible": False, "fixedrange": True, "constrain": "domain"}
    frame = {"x0": left - 0.5, "x1": left + width - 0.5, "y0": top - 0.5, "y1": top + height - 0.5}
    whole = {"x0": -0.5, "x1": columns - 0.5, "y0": -0.5, "y1": rows - 0.5}
    outside = max(1, (max(height, width) - 1) // 2)  # the window may reach that far
    return {
        "data": [
            {
                "type": "heatmap",
                "z": values,
                "zmin": -largest,
                "zmax": largest,
                "colorscale": diverging_scale(),
                "showscale": False,
                "text": [
                    [
                        f"row {row + 1}, column {column + 1}: {signed(float(value), 3)}"
                        for column, value in enumerate(line)
                    ]
                    for row, line in enumerate(values)
                ],
                "hovertemplate": "%{text}<extra></extra>",
            }
        ],
        "layout": {
            "title": {"text": title},
            "margin": {"t": 34, "b": 4, "l": 4, "r": 4},
            "xaxis": axis | {"range": [-0.5 - outside, columns - 0.5 + outside]},
            "yaxis": axis | {"range": [rows - 0.5 + outside, -0.5 - outside], "scaleanchor": "x"},
            "shapes": [
                {"type": "rect", **whole, "line": {"color": _QUIET, "width": 1}},
                {"type": "rect", **frame, "line": {"color": "var(--st-text-color)", "width": 3}},
            ],
        },
    }


def _extents(count: int, side: int, sweep: tuple[int, int] | None) -> list[tuple[float, float]]:
    """Returns where each cell begins and ends, in pixels of a side."""
    if sweep is not None:
        stride, patch = sweep
        return [(stride * n, stride * n + patch) for n in range(count)]
    return [(side * n / count, side * (n + 1) / count) for n in range(count)]


def _range(word: str, extent: tuple[float, float]) -> str:
    """Returns the pixels that a cell covers at least in part, counted from 1, in words."""
    first, last = math.floor(extent[0]) + 1, math.ceil(extent[1])
    return f"{word} {first}" if first == last else f"{word}s {first}–{last}"


def bars_figure(
    values: Values, labels: Sequence[str], *, title: str, value_title: str
) -> dict[str, Any]:
    """Returns one bar for each number, coloured by its sign."""
    return {
        "data": [
            {
                "type": "bar",
                "x": list(labels),
                "y": values,
                "marker": {"color": [AGAINST if value < 0 else FOR for value in values]},
                "hovertemplate": f"{title} %{{x}}: %{{y:.3f}}<extra></extra>",
            }
        ],
        "layout": {
            "xaxis": {"type": "category", "title": {"text": title}, "fixedrange": True},
            "yaxis": {"title": {"text": value_title}, "fixedrange": True, "zeroline": True},
            "showlegend": False,
            "margin": {"t": 12},
        },
    }


def weights_figure(
    weights: Values,
    *,
    rows: Sequence[str],
    columns: Sequence[str],
    row_title: str,
    column_title: str,
    joined: str = " to ",
) -> dict[str, Any]:
    """Returns a layer's weights as a table of colours.

    Args:
        weights: float32, shape (inputs, units).
        rows: the name of each input.
        columns: the name of each unit.
        row_title: what the inputs are.
        column_title: what the units are.
        joined: what stands between the names of row and column in the hover text.
    """
    largest = max(float(np.abs(weights).max()), 1e-9)
    return {
        "data": [
            {
                "type": "heatmap",
                "x": list(columns),
                "y": list(rows),
                "z": np.round(weights, 4),
                "zmin": -largest,
                "zmax": largest,
                "colorscale": diverging_scale(),
                "colorbar": {"outlinewidth": 0, "thickness": 12},
                "hovertemplate": f"%{{y}}{joined}%{{x}}: %{{z:.3f}}<extra></extra>",
            }
        ],
        "layout": {
            "xaxis": {"type": "category", "title": {"text": column_title}, "fixedrange": True},
            "yaxis": {
                "type": "category",
                "title": {"text": row_title},
                "autorange": "reversed",
                "fixedrange": True,
            },
            "margin": {"t": 12},
        },
    }
