"""What the figures of a search have in common: colours, axes, and what is said of a run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from core.search.config import SearchConfig
from core.search.trial import Trial
from ui.figures.axes import LEGEND_BELOW, log_ticks
from ui.wording.search import (
    STATES,
    objective_title,
    parameter_words,
    settings_words,
    value_words,
)

MAIN = "var(--st-primary-color)"
QUIET = "var(--st-text-color)"
SECOND = "var(--st-chart-categorical-colors)[1]"
MARGIN = {"t": 40}


def value_axis(config: SearchConfig, *, empty: bool) -> dict[str, Any]:
    """Returns the axis of what a search judges by; `empty` where no run has been completed."""
    axis: dict[str, Any] = {"title": {"text": objective_title(config)}}
    if empty:
        axis["range"] = [0, 100] if config.maximize else [0, 2.5]
    return axis


def figure(
    title: str,
    traces: list[dict[str, Any]],
    x: dict[str, Any],
    y: dict[str, Any],
    name: str,
    *,
    legend: bool = True,
) -> dict[str, Any]:
    """Returns a figure of these traces and axes; `name` keeps the zoom as it is while it stays."""
    return {
        "data": traces,
        "layout": {
            "title": {"text": title},
            "xaxis": x,
            "yaxis": y,
            "showlegend": legend,
            "legend": LEGEND_BELOW,
            "hovermode": "closest",
            "margin": MARGIN,
            "uirevision": name,
        },
    }


def limit_line(value: float, ends: Sequence[float], *, digits: str, unit: str) -> dict[str, Any]:
    """Returns the line of the best possible value, from one end of x to the other.

    Args:
        value: as it is drawn.
        ends: of the line.
        digits: the value's format for Plotly.
        unit: of the value.
    """
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "best possible on average",
        "x": list(ends),
        "y": [value] * 2,
        "line": {"color": QUIET, "dash": "dot", "width": 1},
        "hovertemplate": f"best possible on average: %{{y:{digits}}} {unit}<extra></extra>",
    }


def power_ticks(low: float, high: float) -> dict[str, Any]:
    """Returns ticks for a logarithmic axis: powers of ten where there are several."""
    whole = range(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1)
    if len(whole) < 2:
        return log_ticks(low, high)
    return {
        "tickvals": [10.0**power for power in whole],
        "ticktext": [f"{10.0**power:g}" for power in whole],
    }


def complete_trials(config: SearchConfig, trials: Sequence[Trial]) -> list[Trial]:
    """Returns the trials that have a result."""
    return [
        trial for trial in trials if trial.state == "complete" and trial.value(config) is not None
    ]


def value_of(config: SearchConfig, trial: Trial) -> float:
    """Returns what the search judges a complete trial by."""
    value = trial.value(config)
    assert value is not None  # of a complete one
    return value


def scaled(config: SearchConfig, value: float) -> float:
    """Returns a value of the search as it is drawn: accuracies in per cent, losses in nats."""
    return 100 * value if config.maximize else value


def digits(config: SearchConfig) -> str:
    """Returns the format of such a number for Plotly."""
    return ".2f" if config.maximize else ".4f"


def hover(config: SearchConfig, trial: Trial) -> str:
    """Returns what is said about a trial when it is pointed at."""
    lines = [
        f"<b>run {trial.number + 1}</b>, {STATES[trial.state]}",
        f"{objective_title(config).partition(' (')[0].lower()}:"
        f" {value_words(config, value_of(config, trial))}",
        f"{parameter_words(trial.weights)} parameters, {trial.seconds:.0f} s",
        *settings_words(trial).split(", "),
    ]
    return "<br>".join(lines)
