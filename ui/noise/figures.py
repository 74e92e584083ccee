"""The figures of the Noise page."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.evaluation.robustness import NoisePoint
from core.metrics.accuracy import percent
from core.noise.base import Noise
from ui.figures.heat_map import heat_map

LINE = 44  # characters that fit under the curves on a phone
_MUTED = "var(--st-gray-color)"
_SYMBOLS = ("square", "diamond", "triangle-up", "x")  # of simple methods


@dataclass(frozen=True)
class Line:
    """An exact curve.

    Args:
        name: in the legend.
        values: accuracy in 0..1 at each level of the noise.
        dash: how the line is drawn.
    """

    name: str
    values: Sequence[float]
    dash: str = "solid"


def limits(curves: Mapping[str, Sequence[NoisePoint]], noise: Noise) -> tuple[Line, ...]:
    """Returns the best possible accuracy as a line, once it is known at every level, or nothing.

    Args:
        curves: the points measured so far by model.
        noise: the kind of noise.
    """
    best = {
        point.level: point.accuracy.best
        for points in curves.values()
        for point in points
        if point.accuracy.best is not None
    }
    if not best or not set(noise.levels) <= set(best):
        return ()
    return (Line("best possible", [best[level] for level in noise.levels], "dash"),)


def noise_figure(
    curves: Mapping[str, Sequence[NoisePoint]],
    *,
    level: float,
    noise: Noise,
    exact: Mapping[str, Sequence[float]],
    baselines: Sequence[Line] = (),
    simple_lines: Sequence[Line] = (),
    simple_points: Mapping[str, Sequence[NoisePoint]] | None = None,
) -> dict[str, Any]:
    """Returns a curve with its 95 % intervals for each model, and the slider's level marked.

    Args:
        curves: the points measured so far by model.
        level: where the slider stands.
        noise: the kind of noise.
        exact: by model, the exact accuracy at each of the noise's levels, where it is known.
        baselines: exact curves of rules that are not networks.
        simple_lines: exact curves of simple methods. Defaults to none.
        simple_points: points of simple methods measured so far, by name. Defaults to none.
    """
    traces: list[dict[str, Any]] = []
    for index, (name, points) in enumerate(curves.items()):
        color = f"var(--st-chart-categorical-colors)[{index}]"
        if name in exact:
            traces.append(_line(Line(name, exact[name]), noise, color) | {"legendgroup": name})
        traces.append(_measured(name, points, color, alone=name not in exact))
    for line in baselines:
        strong = line.dash == "dash"
        traces.append(_line(line, noise, "var(--st-text-color)" if strong else _MUTED))
    simple = [_line(line, noise, _MUTED) for line in simple_lines]
    simple += [
        _measured(name, points, _MUTED, alone=True)
        for name, points in (simple_points or {}).items()
    ]
    for trace, symbol in zip(simple, itertools.cycle(_SYMBOLS)):
        thin = {"color": _MUTED, "width": 1}
        marker = {"color": _MUTED, "size": 6, "symbol": symbol}
        traces.append(trace | {"mode": "lines+markers", "line": thin, "marker": marker})
    return {
        "data": traces,
        "layout": {
            "title": {"text": "Accuracy by noise level"},
            "xaxis": {
                "title": {"text": _level_title(noise)},
                "range": [-0.02 * noise.levels[-1], 1.02 * noise.levels[-1]],
                **_amounts(noise),
            },
            "yaxis": {"title": {"text": "accuracy (%)"}, "range": [0, 102]},
            "hovermode": "x unified",
            "margin": {"t": 32, "l": 8, "b": 8, "r": 44 if noise.amount(noise.levels[-1]) else 8},
            "uirevision": noise.name,
            "legend": {
                "xref": "container",
                "yref": "container",
                "y": 0,
                "yanchor": "bottom",
                "font": {"size": 12},
            },
            "showlegend": True,
            "shapes": [
                {
                    "type": "line",
                    "x0": level,
                    "x1": level,
                    "y0": 0,
                    "y1": 1,
                    "yref": "paper",
                    "line": {"color": "var(--st-primary-color)", "width": 2, "dash": "dot"},
                }
            ],
        },
    }


def _level_title(noise: Noise) -> str:
    """Returns one short line; where it says too little, the slider's label says the rest."""
    words = f"noise level: {noise.level_label}"
    return words if len(words) <= LINE and not noise.amount(noise.levels[-1]) else "noise level"


def _amounts(noise: Noise) -> dict[str, Any]:
    """Returns ticks with each level's amount below it, unless the level is the amount itself."""
    if not noise.amount(noise.levels[-1]):
        return {}
    ticks = [f"{level:g}<br>{noise.amount(level)}" if level else "0" for level in noise.levels]
    # The last one is wider than the margin: it would be left out.
    return {"tickvals": list(noise.levels), "ticktext": ticks, "ticklabeloverflow": "allow"}


def _line(line: Line, noise: Noise, color: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": line.name,
        "x": list(noise.levels),
        "y": [100 * value for value in line.values],
        "line": {"dash": line.dash, "color": color},
        "hovertemplate": f"{line.name}: %{{y:.2f}} %, exactly<extra></extra>",
    }


def _measured(
    name: str, points: Sequence[NoisePoint], color: str, *, alone: bool
) -> dict[str, Any]:
    values = [100 * point.accuracy.value for point in points]
    ends = [[100 * end for end in point.accuracy.interval] for point in points]
    return {
        "type": "scatter",
        "mode": "lines+markers" if alone else "markers",
        "name": name,
        "legendgroup": name,
        "showlegend": alone,
        "x": [point.level for point in points],
        "y": values,
        "customdata": ends,
        "line": {"color": color},
        "marker": {"color": color, "size": 6},
        "error_y": {
            "type": "data",
            "array": [high - value for value, (_, high) in zip(values, ends, strict=True)],
            "arrayminus": [value - low for value, (low, _) in zip(values, ends, strict=True)],
            "color": color,
            "thickness": 1,
            "width": 2,
        },
        "hovertemplate": (
            f"{name}: %{{y:.2f}} % measured"
            " (%{customdata[0]:.2f} to %{customdata[1]:.2f})<extra></extra>"
        ),
    }


def rates_figure(
    shares: NDArray[np.float64], classes: Sequence[str], *, title: str, noun: str = "digit"
) -> dict[str, Any]:
    """Returns a confusion matrix as a heat map.

    Args:
        shares: float64, shape (classes, classes): row c holds how often c gets each answer, 0..1.
        classes: their names.
        title: of the figure.
        noun: what a class is called. Defaults to "digit".
    """
    return heat_map(
        shares,
        rows=classes,
        columns=classes,
        title=title,
        row_title=f"true {noun}",
        column_title="read as",
        hover="true %{y}: %{z:.2f} % are read as %{x}",
        texts=[[f"{100 * share:.0f}" if share >= 0.005 else "" for share in row] for row in shares],
    )


def trade_figure(
    shares: NDArray[np.float64], models: Sequence[str], noises: Sequence[str]
) -> dict[str, Any]:
    """Returns a heat map of the share of the ceiling that each network reaches on each noise.

    Args:
        shares: float64, shape (models, noises): the worst share of the ceiling, 0..1.
        models: their names.
        noises: their titles; the last column may be the lowest of all.
    """
    return heat_map(
        shares,
        rows=models,
        columns=noises,
        title="Share of the best possible (%)",
        row_title="",
        column_title="tested on",
        hover="%{y} on %{x}: at least %{z:.2f} % of the best possible",
        texts=[[percent(share, 1).removesuffix(" %") for share in row] for row in shares],
        low=0.7,
    )
