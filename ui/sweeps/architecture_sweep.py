"""The exercise of the Compare models page: the guide's five networks, trained alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.errors import DigitLabError
from core.metrics.accuracy import percent
from core.search.architecture_sweep import (
    SECONDS_EACH,
    GuideResult,
    guide_sweep,
    guide_titles,
)
from core.search.sweep import Sweep
from core.training.config import TrainingConfig
from ui.components.plot import plot
from ui.figures.axes import LEGEND_BELOW, log_ticks
from ui.services import run_results
from ui.session.settings import Setting
from ui.session.state import Key
from ui.sweeps.plan import SweepPlan, offer_more, parse_sweep, show_not_own
from ui.widgets.job_progress import follow
from ui.wording.architecture_sweep import guide_findings
from ui.wording.duration import duration
from ui.wording.phrases import plain

GUIDE_SWEEP: Setting[list[str]] = Setting("guide_sweep", list, "sweep", parse_sweep, ",".join)
_LOOKED_FOR: Key[str] = Key("guide_sweep_looked_for", str)


def guide_sweep_settings() -> tuple[Setting[list[str]], ...]:
    """Returns the exercise's settings that belong in the page's URL now."""
    return (GUIDE_SWEEP,) if GUIDE_SWEEP.get() else ()


def offer_guide_sweep(owner: str) -> None:
    """Shows the exercise: its question, its button and the results so far.

    Args:
        owner: the visitor.
    """
    plan = _plan(owner)
    first, count = plan.wanted.base, plan.wanted.most_trials
    st.subheader("Exercise: does a deeper network read seven segments better?")
    st.markdown(
        "The guide that inspired this project tries five networks on the seven-segment display,"
        " with one to three hidden layers and 16 to 224 hidden units. **Which would you choose?**"
        " Decide first. Then train all five in the same way, and see how close each comes to the"
        " best possible accuracy."
    )
    try:
        sweep = plan.open()
        if sweep is None or not plan.is_own(sweep):
            if sweep is not None:
                show_not_own()
            label = "Train the guide's five" if sweep is None else "Train five of your own"
            plan.offer_start(label, main=sweep is None)
            whole = count * SECONDS_EACH
            st.caption(
                f"Hidden layers: {', '.join(map(_layers, plan.wanted.runs))};"
                f" {first.epochs} epochs each, “{first.get_task().noise(first.noise).title}” at"
                f" {first.noise_level:g}, seed {first.seed}. On a computer with four cores, each"
                f" takes about {duration(SECONDS_EACH)} and all of them about {duration(whole)}, or"
                " less if several train at once. They wait in the queue like all runs, and continue"
                " while you are away."
            )
        if sweep is not None:
            _show(plan, sweep)
    except DigitLabError as error:
        st.error(plain(str(error)))


def _layers(config: TrainingConfig) -> str:
    return "-".join(map(str, config.architecture.hidden))


def _plan(owner: str) -> SweepPlan:
    places = {config: place for place, config in enumerate(guide_titles())}
    return SweepPlan(
        ids=GUIDE_SWEEP,
        looked_for=_LOOKED_FOR,
        name="guide",
        owner=owner,
        wanted=guide_sweep(),
        title="The guide's five networks",
        slot=places.get,
        written=lambda config: f"Hidden layers {_layers(config)}",
    )


def _show(plan: SweepPlan, sweep: Sweep) -> None:
    if sweep.under_way:
        ids = GUIDE_SWEEP.get()
        follow(lambda: _show_course(plan, ids))
        return
    plan.offer_repair(sweep)
    _draw(sweep)
    offer_more(sweep)


def _show_course(plan: SweepPlan, ids: Sequence[str]) -> bool:
    """Shows a sweep in training; returns whether it is still under way."""
    try:
        sweep = plan.look(ids)
        if not sweep.under_way:
            return False
        plan.show_progress(sweep)
        _draw(sweep)
    except DigitLabError as error:
        st.error(plain(str(error)))
    return True


def _results(sweep: Sweep) -> list[GuideResult]:
    titles = guide_titles()
    return [
        GuideResult.of(
            info.config,
            titles[info.config],
            float((info.card and info.card.training_seconds) or 0),
            run_results.run_rule(info.id),
        )
        for info in sweep.finished
    ]


def _draw(sweep: Sweep) -> None:
    """Shows the results so far: a plot, what it says, and a table."""
    results = _results(sweep)
    if not results:
        return
    said = [] if sweep.under_way else guide_findings(results)  # one still missing may be the best
    plot(
        guide_figure(results),
        key="guide_sweep_plot",
        label="Exact accuracy of the guide's networks by their number of parameters",
        height=380,
        description=" ".join(said).replace("**", "")
        or f"{len(results)} networks have finished so far.",
    )
    if said:
        st.markdown(" ".join(said).replace(" %", "\N{NO-BREAK SPACE}%"))
    st.dataframe(guide_columns(results), hide_index=True, key="guide_sweep_table")
    stopped = [info.name for info in sweep.finished if info.card and info.card.ending == "stopped"]
    st.caption(
        "Computed exactly from each network's answers to all 128 patterns, with 1 in 11 displays"
        " clean and all digits equally frequent. Each network was trained with one seed; with"
        " another seed, small differences may reverse."
        + (f" Stopped before the last epoch: {', '.join(stopped)}." if stopped else "")
    )


def guide_columns(results: Sequence[GuideResult]) -> dict[str, list[str]]:
    """Returns the results as columns of text."""
    return {
        "network": [one.title for one in results],
        "hidden layers": [str(len(one.hidden)) for one in results],
        "parameters": [f"{one.parameters:,}" for one in results],
        "training time": [f"{one.seconds:.1f} s" for one in results],
        "accuracy, exact": [percent(one.accuracy, 3) for one in results],
        "best possible": [percent(one.ceiling, 3) for one in results],
        "points below": [f"{max(0, 100 * (one.ceiling - one.accuracy)):.3f}" for one in results],
    }


def guide_figure(results: Sequence[GuideResult]) -> dict[str, Any]:
    """Returns a point for each network, by its parameters, below the line of the best possible.

    Args:
        results: one or more.
    """
    ceiling = 100 * results[0].ceiling
    values = [100 * one.accuracy for one in results]
    # At least two points from top to bottom: tiny differences should look tiny.
    low = min(*values, ceiling - 2)
    room = 0.15 * (ceiling - low)
    return {
        "data": [
            {
                "type": "scatter",
                "mode": "markers+text",
                "name": "the guide's networks",
                "x": [one.parameters for one in results],
                "y": values,
                "text": ["-".join(map(str, one.hidden)) for one in results],
                # Alternately below and above: two networks have almost equal numbers of parameters.
                "textposition": [
                    ("bottom center", "top center")[place % 2] for place in range(len(results))
                ],
                "cliponaxis": False,
                "marker": {"size": 12, "color": "var(--st-primary-color)"},
                "hovertext": [
                    f"<b>{one.title}</b><br>{one.parameters:,} parameters, {one.seconds:.0f} s"
                    f"<br>exactly {percent(one.accuracy, 3)}"
                    for one in results
                ],
                "hoverinfo": "text",
            },
            {
                "type": "scatter",
                "mode": "lines",
                "name": "best possible for any classifier",
                "x": [100, 30_000],
                "y": [ceiling, ceiling],
                "line": {"dash": "dash", "color": "var(--st-text-color)"},
                "hovertemplate": f"best possible {percent(results[0].ceiling, 3)}<extra></extra>",
            },
        ],
        "layout": {
            "title": {"text": "Exact accuracy by parameters"},
            "xaxis": {
                "type": "log",
                "title": {"text": "parameters, logarithmic"},
                "range": [2.0, 4.5],
                **log_ticks(2.0, 4.5),
            },
            "yaxis": {"title": {"text": "accuracy (%)"}, "range": [low - room, ceiling + room]},
            "legend": LEGEND_BELOW,
            "showlegend": True,
            "uirevision": "guide",
        },
    }
