"""Lesson 4: noise makes every classifier worse; how fast, and how much of it is unavoidable?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import streamlit as st

from core.baselines.learning import NAMES
from core.errors import DigitLabError
from core.evaluation.evaluation import rates
from core.evaluation.robustness import NoisePoint, example_limit
from core.jobs.noise_curve import Curve, points_of
from core.models.saved_model import SavedModel
from core.noise.base import Noise
from core.tasks.base import DataSource, Task, get_task, tasks
from core.training.config import TrainingConfig
from core.workers.job import Job
from ui.components.plot import plot
from ui.models.ensemble_form import offer_ensemble
from ui.noise import layout
from ui.noise.confidence import show_confidence
from ui.noise.figures import Line, limits, noise_figure
from ui.noise.readings import at, readings, show_readings, simple_readings
from ui.noise.samples import show_levels, show_samples
from ui.noise.simple_methods import SimpleMethods, show_switch, simple_methods
from ui.noise.table import noise_table, show_table
from ui.noise.theory import (
    EVEN,
    Study,
    choose_prior,
    parse_weights,
    show_confusions,
    show_promise,
    show_trade,
    study_of,
    write_weights,
)
from ui.services import datasets, saved_models, server
from ui.session.settings import Setting, one_of, parse_level, restore, share, write_number
from ui.session.state import Key
from ui.session.visitor import visitor
from ui.sweeps.noise_sweep import SWEEP_SETTINGS, offer_sweep, sweep_settings
from ui.widgets.baselines import progress_words
from ui.widgets.job_progress import WAITING, Retry, follow_jobs, offer_retry
from ui.widgets.noise_picker import choose_noise, level_slider, show_noise_details
from ui.widgets.pickers import choose_models, choose_task, model_names, show_unusable
from ui.wording.measured import data_words
from ui.wording.nouns import of_noun
from ui.wording.phrases import plain

MAX_MODELS = 6
MAX_NAME = 80
# What can be looked at below the curves, each in a tab.
PARTS: Mapping[str, str] = {
    "mixed": "Mixed-up digits",
    "confidence": "Can you trust it?",
    "levels": "One digit, every level",
    "numbers": "All numbers",
    "prior": "Unequal digits",
    "best": "Best for every noise?",
    "train": "Train on this noise",
    "together": "Better together?",
}

TASK = Setting("noise_task", lambda: next(iter(tasks())), "task", lambda text: get_task(text).name)
NOISE = Setting("noise_kind", str, "noise", of=TASK)
LEVEL = Setting("noise_level", lambda: 0.15, "level", parse_level, write_number)
MODELS: Setting[list[str]] = Setting(
    "noise_models", list, "models", model_names(MAX_MODELS), ",".join, of=TASK
)
PRIOR = Setting("noise_prior", lambda: EVEN, "prior", parse_weights, write_weights)
PART = Setting("noise_part", lambda: next(iter(PARTS)), "part", one_of(list(PARTS)))
SETTINGS = (TASK, NOISE, LEVEL, MODELS, PRIOR, PART)


@dataclass(frozen=True)
class Lesson:
    """What the page is about now, apart from the level.

    Args:
        task: the task.
        noise: the kind of noise.
        models: the chosen networks that still exist.
        source: the data that is measured on.
        curves: by network, its measurement.
        study: what theory says, or None where it says nothing.
        simple: simple methods, if the person asked for them.
    """

    task: Task
    noise: Noise
    models: Sequence[SavedModel]
    source: DataSource
    curves: Mapping[str, Curve]
    study: Study | None
    simple: SimpleMethods | None = None

    @property
    def jobs(self) -> list[Job[Any]]:
        """All that is measured for the page."""
        return [*self.curves.values(), *([self.simple.job] if self.simple else [])]

    @property
    def lines(self) -> Sequence[Line]:
        """The exact curves of simple methods, where theory gives them."""
        return self.simple.lines(self.study) if self.simple else ()

    @property
    def simple_points(self) -> Mapping[str, Sequence[NoisePoint]]:
        """By simple method, what has been measured so far."""
        return self.simple.points(self.study) if self.simple else {}

    @property
    def measured_fits(self) -> bool:
        """Whether the measurements, on equally frequent digits, are for the chosen prior."""
        return self.study is None or PRIOR.get() == EVEN

    @property
    def points(self) -> dict[str, list[NoisePoint]]:
        """By network, what has been measured so far for the chosen prior."""
        fits = self.measured_fits
        return {name: list(points_of(curve)) if fits else [] for name, curve in self.curves.items()}

    @property
    def data(self) -> str:
        """The examples that are measured on, in words."""
        limit = example_limit(self.task.input_shape)
        count = len(datasets.examples(self.task.name, self.source.name, limit))
        return data_words(count, f"test examples of “{self.source.title}”")


@st.fragment
def show_lesson(task: Task, noise: Noise, chosen: Sequence[SavedModel], owner: str) -> None:
    """Shows all that changes with the level: only this is drawn when the slider moves."""
    found = {model.name for model in saved_models.models(task.name)}
    models = [model for model in chosen if model.name in found]  # one may have been deleted
    source = task.available_source()
    lesson = Lesson(
        task,
        noise,
        models,
        source,
        {m.name: saved_models.noise_curve_job(m, source.name, noise.name) for m in models},
        study_of(task, noise, models, PRIOR.get()),
        None if task.needs_own_samples else simple_methods(task, source, noise, models),
    )
    try:
        with st.container(key=layout.LAB):
            with st.container(key=layout.LEVEL):
                level = level_slider(noise, LEVEL)
                if not task.needs_own_samples:
                    show_switch()
            show_samples(task, source.name, noise, level)
            show = partial(show_curves, lesson, level)
            if not follow_jobs(lesson.jobs, show):
                with st.container():  # as around what is followed, or the page would jump here
                    show()
        offer_again(lesson)
        show_parts(lesson, level, owner)
    except DigitLabError as error:
        st.error(plain(str(error)))
    share((*SETTINGS, *sweep_settings()))


def show_curves(lesson: Lesson, level: float) -> None:
    """Shows the read-out and the curves, or how far their measurement has come."""
    noise, study, points = lesson.noise, lesson.study, lesson.points
    with st.container(key=layout.READINGS):
        rows = readings(points, study, noise, level, limited=lesson.source.ceiling is not None)
        rows += simple_readings(lesson.simple_points, lesson.lines, study, noise, level)
        show_readings(
            rows,
            exact=study is not None,
            level_text=noise.level_text(level),
        )
    with st.container(key=layout.CURVES):
        plot(
            noise_figure(
                points,
                level=level,
                noise=noise,
                exact=study.networks if study else {},
                baselines=study.baselines if study else limits(points, noise),
                simple_lines=lesson.lines,
                simple_points=lesson.simple_points,
            ),
            key="noise_curves",
            label=f"Accuracy by level of {noise.title.lower()}",
            height=layout.CURVE_HEIGHT,
        )
        with st.container(key=layout.NOTE):
            show_note(lesson)


def show_note(lesson: Lesson) -> None:
    """Says what the curves are made of, or how many points are measured."""
    simple = lesson.simple
    trained = simple.words(lesson.task, lesson.source) if simple else ""
    if not lesson.models and simple is None:
        st.info("Choose a model to see its curve.", icon=":material/show_chart:")
    elif any(curve.active for curve in lesson.curves.values()):
        done = sum(len(points_of(curve)) for curve in lesson.curves.values())
        wanted = len(lesson.noise.levels) * len(lesson.curves)
        waiting = f" {WAITING}" if done == 0 else ""
        st.progress(min(1.0, done / wanted), f"Measuring: {done} of {wanted} points.{waiting}")
    elif simple is not None and simple.job.active:
        if done := sum(map(len, lesson.simple_points.values())):
            wanted = len(lesson.noise.levels) * len(NAMES)
            st.progress(done / wanted, f"Simple methods: {done} of {wanted} points.")
        else:
            st.progress(simple.job.progress.share, progress_words(simple.job))
    elif not lesson.measured_fits:
        words = "Lines: exact. No measured dots: the test set holds every digit equally often."
        st.caption(f"{words} {trained}")
    elif lesson.study and not lesson.models:
        st.caption(f"Lines: exact. {trained}")
    else:
        exact = "Lines: exact. " if lesson.study else ""
        if limits(lesson.points, lesson.noise):
            exact = "Dashed: the best that any classifier can do, exactly. "
        st.caption(f"{exact}Dots: measured on {lesson.data}, with 95 % intervals. {trained}")


def offer_again(lesson: Lesson) -> None:
    """Says which networks could not be measured, and offers to try again."""
    forget = saved_models.noise_curve_job.clear
    offer_retry(
        [
            Retry(
                lesson.curves[model.name],
                partial(forget, model, lesson.source.name, lesson.noise.name),
                model.name,
            )
            for model in lesson.models
        ]
        + ([lesson.simple.retry] if lesson.simple else []),
        key="noise_curves",
    )


def show_parts(lesson: Lesson, level: float, owner: str) -> None:
    """Shows the tabs and draws the open one; what is set in the others is kept in settings."""
    task, noise = lesson.task, lesson.noise
    draw: dict[str, Callable[[], None]] = {
        "mixed": partial(show_mixed, lesson, level),
        "confidence": partial(show_trust, lesson, level),
        "levels": partial(show_levels, task, lesson.source.name, noise),
        "numbers": partial(show_numbers, lesson),
        "prior": partial(choose_prior, PRIOR),
        "best": partial(show_best, task),
        "train": partial(offer_training, lesson, level, owner),
        "together": partial(offer_ensemble, task, owner=owner),
    }
    left_out = set() if lesson.models else {"mixed", "confidence", "numbers"}
    if task.channel is None:
        left_out |= {"prior", "best"}
    if task.needs_own_samples:
        left_out |= {"train", "together"}
    names = [name for name in PARTS if name not in left_out]
    if PART.get() not in names:
        PART.set(names[0])
    titles = {name: of_noun(words, task.label) for name, words in PARTS.items()}
    # Streamlit forgets the open tab when other tabs are offered, or when the page is left.
    key: Key[str] = Key(f"noise_tabs_{'_'.join(names)}", lambda: titles[PART.get()])
    if key.get() != titles[PART.get()]:
        key.set(titles[PART.get()])

    def take() -> None:
        PART.set(next(name for name in names if titles[name] == key.get()))

    tabs = st.tabs([titles[name] for name in names], key=key.name, on_change=take)
    for name, tab in zip(names, tabs, strict=True):
        if tab.open:
            with tab:
                draw[name]()


def show_mixed(lesson: Lesson, level: float) -> None:
    """Shows the confusion matrices of the best rule and of each network."""
    if lesson.study:
        matrices = lesson.study.confusions(lesson.noise.levels.index(level))
    else:
        matrices = {
            f"{name}, measured": rates(point.confusion)
            for name, measured in lesson.points.items()
            if (point := at(measured, level))
        }
    if matrices:
        show_confusions(matrices, lesson.task.classes, lesson.task.label)
    else:
        st.info("Nothing has been measured at this level yet.", icon=":material/hourglass_empty:")


def show_trust(lesson: Lesson, level: float) -> None:
    """Shows whether the networks' confidence falls with their accuracy."""
    if not lesson.measured_fits:
        st.info(
            "Confidence is measured on the test set, which holds every digit equally often. Make"
            " the digits equally frequent to see it.",
            icon=":material/info:",
        )
        return
    text = lesson.noise.level_text(level)
    show_confidence(lesson.points, level, level_text=text, data=lesson.data)


def show_numbers(lesson: Lesson) -> None:
    """Shows the curves as a table."""
    study, noise = lesson.study, lesson.noise
    table = noise_table(
        noise,
        lesson.points | dict(lesson.simple_points),
        study.networks if study else {},
        (*(study.baselines if study else limits(lesson.points, noise)), *lesson.lines),
    )
    show_table(
        table,
        name=f"{lesson.task.name}-{noise.name.partition(':')[0]}",
        words=f"Measured on {lesson.data}, the same at every level, with noise seed 0."
        f" {lesson.source.note}",
    )


def show_best(task: Task) -> None:
    """Shows how the task's networks do on every noise, and what no network can do."""
    show_trade([m for m in saved_models.models(task.name) if not saved_models.problem(m)])
    show_promise()


def offer_training(lesson: Lesson, level: float, owner: str) -> None:
    """Offers one run at this level, and the exercise with five."""
    text = lesson.noise.level_text(level)
    if st.button(f"Train a network at level {text}", icon=":material/model_training:"):
        train_on(lesson.task, lesson.source, lesson.noise, level, owner)
    offer_sweep(lesson.task, lesson.noise, owner)


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
        st.error(plain(str(error)))
        return
    asked = {"task": task.name, "data": source.name, "recipe": recipe.name}
    asked |= {"noise": noise.name, "level": f"{level:g}", "run": run}
    st.switch_page("pages/train.py", query_params=asked)


st.title("How much noise can a network bear?")
st.markdown(
    "Move the slider. The samples show what the noise does; the curves show how often each network"
    " is still right (its **accuracy**)."
)
st.html(layout.STYLE)
given = restore("noise", (*SETTINGS, *SWEEP_SETTINGS))
if SWEEP_SETTINGS[0].name in given and PART.name not in given:
    PART.set("train")  # a link to the exercise, from before there were tabs
person = visitor()
with st.container(key="side_by_side"):
    left, middle, right = st.columns(3)
with left:
    task = choose_task(TASK, SETTINGS)
with middle:
    noise = choose_noise(NOISE, task, LEVEL)
with right:
    found = {model.name: model for model in saved_models.models(task.name)}
    models = choose_models(MODELS, found, label="Models", first=list(found)[:1], most=MAX_MODELS)
    show_unusable()
st.caption(noise.description)
show_noise_details(NOISE, noise)
if task.needs_own_samples:
    st.caption(
        "These networks were fine-tuned on people's own signs, and “sign A” is another one for each"
        " of them. So they cannot vote together, and none is trained here."
    )
show_lesson(task, noise, models, person)
