"""The exercise of the Noise page: networks trained at five levels, each tested at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import cast

import numpy as np
import streamlit as st

from core.errors import DigitLabError
from core.evaluation.level_matrix import LevelMatrix
from core.jobs.noise_curve import Curve, NoiseCurveJob, points_of
from core.noise.base import Noise
from core.search.sweep import Sweep, noise_sweep, training_levels
from core.tasks.base import Task
from core.training.config import TrainingConfig
from ui.components.plot import plot
from ui.services import run_results
from ui.session.settings import Setting, one_of
from ui.session.state import Key
from ui.sweeps.figures import Shown, sweep_figure, sweep_height, table
from ui.sweeps.plan import SweepPlan, offer_more, parse_sweep, show_not_own
from ui.widgets.job_progress import Retry, ask_for, follow, offer_retry
from ui.wording.level_matrix import findings
from ui.wording.phrases import plain

SHOWN_TITLES: Mapping[Shown, str] = {"accuracy": "Accuracy", "lost": "Points below the best"}
# On a phone, the cells are too small for text; the table shows the same numbers.
_STYLE = """
<style>
@media (max-width: 640px) { .st-key-sweep_map .heatmap-label { display: none; } }
</style>
"""
_NUMBERS = ("no", "one", "two", "three", "four", "five")


SWEEP: Setting[list[str]] = Setting("noise_sweep", list, "sweep", parse_sweep, ",".join)
SHOWN: Setting[str] = Setting(
    "sweep_shown", lambda: "accuracy", "cells", one_of(tuple(SHOWN_TITLES))
)
SWEEP_SETTINGS: tuple[Setting[list[str]] | Setting[str], ...] = (SWEEP, SHOWN)
_LOOKED_FOR: Key[str] = Key("sweep_looked_for", str)


def sweep_settings() -> tuple[Setting[list[str]] | Setting[str], ...]:
    """Returns the exercise's settings that belong in the page's URL now."""
    return SWEEP_SETTINGS if SWEEP.get() else ()


def offer_sweep(task: Task, noise: Noise, owner: str) -> None:
    """Shows the exercise: its question, its button and the results so far.

    Args:
        task: the task.
        noise: the kind of noise.
        owner: the visitor.
    """
    levels = training_levels(noise)
    st.subheader("Exercise: at which level should a network be trained?")
    st.markdown(
        "You build a reader for a place where the noise is sometimes light and sometimes heavy. You"
        " can train it at only **one** noise level. With light noise, it sees almost clean"
        " examples; with heavy noise, it sees the worst, and some of those nobody can read."
        " **Which level would you choose, and how much will the choice matter?** Decide first. Then"
        f" train {_NUMBERS[len(levels)]} networks that differ only in this level."
    )
    plan = _plan(task, noise, owner)
    try:
        sweep = plan.open()
        if sweep is None:
            _offer_start(task, noise, plan)
        else:
            _show(task, noise, plan, sweep)
    except DigitLabError as error:
        st.error(plain(str(error)))


def _plan(task: Task, noise: Noise, owner: str) -> SweepPlan:
    """Returns the sweep over the training levels of a noise, the lowest first."""

    def level_of(config: TrainingConfig) -> float | None:
        belongs = (config.task, config.noise) == (task.name, noise.name)
        return config.noise_level if belongs else None

    wanted = noise_sweep(task, noise)
    return SweepPlan(
        ids=SWEEP,
        looked_for=_LOOKED_FOR,
        name=f"{task.name} {noise.name}",
        owner=owner,
        wanted=wanted,
        title=f"{noise.title} at {_NUMBERS[wanted.most_trials]} levels",
        slot=level_of,
        written=lambda config: f"{config.noise_level:g}",
        heading="Trained at ",
    )


def _offer_start(task: Task, noise: Noise, plan: SweepPlan, *, again: bool = False) -> None:
    number = _NUMBERS[plan.wanted.most_trials]
    label = f"Train {number} of your own" if again else f"Train {number} networks"
    plan.offer_start(label, main=not again)
    levels = ", ".join(f"{config.noise_level:g}" for config in plan.wanted.runs)
    config = plan.wanted.base
    st.caption(
        f"On “{noise.title}” at {levels}; data “{task.source(config.source).title}”,"
        f" {config.architecture.summary}, {config.epochs} epochs, seed {config.seed}. They wait in"
        " the queue like all runs, and continue while you are away."
    )


def _show(task: Task, noise: Noise, plan: SweepPlan, sweep: Sweep) -> None:
    if not plan.is_own(sweep):
        show_not_own()
        _offer_start(task, noise, plan, again=True)
    st.segmented_control(
        "Cells show",
        list(SHOWN_TITLES),
        format_func=lambda shown: SHOWN_TITLES[shown],
        required=True,
        **SHOWN.widget,
    )
    curves = _curves(task, noise, sweep)
    if sweep.under_way or any(curve.active for curve in curves.values()):
        ids = SWEEP.get()
        follow(lambda: _show_course(task, noise, plan, ids))
        return
    plan.offer_repair(sweep)
    _offer_measuring(noise, curves)
    _draw(task, noise, sweep, curves)
    offer_more(sweep)


def _show_course(task: Task, noise: Noise, plan: SweepPlan, ids: Sequence[str]) -> bool:
    """Shows a sweep in training or measurement; returns whether it is still under way."""
    try:
        sweep = plan.look(ids)
        curves = _curves(task, noise, sweep)
        if sweep.under_way:
            plan.show_progress(sweep)
        elif any(curve.active for curve in curves.values()):
            done = sum(len(points_of(curve)) for curve in curves.values())
            total = len(noise.levels) * len(curves)
            st.progress(min(1.0, done / total), f"Measuring: {done} of {total} points")
        else:
            return False
        _draw(task, noise, sweep, curves)
    except DigitLabError as error:
        st.error(plain(str(error)))
    return True


def _offer_measuring(noise: Noise, curves: Mapping[str, Curve]) -> None:
    """Says which networks could not be measured, and offers to try again."""
    forget = run_results.run_noise_curve_job.clear
    offer_retry(
        [
            Retry(curve, partial(forget, run_id, noise.name), cast(NoiseCurveJob, curve.spec).name)
            for run_id, curve in curves.items()
        ],
        key="measure_sweep",
    )


def _curves(task: Task, noise: Noise, sweep: Sweep) -> dict[str, Curve]:
    """Returns the noise-curve job of each finished run, by its id; none where theory is exact."""
    if task.exact_channel(noise):
        return {}
    curves = {
        info.id: run_results.run_noise_curve_job(info.id, noise.name) for info in sweep.finished
    }
    ask_for(curves.values())
    return curves


def _matrix(task: Task, noise: Noise, sweep: Sweep, curves: Mapping[str, Curve]) -> LevelMatrix:
    finished = {info.config.noise_level: info.id for info in sweep.finished}
    wanted = sweep.search.config.runs if sweep.search else [info.config for info in sweep.infos]
    trained = [config.noise_level for config in wanted]  # those that have not begun have a place
    found = [finished.get(level) for level in trained]
    if channel := task.exact_channel(noise):
        rules = [None if run_id is None else run_results.run_rule(run_id) for run_id in found]
        return LevelMatrix.exact(trained, rules, channel)
    points = [points_of(curves[each]) if each and each in curves else [] for each in found]
    return LevelMatrix.measured(trained, points, noise.levels)


def _draw(task: Task, noise: Noise, sweep: Sweep, curves: Mapping[str, Curve]) -> None:
    """Shows the heat map, what it says, and the same numbers as a table."""
    matrix = _matrix(task, noise, sweep, curves)
    said = findings(matrix, task.exact_channel(noise))
    shown: Shown = "lost" if SHOWN.get() == "lost" else "accuracy"
    if not np.isfinite(matrix.accuracy).any() and (shown == "lost" or not matrix.is_exact):
        return  # there is no number yet
    with st.container(key="sweep_map"):
        st.html(_STYLE)
        plot(
            sweep_figure(matrix, shown=shown, noise=noise.name),
            key="sweep_matrix",
            label=f"Accuracy by training level and test level of {noise.title.lower()}",
            height=sweep_height(matrix),
            description=" ".join(said).replace("**", "") or "No two networks have finished yet.",
        )
    st.caption(_how_to_read(sweep, matrix))
    if said:
        st.markdown(" ".join(said).replace(" %", "\N{NO-BREAK SPACE}%"))
    with st.expander("The same as a table"):
        st.dataframe(table(matrix), hide_index=True, key="sweep_table")


def _how_to_read(sweep: Sweep, matrix: LevelMatrix) -> str:
    if matrix.is_exact:
        words = [
            "The best in each column is framed; no frame means a tie. Computed exactly from the"
            " networks' answers to all 128 patterns, with all digits equally frequent."
        ]
    else:
        words = [
            "The best in each column is framed, together with all that may be as good; no frame"
            " means that any may be the best. Measured on the same test examples at every level,"
            " and compared by McNemar's test (p-values corrected by Holm's method)."
        ]
    stopped = [
        f"{info.config.noise_level:g}"
        for info in sweep.finished
        if info.card and info.card.ending == "stopped"
    ]
    if stopped:
        words.append(f"Stopped before the last epoch: trained at {', '.join(stopped)}.")
    words.append("One network per level: with another seed, small differences may reverse.")
    return " ".join(words)
