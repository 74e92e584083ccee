"""Which proposals are worth it: grid, random and TPE on the same task, measured beforehand."""

from __future__ import annotations

import math
from statistics import median
from typing import Any

import streamlit as st

from core.search.samplers import PROBLEMS, SamplerRace, sampler_race
from ui.components.plot import plot
from ui.search.parts import MAIN, QUIET, SECOND, figure, limit_line
from ui.search.settings import LESSON
from ui.session.settings import choose
from ui.wording.samplers import NAMES, TITLES, WHY, race_in_words, race_table
from ui.wording.search import setting_title

HEIGHT = 380
COLOURS = {"grid": QUIET, "random": SECOND, "tpe": MAIN}
DASHES = {"grid": "dot", "random": "dash", "tpe": "solid"}
_FROM = 8  # what came before this run is above the picture: all curves fall steeply there


def show_lesson() -> None:
    """Shows the lesson, if its measurements are there."""
    races = {name: race for name in PROBLEMS if (race := sampler_race(name)) is not None}
    if not races:
        return
    with st.expander("Grid, random or TPE: which is worth it?"):
        if LESSON.get() not in races:
            LESSON.set(next(iter(races)))
        name = choose(LESSON, "Measured on", list(races), format_func=TITLES.__getitem__)
        race = races[name]
        plot(
            race_figure(race, name=name),
            key="search_lesson",
            label=f"Lowest validation loss by number of runs: {TITLES[name]}",
            height=HEIGHT,
            description=race_in_words(race),
        )
        st.markdown(race_in_words(race))
        st.table(race_table(race))
        st.markdown(WHY[name])
        varied = ", ".join(setting_title(each).lower() for each in race.settings.names)
        st.caption(
            f"Measured by `python -m benchmarks.search {name}`: {race.epochs} epochs for each"
            f" network; {varied} vary; nothing is ended early. A line, and a number without a"
            f" range, is the median of {len(race.best_by_trial['tpe'])} searches with different"
            " seeds; a band reaches from the luckiest to the unluckiest. The grid is tried in a"
            " shuffled order."
        )


def race_figure(race: SamplerRace, *, name: str) -> dict[str, Any]:
    """Returns the lowest loss so far by the number of runs: a line and a band for each sampler.

    Args:
        race: the results.
        name: of them; a new one resets the zoom.
    """
    samplers = [each for each in COLOURS if each in race.best_by_trial]
    bands = [_band(race, each) for each in samplers]
    lines = [_line(race, each) for each in samplers]
    last = max(race.runs(each) for each in samplers)
    goal = {
        "type": "scatter",
        "mode": "lines",
        "name": "best of the whole grid",
        "x": [1, last],
        "y": [race.goal] * 2,
        "line": {"color": QUIET, "width": 1},
        "hovertemplate": "best of the whole grid: %{y:.4f} nats<extra></extra>",
    }
    limits = []
    if (limit := race.lowest_possible) is not None:
        limits = [limit_line(limit, [1, last], digits=".4f", unit="nats")]
    low = min(race.after(each, last)[0] for each in samplers)
    high = max(median(race.after(each, _FROM)) for each in samplers)
    room = 0.06 * (high - low)
    return figure(
        "Lowest validation loss so far",
        [*bands, goal, *limits, *lines],
        {"title": {"text": "runs made"}, "range": [0.5, last + 0.5]},
        {"title": {"text": "validation loss (nats)"}, "range": [low - room, high + room]},
        f"race {name}",
    )


def _line(race: SamplerRace, sampler: str) -> dict[str, Any]:
    losses = [race.after(sampler, run) for run in range(1, race.runs(sampler) + 1)]
    known = [(run, each) for run, each in enumerate(losses, 1) if math.isfinite(median(each))]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": NAMES[sampler],
        "x": [run for run, _ in known],
        "y": [median(each) for _, each in known],
        "line": {
            "color": COLOURS[sampler],
            "dash": DASHES[sampler],
            "shape": "hv",
            "width": 3 if sampler == "tpe" else 2,
        },
        "hovertext": [
            f"<b>{NAMES[sampler]}</b> after {run} {'run' if run == 1 else 'runs'}:"
            f"<br>{median(each):.4f} nats (median)"
            f"<br>{each[0]:.4f} to {_written(each[-1])} over {len(each)} seeds"
            for run, each in known
        ],
        "hoverinfo": "text",
    }


def _band(race: SamplerRace, sampler: str) -> dict[str, Any]:
    """Returns the area from the luckiest to the unluckiest search, once all have a network."""
    losses = [race.after(sampler, run) for run in range(1, race.runs(sampler) + 1)]
    known = [(run, each) for run, each in enumerate(losses, 1) if math.isfinite(each[-1])]
    steps = []
    for (run, each), (after, _) in zip(known, [*known[1:], known[-1]], strict=True):
        steps += [(run, each[0], each[-1]), (after, each[0], each[-1])]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [run for run, *_ in steps] + [run for run, *_ in reversed(steps)],
        "y": [low for _, low, _ in steps] + [high for *_, high in reversed(steps)],
        "fill": "toself",
        "fillcolor": COLOURS[sampler],
        "line": {"width": 0},
        "opacity": 0.15,
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _written(loss: float) -> str:
    return f"{loss:.4f} nats" if math.isfinite(loss) else "nothing yet"
