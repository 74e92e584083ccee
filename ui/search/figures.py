"""The figures of a search: each from the numbers of `core.search.results`."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from core.search.config import SearchConfig
from core.search.results import best_trial, courses, front, story
from core.search.space import Dimension, Range
from core.search.trial import Trial
from ui.figures.axes import LEGEND_BELOW, log_ticks
from ui.wording.search import (
    STATES,
    objective_title,
    parameter_words,
    setting_title,
    settings_words,
    value_words,
)

_MAIN = "var(--st-primary-color)"
_QUIET = "var(--st-text-color)"
_SECOND = "var(--st-chart-categorical-colors)[1]"
_MARGIN = {"t": 40}
FEW_EPOCHS = 10  # so many have a tick each
COSTS = {"weights": "parameters", "seconds": "training time (s)"}


def history_figure(
    config: SearchConfig, trials: Sequence[Trial], *, name: str, ceiling: float | None = None
) -> dict[str, Any]:
    """Returns each complete trial as a point, and the best so far as a line.

    Args:
        config: the search.
        trials: all of it, by number.
        name: of the search; a new one resets the zoom.
        ceiling: accuracy that no classifier can beat, 0..1. Defaults to unknown.
    """
    steps = story(config, trials)
    numbers = [step.number + 1 for step in steps]
    by_number = {trial.number: trial for trial in trials}
    traces = [
        {
            "type": "scatter",
            "mode": "markers",
            "name": "a complete run",
            "x": numbers,
            "y": [_scaled(config, step.value) for step in steps],
            "marker": {"size": 8, "color": _QUIET, "opacity": 0.6},
            "hovertext": [_hover(config, by_number[step.number]) for step in steps],
            "hoverinfo": "text",
            "customdata": [step.number for step in steps],
        },
        {
            "type": "scatter",
            "mode": "lines",
            "name": "best so far",
            "x": numbers,
            "y": [_scaled(config, step.best) for step in steps],
            "line": {"color": _MAIN, "shape": "hv", "width": 2},
            "hovertemplate": f"best so far: %{{y:{_digits(config)}}}<extra></extra>",
        },
    ]
    last = max(10, len(trials)) + 0.5
    if ceiling is not None and config.maximize:
        traces.append(_ceiling(ceiling, [0.5, last]))
    return _figure(
        "History",
        traces,
        {"title": {"text": "run"}, "range": [0.5, last]},
        _value_axis(config, empty=not steps),
        name,
    )


def courses_figure(config: SearchConfig, trials: Sequence[Trial], *, name: str) -> dict[str, Any]:
    """Returns a line for each trial, epoch by epoch; those ended early are dotted.

    Args:
        config: the search.
        trials: all of it, by number.
        name: of the search; a new one resets the zoom.
    """
    best = best_trial(config, trials)
    traces = []
    shown: set[str] = set()
    for course in courses(config, trials):
        early = course.state in ("pruned", "stopped")
        is_best = best is not None and course.number == best.number
        kind = "best" if is_best else "ended early" if early else "others"
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers" if len(course.values) == 1 else "lines",
                "name": kind,
                "legendgroup": kind,
                "showlegend": kind not in shown,
                "x": list(range(1, len(course.values) + 1)),
                "y": [_scaled(config, value) for value in course.values],
                "line": {
                    "color": _MAIN if is_best else _SECOND if early else _QUIET,
                    "dash": "dot" if early else "solid",
                    "width": 3 if is_best else 1,
                },
                "opacity": 1 if is_best else 0.6,
                "hovertemplate": f"run {course.number + 1}, epoch %{{x}}:"
                f" %{{y:{_digits(config)}}}<extra></extra>",
            }
        )
        shown.add(kind)
    traces.sort(key=lambda trace: trace["name"] == "best")  # on top of the others
    return _figure(
        "Every run, epoch by epoch",
        traces,
        {
            "title": {"text": "epoch"},
            "range": [0.5, config.base.epochs + 0.5],
            **({"dtick": 1} if config.base.epochs <= FEW_EPOCHS else {}),
        },
        _value_axis(config, empty=not traces),
        name,
    )


def slice_figure(
    config: SearchConfig, trials: Sequence[Trial], setting: str, *, name: str
) -> dict[str, Any]:
    """Returns the complete trials by one of their settings.

    Args:
        config: the search.
        trials: all of it, by number.
        setting: one that varies.
        name: of the search; a new one resets the zoom.
    """
    dimension = next(each for each in config.space.dimensions if each.name == setting)
    best = best_trial(config, trials)
    # The best one last, so that it lies on top.
    complete = sorted(_complete(config, trials), key=lambda trial: trial is best)
    axis: dict[str, Any] = {"title": {"text": setting_title(setting).lower()}}
    if not isinstance(dimension, Range):
        words = [parameter_words(value) for value in dimension.values]
        axis |= {"type": "category", "categoryorder": "array", "categoryarray": words}
    elif dimension.log:
        low, high = math.log10(dimension.low), math.log10(dimension.high)
        axis |= {"type": "log", "range": [low, high], **_powers(low, high)}
        axis["title"]["text"] += ", logarithmic"
    trace = {
        "type": "scatter",
        "mode": "markers",
        "name": "a complete run",
        "x": [_place(trial.parameters[setting]) for trial in complete],
        "y": [_scaled(config, _value(config, trial)) for trial in complete],
        "marker": {
            "size": [13 if trial is best else 8 for trial in complete],
            "color": [_MAIN if trial is best else _QUIET for trial in complete],
            "symbol": ["star" if trial is best else "circle" for trial in complete],
            "opacity": 0.7,
        },
        "hovertext": [_hover(config, trial) for trial in complete],
        "hoverinfo": "text",
        "customdata": [trial.number for trial in complete],
    }
    title = f"By {setting_title(setting).lower()}"
    y = _value_axis(config, empty=not complete)
    return _figure(title, [trace], axis, y, f"{name} {setting}", legend=False)


def parallel_figure(config: SearchConfig, trials: Sequence[Trial], *, name: str) -> dict[str, Any]:
    """Returns a line for each complete trial through all its settings to what came of it.

    Args:
        config: the search.
        trials: all of it, by number.
        name: of the search.
    """
    complete = _complete(config, trials)
    values = [_scaled(config, _value(config, trial)) for trial in complete]
    axes = [_parallel_axis(each, complete) for each in config.space.dimensions]
    axes.append({"label": objective_title(config).partition(" (")[0], "values": values})
    trace = {
        "type": "parcoords",
        "dimensions": axes,
        "line": {
            "color": values,
            "colorscale": [
                [n / 9, f"var(--st-chart-sequential-colors)[{n if config.maximize else 9 - n}]"]
                for n in range(10)
            ],
            "showscale": False,
        },
        "labelangle": 20,  # side by side they would touch on a phone
        "labelside": "bottom",
        "labelfont": {"size": 12},
    }
    return {
        "data": [trace],
        "layout": {
            "title": {"text": "All settings at once"},
            "margin": {"t": 70, "l": 60, "r": 60, "b": 80},
            "uirevision": name,
        },
    }


def importance_figure(shares: Mapping[str, float], *, name: str) -> dict[str, Any]:
    """Returns a bar for each setting, the most important on top.

    Args:
        shares: of each setting, 0..1; see `core.search.study.importance`.
        name: of the search.
    """
    ordered = sorted(shares.items(), key=lambda item: item[1])
    trace = {
        "type": "bar",
        "orientation": "h",
        "name": "importance",
        "x": [100 * share for _, share in ordered],
        "y": [setting_title(setting) for setting, _ in ordered],
        "marker": {"color": _MAIN},
        "hovertemplate": "%{y}: %{x:.0f} %<extra></extra>",
    }
    x = {"title": {"text": "share of the differences it explains (%)"}, "range": [0, 100]}
    y = {"automargin": True, "visible": bool(ordered)}
    return _figure("What mattered", [trace], x, y, name, legend=False)


def front_figure(
    config: SearchConfig,
    trials: Sequence[Trial],
    *,
    cost: str,
    name: str,
    ceiling: float | None = None,
) -> dict[str, Any]:
    """Returns accuracy by cost, with the line of what none beats.

    Args:
        config: the search.
        trials: all of it, by number.
        cost: one of COSTS.
        name: of the search; a new one resets the zoom.
        ceiling: accuracy that no classifier can beat, 0..1. Defaults to unknown.
    """
    complete = _complete(config, trials)
    best = front(trials, cost=cost)
    costs = [max(getattr(trial, cost), 0.1) for trial in complete]
    axis: dict[str, Any] = {"title": {"text": f"{COSTS[cost]}, logarithmic"}, "type": "log"}
    if costs:
        low, high = math.log10(min(costs)), math.log10(max(costs))
        room = 0.08 * (high - low) or 0.3
        axis |= {"range": [low - room, high + room], **log_ticks(low - room, high + room)}
    traces = [
        {
            "type": "scatter",
            "mode": "markers",
            "name": "a complete run",
            "x": costs,
            "y": [100 * (trial.accuracy or 0) for trial in complete],
            "marker": {"size": 8, "color": _QUIET, "opacity": 0.6},
            "hovertext": [_hover(config, trial) for trial in complete],
            "hoverinfo": "text",
            "customdata": [trial.number for trial in complete],
        },
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": "none is better at this cost",
            "x": [max(getattr(trial, cost), 0.1) for trial in best],
            "y": [100 * (trial.accuracy or 0) for trial in best],
            "line": {"color": _MAIN, "shape": "hv", "width": 2},
            "marker": {"size": 9, "color": _MAIN},
            "hoverinfo": "skip",
        },
    ]
    if ceiling is not None and costs:
        traces.append(_ceiling(ceiling, [10**end for end in axis["range"]]))
    y: dict[str, Any] = {"title": {"text": "validation accuracy (%)"}}
    if not costs:
        y["range"] = [0, 100]
    return _figure("Accuracy and its cost", traces, axis, y, f"{name} {cost}")


def _place(value: int | float | str) -> int | float | str:
    return parameter_words(value) if isinstance(value, str) else value


def _value_axis(config: SearchConfig, *, empty: bool) -> dict[str, Any]:
    axis: dict[str, Any] = {"title": {"text": objective_title(config)}}
    if empty:
        axis["range"] = [0, 100] if config.maximize else [0, 2.5]
    return axis


def _ceiling(ceiling: float, ends: Sequence[float]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "best possible on average",
        "x": list(ends),
        "y": [100 * ceiling] * 2,
        "line": {"color": _QUIET, "dash": "dot", "width": 1},
        "hovertemplate": "best possible on average: %{y:.2f} %<extra></extra>",
    }


def _figure(
    title: str,
    traces: list[dict[str, Any]],
    x: dict[str, Any],
    y: dict[str, Any],
    name: str,
    *,
    legend: bool = True,
) -> dict[str, Any]:
    return {
        "data": traces,
        "layout": {
            "title": {"text": title},
            "xaxis": x,
            "yaxis": y,
            "showlegend": legend,
            "legend": LEGEND_BELOW,
            "hovermode": "closest",
            "margin": _MARGIN,
            "uirevision": name,
        },
    }


def _parallel_axis(dimension: Dimension, trials: Sequence[Trial]) -> dict[str, Any]:
    found = [trial.parameters[dimension.name] for trial in trials]
    label = setting_title(dimension.name)
    if not isinstance(dimension, Range):
        places = [dimension.values.index(str(value)) for value in found]
        places_of = range(len(dimension.values))
        return {
            "label": label,
            "values": places,
            "tickvals": list(places_of),
            "ticktext": [parameter_words(value) for value in dimension.values],
            "range": [-0.2, len(places_of) - 0.8],
        }
    if not dimension.log:
        return {
            "label": label,
            "values": [float(value) for value in found],
            "range": [dimension.low, dimension.high],
        }
    low, high = math.log10(dimension.low), math.log10(dimension.high)
    ticks = _powers(low, high)
    powers = map(math.log10, ticks["tickvals"])
    inside = [
        (place, words)
        for place, words in zip(powers, ticks["ticktext"], strict=True)
        if low - 1e-9 <= place <= high + 1e-9
    ]
    return {
        "label": label,
        "values": [math.log10(float(value)) for value in found],
        "range": [low, high],
        "tickvals": [place for place, _ in inside],
        "ticktext": [words for _, words in inside],
    }


def _powers(low: float, high: float) -> dict[str, Any]:
    """Returns ticks for a logarithmic axis: powers of ten where there are several."""
    whole = range(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1)
    if len(whole) < 2:
        return log_ticks(low, high)
    return {
        "tickvals": [10.0**power for power in whole],
        "ticktext": [f"{10.0**power:g}" for power in whole],
    }


def _complete(config: SearchConfig, trials: Sequence[Trial]) -> list[Trial]:
    return [
        trial for trial in trials if trial.state == "complete" and trial.value(config) is not None
    ]


def _value(config: SearchConfig, trial: Trial) -> float:
    value = trial.value(config)
    assert value is not None  # of a complete one
    return value


def _scaled(config: SearchConfig, value: float) -> float:
    return 100 * value if config.maximize else value


def _digits(config: SearchConfig) -> str:
    return ".2f" if config.maximize else ".4f"


def _hover(config: SearchConfig, trial: Trial) -> str:
    lines = [
        f"<b>run {trial.number + 1}</b>, {STATES[trial.state]}",
        f"{objective_title(config).partition(' (')[0].lower()}:"
        f" {value_words(config, _value(config, trial))}",
        f"{parameter_words(trial.weights)} parameters, {trial.seconds:.0f} s",
        *settings_words(trial).split(", "),
    ]
    return "<br>".join(lines)
