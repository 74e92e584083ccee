"""The exercise of the noise page: networks trained at five levels, each tested at every level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st

from core.channels import Channel
from core.comparison import state_in_words
from core.errors import DigitLabError
from core.jobs import NoiseCurve
from core.level_matrix import LevelMatrix, findings
from core.noise import Noise
from core.runs import RunInfo
from core.sweep import Sweep, find, noise_sweep_configs, training_levels
from core.task import Task
from ui import cache
from ui.components.plot import plot
from ui.settings import Setting, note, one_of
from ui.state import Key
from ui.sweep_figure import Shown, sweep_figure, sweep_height, table
from ui.training_figures import duration

POLL_SECONDS = 0.75
MAX_RUNS = 12  # in a link
SHOWN_TITLES: Mapping[Shown, str] = {"accuracy": "Accuracy", "lost": "Points below the best"}
# On a phone the cells are too small for words; what they would say is in the table.
_STYLE = """
<style>
@media (max-width: 640px) { .st-key-sweep_map .heatmap-label { display: none; } }
</style>
"""
_NUMBERS = ("no", "one", "two", "three", "four", "five")


def parse_runs(text: str) -> list[str]:
    """Reads run ids out of a URL; which of them exist is seen when they are shown."""
    return [run_id for run_id in text.split(",") if run_id][:MAX_RUNS]


SWEEP: Setting[list[str]] = Setting("noise_sweep", list, "sweep", parse_runs, ",".join)
SHOWN: Setting[str] = Setting(
    "sweep_shown", lambda: "accuracy", "cells", one_of(tuple(SHOWN_TITLES))
)
SWEEP_SETTINGS: tuple[Setting[list[str]] | Setting[str], ...] = (SWEEP, SHOWN)
# For whom, and for which noise, an earlier sweep was last looked for: that takes long enough not
# to be done at every click.
_LOOKED_FOR: Key[str] = Key("sweep_looked_for", str)


def sweep_settings() -> tuple[Setting[list[str]] | Setting[str], ...]:
    """Returns what of the exercise belongs into the page's URL now."""
    return SWEEP_SETTINGS if SWEEP.get() else ()


def offer_sweep(problem: Task, noise: Noise, owner: str) -> None:
    """Shows the exercise: its question, its button, and whatever has come of it so far.

    Args:
        problem: the task.
        noise: the kind of noise.
        owner: the visitor.
    """
    levels = training_levels(noise)
    st.subheader("Exercise: at which level should a network be trained?")
    st.markdown(
        "You build a reader for a place where the noise is sometimes light and sometimes heavy. It"
        " gets **one** training level. Light noise shows it almost clean examples; heavy noise"
        " shows it the worst, and some of that is past reading. **Which level would you choose,"
        " and how much will the choice matter?** Decide first, then have"
        f" {_NUMBERS[len(levels)]} networks trained that differ in nothing else."
    )
    try:
        sweep = _open(problem, noise, owner)
        if sweep is None:
            _offer_start(problem, noise, owner)
        else:
            _show(problem, noise, sweep, owner)
    except DigitLabError as error:
        st.error(str(error))


def _open(problem: Task, noise: Noise, owner: str) -> Sweep | None:
    """Returns the sweep of the link, else the person's own on this noise, else None."""
    sweep = _fitting(problem, noise, SWEEP.get())
    if SWEEP.get() and not sweep.infos:
        if len(sweep.missing) == len(SWEEP.get()):
            note("There are no such runs here; they may have been deleted.")
        SWEEP.set([])  # else they belong to another task or noise, which was on the page before
    place = f"{owner} {problem.name} {noise.name}"
    if not SWEEP.get() and _LOOKED_FOR.get() != place:
        configs = [config for config, _ in noise_sweep_configs(problem, noise)]
        SWEEP.set(find(cache.runs().of(owner), configs))
        sweep = _fitting(problem, noise, SWEEP.get())
    _LOOKED_FOR.set(place)
    if SWEEP.get() and sweep.missing:
        note("Some of these runs are not here any more; they may have been deleted.")
    return sweep if sweep.infos else None


def _fitting(problem: Task, noise: Noise, run_ids: Sequence[str]) -> Sweep:
    """Looks at the runs that were trained on this noise: one for each level, the lowest first."""
    sweep = Sweep.look(cache.runs(), run_ids)
    by_level = {
        info.config.noise_level: (info, history)
        for info, history in zip(sweep.infos, sweep.histories, strict=True)
        if (info.config.task, info.config.noise) == (problem.name, noise.name)
    }
    pairs = [by_level[level] for level in sorted(by_level)]
    return Sweep(
        tuple(info for info, _ in pairs), tuple(history for _, history in pairs), sweep.missing
    )


def _offer_start(problem: Task, noise: Noise, owner: str, *, again: bool = False) -> None:
    wanted = noise_sweep_configs(problem, noise)
    number = _NUMBERS[len(wanted)]
    label = f"Train {number} of your own" if again else f"Train {number} networks"
    if st.button(label, type="secondary" if again else "primary", icon=":material/experiment:"):
        SWEEP.set(cache.runs().start_all(wanted, owner=owner))
        st.rerun()
    levels = ", ".join(f"{config.noise_level:g}" for config, _ in wanted)
    config = wanted[0][0]
    st.caption(
        f"On “{noise.title}” at {levels}; data “{problem.source(config.source).title}”,"
        f" {config.architecture.summary}, {config.epochs} epochs, seed {config.seed}. They wait in"
        " the queue like all runs, and go on while you are away."
    )


def _show(problem: Task, noise: Noise, sweep: Sweep, owner: str) -> None:
    mine = all(info.owner == owner for info in sweep.infos)
    if not mine:
        st.info(
            "These runs are somebody else's: you can look at them, and train your own.",
            icon=":material/visibility:",
        )
        _offer_start(problem, noise, owner, again=True)
    st.segmented_control(
        "Cells show",
        list(SHOWN_TITLES),
        format_func=lambda shown: SHOWN_TITLES[shown],
        required=True,
        **SHOWN.widget,
    )
    curves = _curves(problem, noise, sweep)
    if sweep.under_way or any(curve.job.active for curve in curves.values()):
        _follow(problem, noise, SWEEP.get(), owner)
        return
    _offer_repair(problem, noise, sweep, curves, owner)
    _draw(problem, noise, sweep, curves)
    if st.button("Compare these runs", icon=":material/compare_arrows:"):
        ids = ",".join(info.id for info in sweep.infos)
        st.switch_page("pages/runs.py", query_params={"runs": ids})


@st.fragment(run_every=POLL_SECONDS)
def _follow(problem: Task, noise: Noise, run_ids: Sequence[str], owner: str) -> None:
    """Shows a sweep that is under way, again and again until it is trained and measured."""
    try:
        sweep = _fitting(problem, noise, run_ids)
        curves = _curves(problem, noise, sweep)
        measuring = any(curve.job.active for curve in curves.values())
        if not sweep.under_way and not measuring:
            st.rerun()
        if sweep.under_way:
            _show_progress(sweep, owner)
        elif measuring:
            done = sum(len(curve.points) for curve in curves.values())
            total = len(noise.levels) * len(curves)
            st.progress(min(1.0, done / total), f"Measuring: {done} of {total} points")
        _draw(problem, noise, sweep, curves)
    except DigitLabError as error:
        st.error(str(error))


def _show_progress(sweep: Sweep, owner: str) -> None:
    left = sweep.seconds_left
    words = f"{len(sweep.finished)} of {len(sweep.infos)} networks are trained"
    if any(info.state == "paused" for info in sweep.infos):
        words += "; one is paused and can be resumed on the Train page"
    elif left is not None:
        words += f", about {duration(left)} left"
    elif not any(info.state == "running" for info in sweep.infos):
        place = min(info.place for info in sweep.infos if info.under_way)
        words += f"; the next one has place {place} in the queue" * (place > 1)
        words += "; waiting for a worker process to be ready …" * (place <= 1)
    st.progress(sweep.progress, words)
    if all(info.owner == owner for info in sweep.infos):
        st.button(
            "Stop all", icon=":material/stop:", on_click=_stop, args=(sweep, owner), key="stop_all"
        )


def _stop(sweep: Sweep, owner: str) -> None:
    try:
        sweep.stop(cache.runs(), owner=owner)
    except DigitLabError as error:
        st.toast(str(error), icon=":material/error:")


def _offer_repair(
    problem: Task, noise: Noise, sweep: Sweep, curves: Mapping[str, NoiseCurve], owner: str
) -> None:
    """Says what went wrong, if anything did, and how to put it right."""
    reasons: dict[str, list[str]] = {}
    for info in sweep.failed:
        reasons.setdefault(state_in_words(info), []).append(f"{info.config.noise_level:g}")
    for reason, levels in reasons.items():
        st.error(f"Trained at {', '.join(levels)}: {reason}", icon=":material/error:")
    there = {info.config.noise_level for info in sweep.infos if info not in sweep.failed}
    missing = [level for level in training_levels(noise) if level not in there]
    mine = all(info.owner == owner for info in sweep.infos)
    if (
        mine
        and missing
        and st.button("Train what is missing", type="primary", icon=":material/replay:")
    ):
        SWEEP.set(_train_missing(problem, noise, sweep, missing, owner))
        st.rerun()
    broken = {run_id: curve for run_id, curve in curves.items() if curve.job.state == "failed"}
    for curve in broken.values():
        st.error(f"{curve.name}: {curve.job.error}")
    if broken and st.button("Measure again", key="measure_sweep_again"):
        for run_id in broken:
            cache.forget_run_noise_curve(run_id, noise.name)
        st.rerun()


def _train_missing(
    problem: Task, noise: Noise, sweep: Sweep, missing: Sequence[float], owner: str
) -> list[str]:
    """Resumes what can go on, starts the rest anew, and returns the ids of the whole sweep."""
    resumable = [info for info in sweep.failed if info.resumable]
    kept = [info for info in sweep.infos if info not in sweep.failed or info in resumable]
    has = {info.config.noise_level for info in kept}
    anew = [level for level in missing if level not in has]
    new = cache.runs().start_all(noise_sweep_configs(problem, noise, anew), owner=owner)
    for info in resumable:
        cache.runs().resume(info.id, owner=owner)
    return [*(info.id for info in kept), *new]


def _is_exact(problem: Task, noise: Noise) -> bool:
    return problem.channel is not None and isinstance(noise, Channel)


def _curves(problem: Task, noise: Noise, sweep: Sweep) -> dict[str, NoiseCurve]:
    """Returns the measuring of each network that is there, by its run; none where it is exact."""
    if _is_exact(problem, noise):
        return {}
    return {info.id: cache.run_noise_curve(info.id, noise.name) for info in sweep.finished}


def _matrix(
    problem: Task, noise: Noise, infos: Sequence[RunInfo], curves: Mapping[str, NoiseCurve]
) -> LevelMatrix:
    trained = [info.config.noise_level for info in infos]
    if isinstance(noise, Channel) and _is_exact(problem, noise):
        rules = [cache.run_rule(info.id) if info.state == "finished" else None for info in infos]
        return LevelMatrix.exact(trained, rules, noise)
    points = [curves[info.id].points if info.id in curves else [] for info in infos]
    return LevelMatrix.measured(trained, points, noise.levels)


def _draw(problem: Task, noise: Noise, sweep: Sweep, curves: Mapping[str, NoiseCurve]) -> None:
    """Shows the heat map, what it says, and the same as a table."""
    matrix = _matrix(problem, noise, sweep.infos, curves)
    said = findings(matrix, noise if isinstance(noise, Channel) and matrix.is_exact else None)
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
            description=" ".join(said).replace("**", "") or "No two networks are finished yet.",
        )
    st.caption(_how_to_read(sweep, matrix))
    if said:
        st.markdown(" ".join(said).replace(" %", "\N{NO-BREAK SPACE}%"))
    with st.expander("The same as a table"):
        st.dataframe(table(matrix), hide_index=True, key="sweep_table")


def _how_to_read(sweep: Sweep, matrix: LevelMatrix) -> str:
    if matrix.is_exact:
        words = [
            "A frame marks the best network of a column, or several that are equal; without one,"
            " all are. Computed exactly from the networks' answers to all 128 patterns, all"
            " digits being equally frequent."
        ]
    else:
        words = [
            "A frame marks the best network of a column, and all that may be as good: their 95 %"
            " intervals overlap; without one, all may be. Measured on the same test examples at"
            " every level."
        ]
    stopped = [
        f"{info.config.noise_level:g}"
        for info in sweep.finished
        if (info.card or {}).get("ending") == "stopped"
    ]
    if stopped:
        words.append(f"Stopped before its time: trained at {', '.join(stopped)}.")
    words.append("One network for each level: with another seed small differences may turn.")
    return " ".join(words)
