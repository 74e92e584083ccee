"""Lesson 4: noise makes every classifier worse; how fast, and how much of it is unavoidable?"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import streamlit as st

from core.errors import DigitLabError
from core.evaluation.evaluation import rates
from core.evaluation.robustness import NoisePoint, example_limit
from core.jobs.noise_curve import Curve, points_of
from core.metrics.accuracy import percent
from core.noise.base import Noise
from core.segments.bayes import share_of_ceiling
from core.tasks.base import DataSource, Task, get_task, tasks
from core.training.config import TrainingConfig
from ui.components.plot import plot
from ui.models.ensemble_form import offer_ensemble
from ui.noise.figures import noise_figure
from ui.noise.table import noise_table, show_table
from ui.noise.theory import (
    EVEN,
    Study,
    choose_prior,
    confidence_verdict,
    parse_weights,
    show_confusions,
    show_promise,
    show_trade,
    study_of,
    write_weights,
)
from ui.services import datasets, saved_models, server
from ui.session.settings import Setting, parse_level, restore, share, write_number
from ui.session.visitor import visitor
from ui.sweeps.noise_sweep import SWEEP_SETTINGS, offer_sweep, sweep_settings
from ui.widgets.job_progress import WAITING, Retry, follow_jobs, offer_retry
from ui.widgets.noise_picker import choose_noise, level_slider, show_noise_details
from ui.widgets.pickers import choose_models, choose_task, model_names, show_unusable
from ui.widgets.tiles import show_tiles
from ui.wording.articles import article

MAX_MODELS = 6
READINGS_IN_A_ROW = 4
SAMPLE_SEED = 0
MAX_NAME = 80

TASK = Setting("noise_task", lambda: next(iter(tasks())), "task", lambda text: get_task(text).name)
NOISE = Setting("noise_kind", str, "noise", of=TASK)
LEVEL = Setting("noise_level", lambda: 0.15, "level", parse_level, write_number)
MODELS: Setting[list[str]] = Setting(
    "noise_models", list, "models", model_names(MAX_MODELS), ",".join, of=TASK
)
PRIOR = Setting("noise_prior", lambda: EVEN, "prior", parse_weights, write_weights)
SETTINGS = (TASK, NOISE, LEVEL, MODELS, PRIOR)


def show_samples(task: Task, source: str, noise: Noise, level: float) -> None:
    """Shows one example of every class with the noise on it, and one of them at every level."""
    examples = datasets.examples(task.name, source, example_limit(task.input_shape))
    first = np.array([int(np.argmax(examples.y == n)) for n in range(len(task.classes))])

    def noisy(x: np.ndarray, at: float) -> np.ndarray:
        return noise.apply(x, level=at, random_state=SAMPLE_SEED)

    show_tiles(
        [task.picture(x) for x in noisy(examples.x[first], level)],
        [article(task.classes[y]) for y in examples.y[first]],
        key="noise_samples",
    )
    st.caption(f"{noise.description} Noise seed {SAMPLE_SEED}; the same digits at every level.")
    with st.expander("One digit at every level", expanded=len(task.input_shape) > 1):
        names = list(task.classes)
        name = st.segmented_control("Digit", names, default=names[-2], required=True)
        one = examples.x[first[names.index(name)]][np.newaxis]
        show_tiles(
            [task.picture(noisy(one, each)[0]) for each in noise.levels],
            [f"{each:g}" for each in noise.levels],
            key="noise_levels",
        )


def show_measuring(
    task: Task, noise: Noise, level: float, curves: Mapping[str, Curve], data: str
) -> None:
    """Draws the points measured so far, and shows the progress."""
    draw(task, noise, level, curves, data)
    done = sum(len(points_of(curve)) for curve in curves.values())
    wanted = len(noise.levels) * len(curves)
    waiting = f" {WAITING}" if done == 0 else ""
    st.progress(done / wanted, f"Measuring: {done} of {wanted} points.{waiting}")


def draw(task: Task, noise: Noise, level: float, curves: Mapping[str, Curve], data: str) -> None:
    """Shows the accuracies at the slider's level, the curves and the confusion matrices."""
    found = {model.name: model for model in saved_models.models(task.name)}
    models = [found[name] for name in curves if name in found]
    if not models:
        st.info("These models no longer exist.", icon=":material/info:")
        return
    curves = {model.name: curves[model.name] for model in models}  # one may have been deleted
    study = study_of(task, noise, models, PRIOR.get())
    # The measurements used equally frequent digits.
    even = study is None or PRIOR.get() == EVEN
    points = {name: points_of(curve) if even else [] for name, curve in curves.items()}
    show_readings(points, study, noise, level)
    plot(
        noise_figure(
            points,
            level=level,
            noise=noise,
            exact=study.networks if study else {},
            baselines=study.baselines if study else (),
        ),
        key="noise_curves",
        label=f"Accuracy by level of {noise.title.lower()}",
        height=460,
    )
    st.caption(
        f"Dots: measured on {data}, the same at every level, with noise seed 0. Bars: 95 %"
        " intervals."
        if even
        else "No measured dots: the test set holds every digit equally often."
    )
    if study:
        st.caption("Lines: exact, computed from all 128 patterns and their probabilities.")
    show_confusions(confusions(noise, level, points, study), task.classes)
    table = noise_table(
        noise,
        points,
        study.networks if study else {},
        study.baselines if study else (),
    )
    show_table(table, name=f"{task.name}-{noise.name.partition(':')[0]}", words=data)


def show_readings(
    points: Mapping[str, Sequence[NoisePoint]], study: Study | None, noise: Noise, level: float
) -> None:
    """Shows each network's accuracy at the slider's level, beside the best possible."""
    here = noise.levels.index(level)
    count = len(points) + (study is not None)
    width = min(count, READINGS_IN_A_ROW)
    columns = [column for _ in range(0, count, width) for column in st.columns(width)]
    verdicts = []
    for column, (name, measured) in zip(columns, points.items(), strict=False):
        point = next((point for point in measured if point.level == level), None)
        value = study.networks[name][here] if study else point.accuracy.value if point else None
        column.metric(
            f"{name} at {level:g}",
            percent(value, 1) if value is not None else "…",
            border=True,
            help=str(point.accuracy) if point else None,
        )
        if study:
            share = share_of_ceiling(study.rules[name], study.likelihoods[here], study.prior)
            column.caption(f"exact; {percent(share, 1)} of the best possible")
        if point:
            low, high = point.accuracy.interval
            prefix = f"measured {percent(point.accuracy.value, 1)}, " if study else ""
            column.caption(
                f"{prefix}95 % interval {percent(low, 1)} to {percent(high, 1)};"
                f" average confidence {percent(point.confidence, 1)}"
            )
        if point and (words := confidence_verdict(name, point)):
            verdicts.append(words)
    if study:
        last = columns[count - 1]
        last.metric("Best possible", percent(study.best.values[here], 1), border=True)
        others = ", ".join(
            f"{line.name} {percent(line.values[here], 1)}" for line in study.baselines[1:]
        )
        last.caption(
            f"exact limit for any classifier (Bayes-optimal accuracy); simple rules: {others}"
        )
    if verdicts:
        st.markdown("\n".join(f"- {words}" for words in verdicts))


def confusions(
    noise: Noise,
    level: float,
    points: Mapping[str, Sequence[NoisePoint]],
    study: Study | None,
) -> dict[str, np.ndarray]:
    """Returns the confusion matrices of the best rule and of each network, by title."""
    if study:
        return study.confusions(noise.levels.index(level))
    found = {}
    for name, measured in points.items():
        for point in measured:
            if point.level == level:
                found[f"{name}, measured"] = rates(point.confusion)
    return found


def train_on(task: Task, source: DataSource, noise: Noise, level: float, owner: str) -> None:
    """Starts a run on the chosen noise, and opens it on the Train page."""
    recipe = task.recipes[0]
    config = replace(
        TrainingConfig.from_recipe(task, recipe, source=source.name),
        noise=noise.name,
        noise_level=level,
    )
    try:
        run = server.runs().start(
            config, owner=owner, name=f"{noise.title} at {level:g}"[:MAX_NAME]
        )
    except DigitLabError as error:
        st.error(str(error))
        return
    asked = {"task": task.name, "data": source.name, "recipe": recipe.name}
    asked |= {"noise": noise.name, "level": f"{level:g}", "run": run}
    st.switch_page("pages/train.py", query_params=asked)


st.title("How much noise can a network bear?")
st.markdown(
    "Move the slider. The samples show what the noise does; the curves show how often each network"
    " is still right (its **accuracy**)."
)
restore("noise", (*SETTINGS, *SWEEP_SETTINGS))
person = visitor()
left, middle, right = st.columns(3)
with left:
    task = choose_task(TASK, SETTINGS)
with middle:
    noise = choose_noise(NOISE, task, LEVEL)
with right:
    found = {model.name: model for model in saved_models.models(task.name)}
    models = choose_models(MODELS, found, label="Models", first=list(found)[:1], most=MAX_MODELS)
    show_unusable()
show_noise_details(NOISE, noise)
level = level_slider(noise, LEVEL)
source = task.available_source()
try:
    show_samples(task, source.name, noise, level)
except DigitLabError as error:
    st.error(str(error))
    st.stop()
if task.channel is not None:
    choose_prior(PRIOR)

if not models:
    st.info("Choose a model to see its curve.", icon=":material/show_chart:")
else:
    curves = {
        model.name: saved_models.noise_curve_job(model, source.name, noise.name) for model in models
    }
    forget = saved_models.noise_curve_job.clear
    offer_retry(
        [
            Retry(curves[model.name], partial(forget, model, source.name, noise.name), model.name)
            for model in models
        ],
        key="noise_curves",
    )
    limit = example_limit(task.input_shape)
    count = len(datasets.examples(task.name, source.name, limit))
    data = f"{count:,} test examples of “{source.title}”"
    if not follow_jobs(
        [*curves.values()], lambda: show_measuring(task, noise, level, curves, data)
    ):
        draw(task, noise, level, curves, data)
    st.caption(source.note)
if st.button("Train a network on this noise", icon=":material/model_training:"):
    train_on(task, source, noise, level, person)
offer_ensemble(task, owner=person)
if task.channel is not None:
    show_promise()
    show_trade([m for m in saved_models.models(task.name) if not saved_models.problem(m)])
offer_sweep(task, noise, person)
share((*SETTINGS, *sweep_settings()))
