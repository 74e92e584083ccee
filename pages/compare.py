"""What does a better network cost? Saved models side by side, in a table and a plot."""

import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from core.errors import DigitLabError
from core.evaluation.benchmark import Measured, usual_noise, words_of_test
from core.evaluation.model_comparison import (
    FIRST,
    QUANTITIES,
    Compared,
    Robustness,
    in_order,
)
from core.jobs.noise_curve import Curve, points_of
from core.models.saved_model import SavedModel
from core.noise.base import Noise
from core.segments.bayes import rule_of
from core.tasks.base import Task, get_task, tasks
from core.workers.job import Job
from ui.compare.figures import HEIGHT, compare_figure, description
from ui.compare.pairs import show_pair_tests
from ui.compare.simple_methods import (
    NOT_IN_PLOT,
    SimpleMethods,
    show_need,
    show_switch,
    simple_methods,
)
from ui.compare.table import show_compare_table
from ui.components.plot import plot
from ui.services import saved_models
from ui.session.settings import Setting, choose, one_of, parse_level, restore, share, write_number
from ui.session.visitor import visitor
from ui.sweeps.architecture_sweep import GUIDE_SWEEP, guide_sweep_settings, offer_guide_sweep
from ui.widgets.job_progress import Retry, follow_jobs, offer_retry
from ui.widgets.noise_picker import choose_noise, show_noise_details
from ui.widgets.pickers import choose_models, choose_task, model_names, show_unusable
from ui.wording.duration import duration
from ui.wording.model_comparison import findings
from ui.wording.phrases import plain

MAX_MODELS = 20
LAB, CONTROLS, MAP, PROGRESS, REST = (
    f"compare_{part}" for part in ("lab", "controls", "map", "progress", "rest")
)
# The plot stands beside what changes it; on a phone above it, and what it says below both.
STYLE = f"""
<style>
.st-key-{LAB} {{
  display: grid; gap: 1rem 2rem; grid-template-columns: minmax(0, 7fr) minmax(0, 13fr);
  grid-template-areas: "controls map" "rest rest"; }}
.st-key-{LAB} :has(> .st-key-{CONTROLS}) {{ grid-area: controls; }}
.st-key-{LAB} :has(> .st-key-{MAP}) {{ grid-area: map; }}
.st-key-{LAB} :has(> .st-key-{REST}) {{ grid-area: rest; }}
/* The block around what is drawn anew during a measurement is not part of the grid. */
.st-key-{LAB} > :has(.st-key-{MAP}), .st-key-{LAB} > :has(.st-key-{MAP}) > div {{
  display: contents; }}
.st-key-{LAB} > :has(> .st-key-{MAP}) > div {{ display: flex; }}
/* What comes and goes while models are measured moves nothing below it. */
.st-key-{PROGRESS} {{ min-height: 2.75rem; }}
@media (max-width: 640px) {{
  .st-key-{LAB} {{ grid-template-columns: minmax(0, 1fr);
    grid-template-areas: "map" "controls" "rest"; }}
  /* There is no room for names beside the points; a touch shows them. */
  .st-key-{MAP} .textpoint {{ display: none; }} }}
@media (min-width: 641px) {{ .st-key-compare_findings {{ min-height: 6.5rem; }} }}
</style>
"""


def first_task() -> str:
    """Returns the task whose models differ most: one with pictures."""
    found = [name for name, task in tasks().items() if len(task.input_shape) == 3]
    return found[0] if found else next(iter(tasks()))


TASK = Setting("compare_task", first_task, "task", lambda text: get_task(text).name)
NOISE = Setting("compare_noise", str, "noise", of=TASK)
MODELS: Setting[list[str]] = Setting(
    "compare_models", list, "models", model_names(MAX_MODELS), ",".join, of=TASK
)
ACROSS = Setting("compare_across", lambda: "parameters", "x", one_of(tuple(QUANTITIES)))
UP = Setting("compare_up", lambda: "accuracy", "y", one_of(tuple(QUANTITIES)))
SETTINGS = (TASK, NOISE, MODELS, ACROSS, UP)
# All levels count here, but the choice of a noise needs a level to adjust.
LEVEL = Setting("compare_level", lambda: 0.15, "level", parse_level, write_number)


def first_models(names: Sequence[str]) -> list[str]:
    """Returns the models to measure first: dense against convolutional, if both exist."""
    return list(FIRST if set(FIRST) <= set(names) else names[:MAX_MODELS])


def benchmarks(models: Sequence[SavedModel], source: str) -> dict[str, Job[Measured]]:
    """Returns each model's benchmark job, started at the first call."""
    return {model.name: saved_models.benchmark_job(model, source) for model in models}


def noise_curves(
    task: Task, models: Sequence[SavedModel], source: str, noise: Noise
) -> dict[str, Curve]:
    """Returns each model's noise-curve job, started at the first call; none if theory is exact."""
    if task.exact_channel(noise):
        return {}
    return {model.name: saved_models.noise_curve_job(model, source, noise.name) for model in models}


def compared(
    model: SavedModel,
    noise: Noise,
    measured: Mapping[str, Job[Measured]],
    curves: Mapping[str, Curve],
) -> Compared:
    """Collects what is known about a model now."""
    by_name = {each.name: each for each in saved_models.models(model.task.name)}
    robustness = None
    if channel := model.task.exact_channel(noise):
        robustness = Robustness.exact(rule_of(saved_models.segment_answers(model)), channel)
    elif model.name in curves and curves[model.name].state == "finished":
        robustness = Robustness.measured(points_of(curves[model.name]))
    return Compared.of(
        model,
        [by_name[name] for name in model.members if name in by_name],
        exact=saved_models.exact_accuracy(model),
        measured=measured[model.name].result if model.name in measured else None,
        robustness=robustness,
    )


def show_progress(
    noise: Noise,
    measured: Mapping[str, Job[Measured]],
    curves: Mapping[str, Curve],
    simple: SimpleMethods | None,
) -> None:
    """Shows the progress of the measurements and roughly the time left."""
    further = simple.jobs if simple else []
    jobs: list[Job[Any]] = [*measured.values(), *curves.values(), *further]
    active = [job.submitted for job in jobs if job.active]
    if not active:
        if measured:
            st.caption(
                "The models to compare were measured here, all on the same examples."
                if curves
                else "Accuracy and robustness are exact; answer times were measured here."
            )
        return
    begun = min(active)
    # Measurements from earlier visits took none of this time.
    shares = [
        job.progress.share if job.active else 1.0
        for job in [*measured.values(), *further]
        if job.submitted >= begun
    ]
    shares += [
        1.0 if not curve.active else len(points_of(curve)) / len(noise.levels)
        for curve in curves.values()
        if curve.submitted >= begun
    ]
    share = sum(shares) / len(shares)
    words = f"Measuring in the background: {100 * share:.0f} %"
    if share > 0.02:
        words += f", about {duration((time.monotonic() - begun) * (1 - share) / share)} left"
    else:
        words += "; waiting for a worker process to be ready …"
    st.progress(min(1.0, share), words)


def draw(
    models: Sequence[SavedModel],
    noise: Noise,
    measured: Mapping[str, Job[Measured]],
    curves: Mapping[str, Curve],
    simple: SimpleMethods | None,
) -> None:
    """Shows the progress, the table, the plot, and what they say."""
    try:
        rows = [compared(model, noise, measured, curves) for model in models]
    except DigitLabError as error:
        st.error(plain(str(error)))
        return
    chosen = [row for row in rows if row.name in measured]
    methods = simple.rows if simple else {}
    drawn = [row for name, row in methods.items() if name != NOT_IN_PLOT]
    across, up = ACROSS.get(), UP.get()
    # The accuracy on a card comes from other examples than one that is measured here.
    mixed = "accuracy" in (across, up) and any(row.from_card for row in rows)
    alike = [row for row in chosen if not row.from_card] or chosen
    shown = [*(alike if alike and mixed else rows), *drawn]
    with st.container(key=MAP, gap="xsmall"):
        plot(
            compare_figure(shown, across=across, up=up, name=TASK.get()),
            key="compare_plot",
            label=f"{QUANTITIES[up].title} against {QUANTITIES[across].title}",
            height=HEIGHT,
            description=description(shown, across, up),
        )
        with st.container(key=PROGRESS, gap=None):
            show_progress(noise, measured, curves, simple)
            words = "Hover over a symbol, or tap it, for its name and numbers."
            if len(shown) - len(drawn) < len(rows):
                words += (
                    " Models that have not been measured here are left out: the accuracy on their"
                    " card comes from other examples."
                )
            elif mixed:
                words += " Hollow symbols: the accuracy on the model's card."
            if drawn:
                words += " The majority guess is in the table only: it is too far from the others."
            st.caption(words)
    with st.container(key=REST):
        with st.container(key="compare_findings"):
            if said := findings(chosen, noise.title):
                st.markdown(" ".join(said).replace(" %", "\N{NO-BREAK SPACE}%"))
        show_compare_table([*rows, *methods.values()])
        show_pair_tests(chosen)
        if simple is not None:
            show_need(simple, chosen)


def explain(task: Task, source: str, noise: Noise) -> None:
    """Explains each number and names the data behind it."""
    how = (
        "computed exactly from the answers to all 128 patterns"
        if task.exact_channel(noise)
        else "measured on the same examples at every level; bars are the mean 95 % interval"
    )
    usual, level = usual_noise(task)
    if usual and task.exact_channel(usual):
        accuracy = (
            f"computed exactly for {usual.title.lower()} at {level:g}, all digits equally often:"
            " there are only 128 patterns, so no sample is needed, and every difference is real"
        )
    else:
        accuracy = (
            f"the models to compare all read the same {words_of_test(task, source)}; bars are 95 %"
            " intervals. The others have the accuracy on their *card* in the table, perhaps from"
            " other examples, and are not in a plot of accuracies with them"
        )
    with st.expander("What the numbers mean"):
        st.markdown(
            f"- **Accuracy**: the share classified correctly; {accuracy}.\n"
            "- **Parameters**: the number of learned weights. **Size**: of the LiteRT file, which"
            " computes the answers. **Training**: seconds on the computer that trained the model,"
            " from its card. An ensemble has the sum of its members. A simple method stores"
            " weights, the nodes of a tree, or all numbers of the examples that it keeps.\n"
            "- **Answer time**: the median of 200 answers by LiteRT on this computer, which may"
            " have been busy with other work. An ensemble asks its members one after the other.\n"
            f"- **Robustness**: the mean accuracy over all {len(noise.levels)} levels of"
            f" “{noise.title}”, from 0 to {noise.level_text(noise.levels[-1])}:"
            f" {noise.level_label}; {how}."
        )
        st.caption(task.source(source).note)


def choose_what_to_compare() -> tuple[Task, Noise, list[SavedModel]]:
    """Shows the choices of task, noise, models and axes; no model if the task has none."""
    task = choose_task(TASK, SETTINGS)
    every = saved_models.models(task.name)
    models = []
    if every:
        order = in_order([model.name for model in every])
        found = {model.name: model for model in every}
        models = choose_models(
            MODELS,
            {name: found[name] for name in order},
            label="Models to compare",
            first=first_models(order),
            most=MAX_MODELS,
        )
        if len(models) < len(every) <= MAX_MODELS:
            st.button(
                f"Measure all {len(every)} models",
                icon=":material/speed:",
                on_click=MODELS.set,
                args=(order,),
            )
    show_unusable()
    names = {name: quantity.title for name, quantity in QUANTITIES.items()}
    with st.container(key="side_by_side"):
        for side, setting, label in zip(
            st.columns(2), (ACROSS, UP), ("Horizontal axis", "Vertical axis"), strict=True
        ):
            with side:
                other = ACROSS.get() if setting is UP else ""
                free = [name for name in names if name != other]
                choose(setting, label, free, format_func=names.__getitem__)
    noise = choose_noise(NOISE, task, LEVEL, label="Noise for robustness")
    show_noise_details(NOISE, noise)
    if task.needs_own_samples:
        st.caption("Measured on digits only: there is no test data for people's own signs.")
    else:
        show_switch()
    return task, noise, models


def show_comparison(
    noise: Noise,
    models: Sequence[SavedModel],
    every: Sequence[SavedModel],
    measured: Mapping[str, Job[Measured]],
    curves: Mapping[str, Curve],
    simple: SimpleMethods | None,
) -> None:
    """Shows the models to compare while they are measured, before the task's others."""
    chosen, order = {model.name for model in models}, in_order([model.name for model in every])
    rows = sorted(every, key=lambda model: (model.name not in chosen, order.index(model.name)))
    if not follow_jobs(
        [*measured.values(), *curves.values(), *(simple.jobs if simple else [])],
        lambda: draw(rows, noise, measured, curves, simple),
    ):
        draw(rows, noise, measured, curves, simple)


def offer_measuring_again(
    noise: Noise,
    models: Sequence[SavedModel],
    source: str,
    measured: Mapping[str, Job[Measured]],
    curves: Mapping[str, Curve],
    simple: SimpleMethods | None,
) -> None:
    """Offers to try again what has failed."""
    forget, forget_curve = saved_models.benchmark_job.clear, saved_models.noise_curve_job.clear
    offer_retry(
        [
            Retry(measured[model.name], partial(forget, model, source), model.name)
            for model in models
        ]
        + [
            Retry(curves[model.name], partial(forget_curve, model, source, noise.name), model.name)
            for model in models
            if model.name in curves
        ]
        + list(simple.retries if simple else ()),
        key="compare",
    )


st.title("What does a better network cost?")
st.markdown(
    "Each symbol is a saved network: **how often it is right**, against **what that costs**:"
    " parameters to store, time to train or time to answer."
)
st.html(STYLE)
restore("compare", (*SETTINGS, GUIDE_SWEEP))
person = visitor()
with st.container(key=LAB):
    with st.container(key=CONTROLS):
        task, noise, models = choose_what_to_compare()
    source, every = task.available_source().name, saved_models.models(task.name)
    measured = benchmarks(models, source)
    curves = noise_curves(task, models, source, noise)
    simple = None if task.needs_own_samples else simple_methods(task, source, noise)
    if every:
        show_comparison(noise, models, every, measured, curves, simple)
    else:
        st.info(f"There is no saved model for “{plain(task.title)}” yet.", icon=":material/build:")
if every:
    offer_measuring_again(noise, models, source, measured, curves, simple)
    explain(task, source, noise)
if task.label == "digit":
    offer_guide_sweep(person)
share((*SETTINGS, *guide_sweep_settings()))
