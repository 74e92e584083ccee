"""The exercise of the Compare models page: the guide's five architectures, trained alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.errors import DigitLabError
from core.metrics.accuracy import percent
from core.search.architecture_sweep import SECONDS_EACH, GuideResult, guide_configs, guide_findings
from core.search.sweep import Sweep
from core.training.config import TrainingConfig
from ui.components.plot import plot
from ui.figures.axes import LEGEND_BELOW, log_ticks
from ui.services import run_results
from ui.session.settings import Setting
from ui.session.state import Key
from ui.sweeps.plan import SweepPlan, offer_comparison, parse_runs, show_not_own
from ui.widgets.job_progress import follow
from ui.wording.duration import duration

GUIDE_SWEEP: Setting[list[str]] = Setting("guide_sweep", list, "sweep", parse_runs, ",".join)
_LOOKED_FOR: Key[str] = Key("guide_sweep_looked_for", str)


def guide_sweep_settings() -> tuple[Setting[list[str]], ...]:
    """Returns what of the exercise belongs into the page's URL now."""
    return (GUIDE_SWEEP,) if GUIDE_SWEEP.get() else ()


def offer_guide_sweep(owner: str) -> None:
    """Shows the exercise: its question, its button, and whatever has come of it so far.

    Args:
        owner: the visitor.
    """
    plan = _plan(owner)
    first = plan.wanted[0][0]
    st.subheader("Exercise: does a deeper network read seven segments better?")
    st.markdown(
        "The guide that this project began with tries five networks on the seven-segment display:"
        " one, two and three hidden layers, from 16 to 224 hidden units. **Which would you"
        " choose?** Decide first, then have all five trained alike, and see how far each is from"
        " the best that any classifier can do."
    )
    try:
        sweep = plan.open()
        if sweep is None or not plan.is_own(sweep):
            if sweep is not None:
                show_not_own()
            label = "Train the guide's five" if sweep is None else "Train five of your own"
            plan.offer_start(label, main=sweep is None)
            whole = len(plan.wanted) * SECONDS_EACH
            st.caption(
                f"Hidden layers {', '.join(_layers(config) for config, _ in plan.wanted)};"
                f" {first.epochs} epochs each, “{first.get_task().noise(first.noise).title}” at"
                f" {first.noise_level:g}, seed {first.seed}. About {duration(SECONDS_EACH)} for"
                f" each on a computer with four cores, so {duration(whole)} for all of them, and"
                " less where several are trained at a time. They wait in the queue like all"
                " runs, and go on while you are away."
            )
        if sweep is not None:
            _show(plan, sweep)
    except DigitLabError as error:
        st.error(str(error))


def _layers(config: TrainingConfig) -> str:
    return "-".join(map(str, config.architecture.hidden))


def _plan(owner: str) -> SweepPlan:
    wanted = tuple(guide_configs())
    places = {config: place for place, (config, _) in enumerate(wanted)}
    return SweepPlan(
        runs=GUIDE_SWEEP,
        looked_for=_LOOKED_FOR,
        name="guide",
        owner=owner,
        wanted=wanted,
        slot=places.get,
        written=lambda config: f"Hidden layers {_layers(config)}",
    )


def _show(plan: SweepPlan, sweep: Sweep) -> None:
    if sweep.under_way:
        run_ids = GUIDE_SWEEP.get()
        follow(lambda: _show_course(plan, run_ids))
        return
    plan.offer_repair(sweep)
    _draw(plan, sweep)
    offer_comparison(sweep)


def _show_course(plan: SweepPlan, run_ids: Sequence[str]) -> bool:
    """Shows a sweep that is being trained; returns whether it still is."""
    try:
        sweep = plan.look(run_ids)
        if not sweep.under_way:
            return False
        plan.show_progress(sweep)
        _draw(plan, sweep)
    except DigitLabError as error:
        st.error(str(error))
    return True


def _results(plan: SweepPlan, sweep: Sweep) -> list[GuideResult]:
    titles = dict(plan.wanted)
    return [
        GuideResult.of(
            info.config,
            titles[info.config],
            float((info.card or {}).get("training_seconds", 0)),
            run_results.run_rule(info.id),
        )
        for info in sweep.finished
    ]


def _draw(plan: SweepPlan, sweep: Sweep) -> None:
    """Shows what is known of the five: a plot, what it says, and a table."""
    results = _results(plan, sweep)
    if not results:
        return
    said = guide_findings(results)
    plot(
        guide_figure(results),
        key="guide_sweep_plot",
        label="Exact accuracy of the guide's networks by their number of parameters",
        height=380,
        description=" ".join(said).replace("**", "") or "Only one network is finished yet.",
    )
    if said:
        st.markdown(" ".join(said).replace(" %", "\N{NO-BREAK SPACE}%"))
    st.dataframe(guide_columns(results), hide_index=True, key="guide_sweep_table")
    stopped = [info.name for info in sweep.finished if (info.card or {}).get("ending") == "stopped"]
    st.caption(
        "Computed exactly from each network's answers to all 128 patterns, on one part clean to ten"
        " parts noisy displays, all digits being equally frequent. One network of each, with one"
        " seed: with another, small differences may turn."
        + (f" Stopped before its time: {', '.join(stopped)}." if stopped else "")
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
        "points below it": [f"{max(0, 100 * (one.ceiling - one.accuracy)):.3f}" for one in results],
    }


def guide_figure(results: Sequence[GuideResult]) -> dict[str, Any]:
    """Returns a point for each network, by its parameters, below the line of the best possible.

    Args:
        results: one or more.
    """
    ceiling = 100 * results[0].ceiling
    values = [100 * one.accuracy for one in results]
    # At least two points from top to bottom: a difference of thousandths should look like one.
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
                # In turn below and above: two of them have nearly as many parameters.
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
