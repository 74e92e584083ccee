"""The plot of the Compare models page: any quantity against any other."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.evaluation.model_comparison import KINDS, QUANTITIES, Compared, Kind
from ui.figures.axes import LEGEND_BELOW, log_ticks

HEIGHT = 430
SYMBOLS: Mapping[Kind, str] = {
    "dense": "circle",
    "convolutional": "square",
    "recurrent": "triangle-up",
    "ensemble": "diamond",
    "simple": "x",
}
# In the theme's list; what has none is grey.
_COLORS: Mapping[Kind, int] = {"dense": 0, "convolutional": 1, "ensemble": 2, "recurrent": 3}
# About the size of the plot in pixels, to keep labels apart.
_PLOT = (640.0, 340.0)
_CHARACTER = (6.5, 16.0)
_Span = tuple[float, float]
_Box = tuple[float, float, float, float]  # left, right, bottom, top
_PLACES = {  # beside the point first: the bars go up and down
    "middle right": (1.0, 0.0),
    "middle left": (-1.0, 0.0),
    "top right": (1.0, 1.0),
    "bottom right": (1.0, -1.0),
    "top left": (-1.0, 1.0),
    "bottom left": (-1.0, -1.0),
    "top center": (0.0, 1.0),
    "bottom center": (0.0, -1.0),
}


@dataclass(frozen=True)
class Mark:
    """A model in the plot.

    Args:
        model: the model.
        x: value of the horizontal quantity, in its unit.
        y: value of the vertical quantity.
        x_interval: 95 % interval, or None if there is none.
        y_interval: the same for y.
    """

    model: Compared
    x: float
    y: float
    x_interval: tuple[float, float] | None
    y_interval: tuple[float, float] | None


def marks(models: Sequence[Compared], across: str, up: str) -> list[Mark]:
    """Returns a mark for every model with both quantities known.

    Args:
        models: the models.
        across: one of QUANTITIES, for the horizontal axis.
        up: the same for the vertical axis.
    """
    found = []
    for model in models:
        x, y = (QUANTITIES[name].value(model) for name in (across, up))
        if x is not None and y is not None:
            ends = (QUANTITIES[name].interval(model) for name in (across, up))
            found.append(Mark(model, x, y, *ends))
    return found


def compare_figure(
    models: Sequence[Compared], *, across: str, up: str, name: str
) -> dict[str, Any]:
    """Returns a point for every model, with a symbol for its kind and its 95 % interval.

    A hollow symbol means that the accuracy comes from the model's card.

    Args:
        models: the models.
        across: one of QUANTITIES, for the horizontal axis.
        up: the same for the vertical axis.
        name: of the comparison; a new name resets the zoom.
    """
    points = marks(models, across, up)
    uses_accuracy = "accuracy" in (across, up)
    ranges = (_range(points, across, across=True), _range(points, up, across=False))
    places = label_places(
        [(_span(mark, across, across=True), _span(mark, up, across=False)) for mark in points],
        ranges,
        [len(mark.model.name) for mark in points],
    )
    traces = []
    for kind in KINDS:
        for from_card in (False, True):
            chosen = [
                (mark, place)
                for mark, place in zip(points, places, strict=True)
                if mark.model.kind == kind and (uses_accuracy and mark.model.from_card) == from_card
            ]
            if chosen:
                traces.append(_trace(chosen, kind, across, up, from_card=from_card))
    return {
        "data": traces,
        "layout": {
            "title": {"text": f"{_title(up)} by {_title(across, small=True)}"},
            "xaxis": _axis(across, ranges[0]),
            "yaxis": _axis(up, ranges[1]),
            "legend": LEGEND_BELOW,
            "showlegend": True,
            "hovermode": "closest",
            "uirevision": f"{name} {across} {up}",
        },
    }


def description(models: Sequence[Compared], across: str, up: str) -> str:
    """Describes the plot point by point, for screen readers."""
    parts = []
    for mark in marks(models, across, up):
        x, y = (
            f"{QUANTITIES[name].title} {_number(value, name)}"
            for name, value in ((across, mark.x), (up, mark.y))
        )
        parts.append(f"{mark.model.name} ({mark.model.kind}): {x}, {y}")
    return "; ".join(parts) + "." if parts else "No model has both numbers yet."


def label_places(
    marks_on_axes: Sequence[tuple[_Span, _Span]],
    ranges: tuple[_Span, _Span],
    lengths: Sequence[int],
) -> list[str]:
    """Returns the place of each point's label that hides the least of other labels and bars.

    Args:
        marks_on_axes: the extent of each point with its bars, across and up, in axis units:
            logarithms on a logarithmic axis.
        ranges: of the two axes.
        lengths: of the labels, in characters.

    Returns:
        A Plotly `textposition` for each.
    """

    def pixels(value: float, axis: int) -> float:
        low, high = ranges[axis]
        return (value - low) / (high - low) * _PLOT[axis]

    frame = (0.0, _PLOT[0], 0.0, _PLOT[1])
    bars: list[_Box] = [
        (pixels(x[0], 0) - 7, pixels(x[1], 0) + 7, pixels(y[0], 1) - 7, pixels(y[1], 1) + 7)
        for x, y in marks_on_axes
    ]
    labels: list[_Box] = []
    places = []
    for bar, length in zip(bars, lengths, strict=True):
        x, y = (bar[0] + bar[1]) / 2, (bar[2] + bar[3]) / 2
        boxes = {place: _label_box(x, y, length, *side) for place, side in _PLACES.items()}

        def hidden(place: str, boxes: Mapping[str, _Box] = boxes) -> float:
            box = boxes[place]
            outside = _area(box) - _covered(box, frame)
            return outside + sum(_covered(box, other) for other in (*bars, *labels))

        place = min(boxes, key=hidden)
        labels.append(boxes[place])
        places.append(place)
    return places


def _label_box(x: float, y: float, length: int, right: float, above: float) -> _Box:
    half_width, half_height = length * _CHARACTER[0] / 2, _CHARACTER[1] / 2
    middle_x = x + right * (half_width + 10)
    middle_y = y + above * (half_height + 10)
    return (
        middle_x - half_width,
        middle_x + half_width,
        middle_y - half_height,
        middle_y + half_height,
    )


def _area(box: _Box) -> float:
    return (box[1] - box[0]) * (box[3] - box[2])


def _covered(one: _Box, other: _Box) -> float:
    width = min(one[1], other[1]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[2], other[2])
    return max(0.0, width) * max(0.0, height)


def _trace(
    chosen: Sequence[tuple[Mark, str]], kind: Kind, across: str, up: str, *, from_card: bool
) -> dict[str, Any]:
    color = "var(--st-gray-color)"
    if kind in _COLORS:
        color = f"var(--st-chart-categorical-colors)[{_COLORS[kind]}]"
    points = [mark for mark, _ in chosen]
    trace: dict[str, Any] = {
        "type": "scatter",
        "mode": "markers+text",
        "name": f"{kind}, from its card" if from_card else kind,
        "x": [mark.x for mark in points],
        "y": [mark.y for mark in points],
        "text": [mark.model.name for mark in points],
        "textposition": [place for _, place in chosen],
        "cliponaxis": False,
        "marker": {
            "color": color,
            "symbol": SYMBOLS[kind] + "-open" * from_card,
            "size": 12,
            "line": {"width": 2, "color": color},
        },
        "hovertext": [_in_words(mark, across, up) for mark in points],
        "hoverinfo": "text",
    }
    for axis in ("x", "y"):
        ends = [mark.x_interval if axis == "x" else mark.y_interval for mark in points]
        if any(ends):
            values = trace[axis]
            trace[f"error_{axis}"] = {
                "type": "data",
                "array": [e[1] - v if e else 0 for e, v in zip(ends, values, strict=True)],
                "arrayminus": [v - e[0] if e else 0 for e, v in zip(ends, values, strict=True)],
                "color": color,
                "thickness": 1.5,
                "width": 4,
            }
    return trace


def _span(mark: Mark, name: str, *, across: bool) -> _Span:
    """Returns the extent of a point with its bar, in axis units."""
    value, ends = (mark.x, mark.x_interval) if across else (mark.y, mark.y_interval)
    low, high = ends or (value, value)
    return _on_axis(low, name), _on_axis(high, name)


def _range(points: Sequence[Mark], name: str, *, across: bool) -> _Span:
    """Returns an axis' range, with room around the points for their labels."""
    spans = [_span(mark, name, across=across) for mark in points] or [(0.0, 1.0)]
    low, high = min(span[0] for span in spans), max(span[1] for span in spans)
    room = 0.12 * (high - low) or 0.5
    return low - room, high + room


def _axis(name: str, ends: _Span) -> dict[str, Any]:
    axis: dict[str, Any] = {"title": {"text": _axis_title(name)}, "range": list(ends)}
    if QUANTITIES[name].logarithmic:
        axis |= {"type": "log", **log_ticks(*ends)}
    return axis


def _axis_title(name: str) -> str:
    title = QUANTITIES[name].title
    return f"{title}, logarithmic" if QUANTITIES[name].logarithmic else title


def _title(name: str, *, small: bool = False) -> str:
    text = QUANTITIES[name].title.partition(" (")[0]
    return text if small else text[0].upper() + text[1:]


def _on_axis(value: float, name: str) -> float:
    if not QUANTITIES[name].logarithmic:
        return value
    return math.log10(max(value, 1e-6))


def _in_words(mark: Mark, across: str, up: str) -> str:
    lines = [f"<b>{mark.model.name}</b> ({mark.model.kind})"]
    for name, value, ends in (
        (across, mark.x, mark.x_interval),
        (up, mark.y, mark.y_interval),
    ):
        line = f"{QUANTITIES[name].title}: {_number(value, name)}"
        if ends and ends[0] < ends[1]:
            # A line of its own: a phone has no room for a wide box.
            line += f"<br>95 % interval {_number(ends[0], name)} to {_number(ends[1], name)}"
        if name == "accuracy" and mark.model.from_card:
            line += "<br>from its card"
        if ends and ends[0] == ends[1]:
            line += ", exact"
        lines.append(line)
    return "<br>".join(lines)


def _number(value: float, name: str) -> str:
    return f"{value:,.{QUANTITIES[name].decimals}f}"
