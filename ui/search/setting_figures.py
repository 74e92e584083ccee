"""What comes of which settings: by one of them, by all at once, and how much each matters."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from core.search.config import SearchConfig
from core.search.results import best_trial
from core.search.space import Dimension, Range
from core.search.trial import Trial
from ui.search.parts import (
    MAIN,
    QUIET,
    complete_trials,
    figure,
    hover,
    power_ticks,
    scaled,
    value_axis,
    value_of,
)
from ui.wording.search import objective_title, parameter_words, setting_title


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
    complete = sorted(complete_trials(config, trials), key=lambda trial: trial is best)
    axis: dict[str, Any] = {"title": {"text": setting_title(setting).lower()}}
    if not isinstance(dimension, Range):
        words = [parameter_words(value) for value in dimension.values]
        axis |= {"type": "category", "categoryorder": "array", "categoryarray": words}
    elif dimension.log:
        low, high = math.log10(dimension.low), math.log10(dimension.high)
        axis |= {"type": "log", "range": [low, high], **power_ticks(low, high)}
        axis["title"]["text"] += ", logarithmic"
    trace = {
        "type": "scatter",
        "mode": "markers",
        "name": "a complete run",
        "x": [_place(trial.parameters[setting]) for trial in complete],
        "y": [scaled(config, value_of(config, trial)) for trial in complete],
        "marker": {
            "size": [13 if trial is best else 8 for trial in complete],
            "color": [MAIN if trial is best else QUIET for trial in complete],
            "symbol": ["star" if trial is best else "circle" for trial in complete],
            "opacity": 0.7,
        },
        "hovertext": [hover(config, trial) for trial in complete],
        "hoverinfo": "text",
        "customdata": [trial.number for trial in complete],
    }
    title = f"By {setting_title(setting).lower()}"
    y = value_axis(config, empty=not complete)
    return figure(title, [trace], axis, y, f"{name} {setting}", legend=False)


def parallel_figure(config: SearchConfig, trials: Sequence[Trial], *, name: str) -> dict[str, Any]:
    """Returns a line for each complete trial through all its settings to what came of it.

    Args:
        config: the search.
        trials: all of it, by number.
        name: of the search.
    """
    complete = complete_trials(config, trials)
    values = [scaled(config, value_of(config, trial)) for trial in complete]
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
        "marker": {"color": MAIN},
        "hovertemplate": "%{y}: %{x:.0f} %<extra></extra>",
    }
    x = {"title": {"text": "share of the differences it explains (%)"}, "range": [0, 100]}
    y = {"automargin": True, "visible": bool(ordered)}
    return figure("What mattered", [trace], x, y, name, legend=False)


def _place(value: int | float | str) -> int | float | str:
    return parameter_words(value) if isinstance(value, str) else value


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
    ticks = power_ticks(low, high)
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
