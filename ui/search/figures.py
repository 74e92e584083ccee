"""How a search goes: its history, its runs epoch by epoch, and what accuracy costs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from core.search.best_possible import BestPossible
from core.search.config import SearchConfig
from core.search.results import best_trial, courses, front, story
from core.search.trial import Trial
from ui.figures.axes import log_ticks
from ui.search.parts import (
    MAIN,
    QUIET,
    SECOND,
    complete_trials,
    digits,
    figure,
    hover,
    limit_line,
    scaled,
    value_axis,
)
from ui.wording.search import settings_words

FEW_EPOCHS = 10  # so many have a tick each
MOST_COLOURS = 8  # more could not be told apart
COSTS = {"weights": "parameters", "seconds": "training time (s)"}


def history_figure(
    config: SearchConfig, trials: Sequence[Trial], *, name: str, limit: BestPossible | None = None
) -> dict[str, Any]:
    """Returns each complete trial as a point, and the best so far as a line.

    Args:
        config: the search.
        trials: all of it, by number.
        name: of the search; a new one resets the zoom.
        limit: what no classifier can beat. Defaults to unknown.
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
            "y": [scaled(config, step.value) for step in steps],
            "marker": {"size": 8, "color": QUIET, "opacity": 0.6},
            "hovertext": [hover(config, by_number[step.number]) for step in steps],
            "hoverinfo": "text",
            "customdata": [step.number for step in steps],
        },
        {
            "type": "scatter",
            "mode": "lines",
            "name": "best so far",
            "x": numbers,
            "y": [scaled(config, step.best) for step in steps],
            "line": {"color": MAIN, "shape": "hv", "width": 2},
            "hovertemplate": f"best so far: %{{y:{digits(config)}}}<extra></extra>",
        },
    ]
    last = max(min(10, config.trials), len(trials)) + 0.5
    traces += _limit(config, limit, [0.5, last])
    return figure(
        "History",
        traces,
        {"title": {"text": "run"}, "range": [0.5, last]},
        value_axis(config, empty=not steps),
        name,
    )


def courses_figure(
    config: SearchConfig, trials: Sequence[Trial], *, name: str, limit: BestPossible | None = None
) -> dict[str, Any]:
    """Returns a line for each trial, epoch by epoch; those ended early are dotted.

    In a search that compares, each has its own colour, as long as there are not too many.

    Args:
        config: the search.
        trials: all of it, by number.
        name: of the search; a new one resets the zoom.
        limit: what no classifier can beat. Defaults to unknown.
    """
    best = best_trial(config, trials)
    traces: list[dict[str, Any]] = []
    shown: set[str] = set()
    found = courses(config, trials)
    own_colours = config.compares and len(found) <= MOST_COLOURS
    for course in found:
        early = course.state in ("pruned", "stopped")
        is_best = best is not None and course.number == best.number
        kind = "best" if is_best else "ended early" if early else "others"
        colour = MAIN if is_best else SECOND if early else QUIET
        if own_colours:
            kind = settings_words(trials[course.number])
            colour = f"var(--st-chart-categorical-colors)[{len(traces)}]"
        whose = f" ({kind})" if own_colours else ""
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers" if len(course.values) == 1 else "lines",
                "name": kind,
                "legendgroup": kind,
                "showlegend": kind not in shown,
                "x": list(range(1, len(course.values) + 1)),
                "y": [scaled(config, value) for value in course.values],
                "line": {
                    "color": colour,
                    "dash": "dot" if early else "solid",
                    "width": 3 if is_best else 2 if own_colours else 1,
                },
                "opacity": 1 if is_best or own_colours else 0.6,
                "hovertemplate": f"run {course.number + 1}{whose}, epoch %{{x}}:"
                f" %{{y:{digits(config)}}}<extra></extra>",
            }
        )
        shown.add(kind)
    traces.sort(key=lambda trace: trace["name"] == "best")  # on top of the others
    if traces:
        traces += _limit(config, limit, [0.5, config.base.epochs + 0.5])
    return figure(
        "Every run, epoch by epoch",
        traces,
        {
            "title": {"text": "epoch"},
            "range": [0.5, config.base.epochs + 0.5],
            **({"dtick": 1} if config.base.epochs <= FEW_EPOCHS else {}),
        },
        value_axis(config, empty=not traces),
        name,
    )


def front_figure(
    config: SearchConfig,
    trials: Sequence[Trial],
    *,
    cost: str,
    name: str,
    limit: BestPossible | None = None,
) -> dict[str, Any]:
    """Returns accuracy by cost, with the line of what none beats.

    Args:
        config: the search.
        trials: all of it, by number.
        cost: one of COSTS.
        name: of the search; a new one resets the zoom.
        limit: what no classifier can beat. Defaults to unknown.
    """
    complete = complete_trials(config, trials)
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
            "marker": {"size": 8, "color": QUIET, "opacity": 0.6},
            "hovertext": [hover(config, trial) for trial in complete],
            "hoverinfo": "text",
            "customdata": [trial.number for trial in complete],
        },
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": "none is better at this cost",
            "x": [max(getattr(trial, cost), 0.1) for trial in best],
            "y": [100 * (trial.accuracy or 0) for trial in best],
            "line": {"color": MAIN, "shape": "hv", "width": 2},
            "marker": {"size": 9, "color": MAIN},
            "hoverinfo": "skip",
        },
    ]
    if limit is not None and costs:
        ends = [10**end for end in axis["range"]]
        traces.append(limit_line(100 * limit.accuracy, ends, digits=".2f", unit="%"))
    y: dict[str, Any] = {"title": {"text": "validation accuracy (%)"}}
    if not costs:
        y["range"] = [0, 100]
    return figure("Accuracy and its cost", traces, axis, y, f"{name} {cost}")


def _limit(
    config: SearchConfig, limit: BestPossible | None, ends: Sequence[float]
) -> list[dict[str, Any]]:
    value = None if limit is None else limit.value(config)
    if value is None:
        return []
    unit = "%" if config.maximize else "nats"
    return [limit_line(scaled(config, value), ends, digits=digits(config), unit=unit)]
