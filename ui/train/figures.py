"""The figures that move while a network trains, and those that compare runs."""

from __future__ import annotations

import html
import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any

from core.training.events import EpochDone
from core.training.history import History
from ui.figures.axes import LEGEND_BELOW

_TRAINING = {"color": "var(--st-primary-color)"}
_VALIDATION = {"color": "var(--st-text-color)", "dash": "dash"}
_QUIET = {"color": "var(--st-text-color)", "dash": "dot", "width": 1}
_COLORS = 6  # the theme's; after them they begin again, with other markers
_CLOSE = 0.06  # of accuracy: words at two lines that are nearer would lie on each other
_SYMBOLS = ("circle", "diamond-open")
# The legend's largest share of the chart's height. A longer one scrolls and leaves the curves room.
_LEGEND_SHARE = 0.25

_EMPTY_RANGES = {"accuracy": [0, 100], "loss": [0, 2.5]}
_EXPECTED = {
    "accuracy": "Here you will see how many<br>examples the network gets right.",
    "loss": "Here you will see how far off<br>its answers are: lower is better.",
}

UNITS = {"accuracy": (100, "accuracy (%)", ".2f"), "loss": (1, "loss (nats)", ".4f")}


def learning_curve(
    history: History, *, quantity: str, run: str, simple: Mapping[str, float] | None = None
) -> dict[str, Any]:
    """Returns the curve of one quantity on training and validation data.

    Args:
        history: the run so far.
        quantity: "loss" or "accuracy".
        run: names the run; the zoom is kept until it changes.
        simple: accuracy of simple methods on the validation data, 0..1, by title; each is a level
            line in the curve of the accuracy. Defaults to none.
    """
    scale, axis, digits = UNITS[quantity]
    batches = history.started.batches if history.started else 1
    # The axis grows with the run, because a long one would start squeezed into a corner.
    shown = min(history.epochs_wanted, max(10, math.ceil(1.25 * history.epoch)))
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": "training, newest batches",
            "showlegend": False,
            **_with_gaps(
                [batch.epoch - 1 + batch.batch / batches for batch in history.batches],
                [scale * getattr(batch, quantity) for batch in history.batches],
            ),
            "line": _TRAINING | {"width": 1},
            "opacity": 0.5,
            "hovertemplate": f"newest batches: %{{y:{digits}}}<extra></extra>",
        },
        _by_epoch("training", history.epochs, quantity, quantity, _TRAINING),
        _by_epoch("validation", history.epochs, quantity, f"val_{quantity}", _VALIDATION),
    ]
    ceiling = history.started.best_accuracy if history.started else None
    if quantity == "accuracy" and ceiling is not None:
        traces.append(_ceiling(ceiling, shown))
    levels = dict(simple or {}) if quantity == "accuracy" else {}
    traces += [_level_line(title, value, shown) for title, value in levels.items()]
    best = history.best_epoch
    if best:
        traces.append(_best_mark(history.epochs[best - 1], quantity))
    yaxis: dict[str, Any] = {"title": {"text": axis}}
    annotations = []
    if quantity == "accuracy" and ceiling is not None:
        annotations.append(_ceiling_words(ceiling, shown))
    annotations += _level_words(levels, ceiling)
    if not history.batches and not history.epochs:
        yaxis["range"] = _EMPTY_RANGES[quantity]
        annotations.append(_centred(_EXPECTED[quantity]))
    shapes = [_rate_line(change.step / batches) for change in history.changes]
    return {
        "data": traces,
        "layout": {
            "title": {"text": quantity.capitalize()},
            "xaxis": {"title": {"text": "epoch"}, "range": [0, shown]},
            "yaxis": yaxis,
            "annotations": annotations,
            "hovermode": "x unified",
            "showlegend": True,
            "legend": LEGEND_BELOW | {"x": -0.1, "font": {"size": 12}},
            "uirevision": run,
            "margin": {"t": 40},
            "shapes": shapes,
        },
    }


def compare_curves(
    runs: Mapping[str, History], *, quantity: str, simple: Mapping[str, float] | None = None
) -> dict[str, Any]:
    """Returns several runs' curves of one quantity: validation as lines, training dotted.

    Each run has one entry in the legend and one line under the mouse, which leaves room for many.

    Args:
        runs: histories keyed by plain-text name, in the order of the legend.
        quantity: "loss" or "accuracy".
        simple: accuracy of simple methods, as for `learning_curve`. Defaults to none.
    """
    _, axis, digits = UNITS[quantity]
    traces = []
    for index, (words, history) in enumerate(runs.items()):
        color = f"var(--st-chart-categorical-colors)[{index % _COLORS}]"
        # Plotly reads names as HTML, and a person may type anything.
        group = {"name": html.escape(words, quote=False), "legendgroup": str(index)}
        dotted = {"color": color, "dash": "dot", "width": 1}
        validation = _by_epoch("", history.epochs, quantity, f"val_{quantity}", {"color": color})
        training = _by_epoch("", history.epochs, quantity, quantity, dotted)
        symbol = _SYMBOLS[index // _COLORS % len(_SYMBOLS)]
        traces.append(
            validation
            | group
            | {
                "marker": {"size": 7 if index >= _COLORS else 5, "symbol": symbol},
                "customdata": training["y"],
                "hovertemplate": f"%{{fullData.name}}: %{{y:{digits}}}"
                f" (training %{{customdata:{digits}}})<extra></extra>",
            }
        )
        quiet = {"mode": "lines", "showlegend": False, "hoverinfo": "skip", "hovertemplate": None}
        traces.append(training | group | quiet)
    levels = dict(simple or {}) if quantity == "accuracy" else {}
    longest = max((len(history.epochs) for history in runs.values()), default=0)
    traces += [_level_line(title, value, max(1, longest)) for title, value in levels.items()]
    return {
        "data": traces,
        "layout": {
            "title": {"text": quantity.capitalize()},
            "xaxis": {"title": {"text": "epoch"}},
            "yaxis": {"title": {"text": axis}},
            "annotations": _level_words(levels, None),
            "hovermode": "x unified",
            "hoverlabel": {"font": {"size": 12}},
            "showlegend": True,
            "legend": LEGEND_BELOW | {"maxheight": _LEGEND_SHARE, "font": {"size": 12}},
            "uirevision": "|".join(runs),
            "margin": {"t": 40},
        },
    }


def _by_epoch(
    name: str, epochs: Sequence[EpochDone], quantity: str, field: str, line: dict[str, Any]
) -> dict[str, Any]:
    scale, _, digits = UNITS[quantity]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": [epoch.epoch for epoch in epochs],
        "y": [scale * getattr(epoch, field) for epoch in epochs],
        "line": line,
        "marker": {"size": 5},
        "hovertemplate": f"{name}: %{{y:{digits}}}<extra></extra>",
    }


def _ceiling(accuracy: float, epochs: int) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": f"best possible on average, {100 * accuracy:.2f} %",
        "x": [0, epochs],
        "y": [100 * accuracy] * 2,
        "line": _QUIET,
        "showlegend": False,
        "hoverinfo": "skip",
    }


def _ceiling_words(accuracy: float, epochs: int) -> dict[str, Any]:
    """Writes beside the line what it is, which leaves the legend one row."""
    return {
        "text": f"best possible on average, {100 * accuracy:.2f} %",
        "x": epochs,
        "xanchor": "right",
        "y": 100 * accuracy,
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"size": 12},
    }


def _level_line(title: str, accuracy: float, epochs: int) -> dict[str, Any]:
    """Draws a thin line at what a simple method reaches; each epoch has a point to hover over."""
    return {
        "type": "scatter",
        "mode": "lines",
        "name": title.lower(),
        "x": list(range(epochs + 1)),
        "y": [100 * accuracy] * (epochs + 1),
        "line": {"color": "var(--st-gray-color)", "width": 1},
        "showlegend": False,
        "hovertemplate": f"{title.lower()}: %{{y:.2f}}<extra></extra>",
    }


def _level_words(levels: Mapping[str, float], ceiling: float | None) -> list[dict[str, Any]]:
    """Names the lines where they begin; those that are close share their words.

    Near the ceiling they stand below their line, as its own words stand above it.
    """
    groups: list[tuple[float, list[str]]] = []
    for title, value in sorted(levels.items(), key=lambda level: -level[1]):
        if groups and groups[-1][0] - value < _CLOSE:
            groups[-1][1].append(title.lower())
        else:
            groups.append((value, [title.lower()]))
    return [
        {
            "text": ", ".join(titles),
            "x": 0,
            "xanchor": "left",
            "y": 100 * value,
            "yanchor": "top" if ceiling and abs(ceiling - value) < _CLOSE else "bottom",
            "showarrow": False,
            "font": {"size": 11, "color": "var(--st-gray-color)"},
        }
        for value, titles in groups
    ]


def _centred(text: str) -> dict[str, Any]:
    """Writes a sentence into the middle of an empty chart."""
    middle = {"x": 0.5, "y": 0.5, "xref": "paper", "yref": "paper"}
    return {"text": text, "showarrow": False, **middle}


def _with_gaps(x: Sequence[float], y: Sequence[float]) -> dict[str, list[float | None]]:
    """Returns a line's points, parted where nothing is known of more than an epoch.

    Whoever opens a run under way is not told of all its batches, and a straight line through what
    is missing would be made up.
    """
    shown: dict[str, list[float | None]] = {"x": [], "y": []}
    steps = sorted(after - before for before, after in itertools.pairwise(x))
    longest = max(1.0, 3 * steps[len(steps) // 2]) if steps else 1.0
    for place, value in zip(x, y, strict=True):
        last = shown["x"][-1] if shown["x"] else None
        if last is not None and place - last > longest:
            shown["x"].append(place)
            shown["y"].append(None)
        shown["x"].append(place)
        shown["y"].append(value)
    return shown


def _best_mark(epoch: EpochDone, quantity: str) -> dict[str, Any]:
    scale, _, _ = UNITS[quantity]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": f"best epoch: {epoch.epoch}",
        "x": [epoch.epoch],
        "y": [scale * getattr(epoch, f"val_{quantity}")],
        "marker": {"symbol": "star", "size": 13, "color": "var(--st-text-color)"},
        "cliponaxis": False,
        "hovertemplate": "lowest validation loss so far<extra></extra>",
    }


def _rate_line(place: float) -> dict[str, Any]:
    """Marks where the person chose another learning rate."""
    return {
        "type": "line",
        "x0": place,
        "x1": place,
        "y0": 0,
        "y1": 1,
        "yref": "paper",
        "line": _QUIET,
    }
