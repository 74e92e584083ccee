"""Lesson 4: noise makes every classifier worse; how fast, and how much of it is fate?"""

import numpy as np
import streamlit as st

from core import exact
from core.channels import Channel
from core.errors import DigitLabError
from core.jobs import NoiseCurve
from core.metrics import percent
from core.noise import LEVELS, Noise
from core.robustness import example_limit
from core.store import SavedModel
from core.task import Task, task, tasks
from ui import cache
from ui.components.plot import plot
from ui.noise_figure import noise_figure
from ui.pickers import show_unusable
from ui.settings import Setting, choose, note, parse_level, restore, share, write_number
from ui.sweep_view import SWEEP_SETTINGS, offer_sweep, sweep_settings
from ui.tiles import show_tiles

POLL_SECONDS = 0.5
MAX_MODELS = 4
SAMPLE_SEED = 0


def parse_models(text: str) -> list[str]:
    """Reads model names out of a URL; which of them exist is seen when they are shown."""
    return [name for name in text.split(",") if name][:MAX_MODELS]


TASK = Setting("noise_task", lambda: next(iter(tasks())), "task", lambda text: task(text).name)
NOISE = Setting("noise_kind", str, "noise")
LEVEL = Setting("noise_level", lambda: 0.15, "level", parse_level, write_number)
MODELS: Setting[list[str]] = Setting("noise_models", list, "models", parse_models, ",".join)
SETTINGS = (TASK, NOISE, LEVEL, MODELS)


def choose_models(problem: Task) -> list[SavedModel]:
    """Shows the task's models and returns the chosen ones, the default one if none was."""
    found = {model.name: model for model in cache.models(problem.name)}
    known = [name for name in MODELS.get() if name in found]
    if unknown := [
        name for name in MODELS.get() if name not in found and name not in every_model()
    ]:
        note(f"There is no model “{unknown[0][:60]}” here, so it is left out.")
    MODELS.set(known or list(found)[:1])
    chosen = st.multiselect("Models", list(found), max_selections=MAX_MODELS, **MODELS.widget)
    show_unusable()
    return [found[name] for name in chosen]


def every_model() -> set[str]:
    return {model.name for problem in tasks() for model in cache.models(problem)}


def show_samples(problem: Task, source: str, noise: Noise, level: float) -> None:
    """Shows one example of every class, clean and with the noise on it."""
    examples = cache.examples(problem.name, source, example_limit(problem.input_shape))
    first = np.array([int(np.argmax(examples.y == n)) for n in range(len(problem.classes))])
    spoilt = noise.apply(examples.x[first], level=level, random_state=SAMPLE_SEED)
    show_tiles(
        [problem.picture(x) for x in spoilt],
        [f"a {problem.classes[y]}" for y in examples.y[first]],
        key="noise_samples",
    )
    st.caption(f"{noise.description} Noise seed {SAMPLE_SEED}; the same digits at every level.")


@st.fragment(run_every=POLL_SECONDS)
def follow(
    problem: Task, noise: Noise, level: float, curves: dict[str, NoiseCurve], data: str
) -> None:
    """Draws the curves again and again until all of them are measured."""
    draw(problem, noise, level, curves, data)
    if not any(curve.job.active for curve in curves.values()):
        st.rerun()
    done = sum(len(curve.points) for curve in curves.values())
    st.progress(
        done / (len(LEVELS) * len(curves)),
        f"Measuring: {done} of {len(LEVELS) * len(curves)} points."
        + (" Waiting for a worker process to be ready …" if done == 0 else ""),
    )


def draw(
    problem: Task, noise: Noise, level: float, curves: dict[str, NoiseCurve], data: str
) -> None:
    """Shows the read-out at the slider's level, and the curves."""
    points = {name: curve.points for name, curve in curves.items()}
    ceiling = (
        [exact.ceiling(noise.likelihood(each)) for each in LEVELS]
        if isinstance(noise, Channel) and problem.channel
        else None
    )
    columns = st.columns(len(points) + (ceiling is not None))
    for column, (name, measured) in zip(columns, points.items(), strict=False):
        here = next((point.accuracy for point in measured if point.level == level), None)
        column.metric(
            f"{name} at {level:g}",
            percent(here.value, 1) if here else "…",
            border=True,
            help=str(here) if here else None,
        )
        if here:
            low, high = here.interval
            column.caption(f"95 % interval {percent(low, 1)} to {percent(high, 1)}")
    if ceiling is not None:
        columns[-1].metric("Best possible", percent(ceiling[LEVELS.index(level)], 1), border=True)
        columns[-1].caption("exact, for any classifier (Bayes-optimal accuracy)")
    plot(
        noise_figure(points, level=level, noise=noise, ceiling=ceiling, data=data),
        key="noise_curves",
        label=f"Accuracy by level of {noise.title.lower()}",
        height=440,
    )
    if ceiling is not None:
        st.markdown(
            "Noise destroys the very information that tells digits apart: a 9 without its segment"
            " b *is* a 5. So no classifier beats the dashed line, save by luck of the draw."
        )


st.title("How much noise can a network bear?")
st.markdown(
    "Move the slider: the samples show what the noise does, the curves how often each network is"
    " still right (its **accuracy**)."
)
restore("noise", (*SETTINGS, *SWEEP_SETTINGS))
left, middle, right = st.columns(3)
with left:
    titles = {name: problem.title for name, problem in tasks().items()}
    problem = task(choose(TASK, "Task", list(titles), format_func=titles.__getitem__))
with middle:
    kinds = {noise.name: noise.title for noise in problem.noises}
    noise = problem.noise(choose(NOISE, "Noise", list(kinds), format_func=kinds.__getitem__))
with right:
    models = choose_models(problem)
level = st.select_slider(f"Noise level: {noise.level_label}", LEVELS, **LEVEL.widget)
source = problem.available_source()
try:
    show_samples(problem, source.name, noise, level)
except DigitLabError as error:
    st.error(str(error))
    st.stop()

if not models:
    st.info("Choose a model to see its curve.", icon=":material/show_chart:")
else:
    curves = {model.name: cache.noise_curve(model, source.name, noise.name) for model in models}
    failed = [model for model in models if curves[model.name].job.state == "failed"]
    for model in failed:
        st.error(f"{model.name}: {curves[model.name].job.error}")
    if failed and st.button("Measure again"):
        for model in failed:
            cache.forget_noise_curve(model, source.name, noise.name)
        st.rerun()
    limit = example_limit(problem.input_shape)
    count = len(cache.examples(problem.name, source.name, limit))
    data = f"{count:,} test examples of “{source.title}”"
    active = any(curve.job.active for curve in curves.values())
    (follow if active else draw)(problem, noise, level, curves, data)
    st.caption(f"Measured on {data}, the same at every level; noise seed 0. {source.note}")
offer_sweep(problem, noise)
share((*SETTINGS, *sweep_settings()))
