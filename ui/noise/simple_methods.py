"""Simple methods' curves beside those of networks, once a person asks for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from core.baselines.learning import NAMES, TITLES, LearnedFrom
from core.evaluation.benchmark import usual_noise
from core.evaluation.robustness import NoisePoint
from core.jobs.baselines import baseline_points
from core.models.saved_model import SavedModel
from core.noise.base import Noise
from core.segments import bayes
from core.tasks.base import DataSource, Task
from core.workers.job import Job
from ui.noise.figures import Line
from ui.noise.theory import Study
from ui.services.baselines import baseline_curves_job, baselines_job
from ui.session.settings import Setting
from ui.widgets.job_progress import Retry

# In no link: opening one would train what nobody here has asked for.
SIMPLE = Setting("noise_simple_methods", bool)


@dataclass(frozen=True)
class SimpleMethods:
    """The simple methods of the page.

    Args:
        learned: what they learned from, once.
        like: name of the network whose training noise that has; empty if none is chosen.
        job: trains them and, where theory does not give their accuracy, measures their curves.
        forget: makes their service start it again.
        noise: the kind of noise on the page.
    """

    learned: LearnedFrom
    like: str
    job: Job[Any]
    forget: Callable[[], None]
    noise: Noise

    @property
    def retry(self) -> Retry:
        """What is done when it has failed."""
        return Retry(self.job, self.forget, "Simple methods")

    def lines(self, study: Study | None) -> tuple[Line, ...]:
        """Returns their exact curves; none where there is no theory, or before they are known."""
        if study is None or self.job.result is None:
            return ()
        return tuple(
            Line(
                each.title.lower(),
                [
                    bayes.expected_accuracy(each.rule, likelihood, study.prior)
                    for likelihood in study.likelihoods
                ],
            )
            for each in self.job.result.each
        )

    def points(self, study: Study | None) -> Mapping[str, Sequence[NoisePoint]]:
        """Returns what has been measured so far, by name; nothing where theory is exact."""
        if study is not None:
            return {}
        found = baseline_points(self.job)
        return {TITLES[name].lower(): found[name] for name in NAMES if name in found}

    def words(self, task: Task, source: DataSource) -> str:
        """Says what they were trained on."""
        found, learned = self.job.result, self.learned
        if found is None:
            return ""
        noise = None if learned.noise == "none" else task.noise(learned.noise)
        level = f"{noise.title.lower()} at {learned.level:g}" if noise else "no noise"
        count = f"{found.examples:,}"
        if found.examples < found.available:
            count += f" of {found.available:,}"
        like = f", as “{self.like}” was" if self.like else ""
        return (
            f"Thin lines with marks: simple methods, trained once on {count} examples of"
            f" “{source.title}” with {level}{like}."
        )


def show_switch() -> None:
    """Shows the switch below the level."""
    st.toggle(
        "Simple methods",
        help="Do you need a network? Trains logistic regression, a decision tree, nearest"
        " neighbours and a majority guess once, at the noise that the first network learned from,"
        " and adds their curves. Takes a few seconds; for pictures longer.",
        **SIMPLE.widget,
    )


def simple_methods(
    task: Task, source: DataSource, noise: Noise, models: Sequence[SavedModel]
) -> SimpleMethods | None:
    """Returns the simple methods if a person wants to see them; they are trained at the first call.

    Args:
        task: the task.
        source: the data that is measured on, and learned from.
        noise: the kind of noise on the page.
        models: the chosen networks; the methods learn at the noise of the first one.
    """
    if not SIMPLE.get():
        return None
    usual, level = usual_noise(task)
    learned = LearnedFrom(task.name, source.name, usual.name if usual else "none", level)
    like = ""
    if models:
        card, like = models[0].card, models[0].name
        learned = LearnedFrom(task.name, source.name, card.noise, card.noise_level, card.seed)
    if task.exact_channel(noise):
        job: Job[Any] = baselines_job(learned)
        forget = partial(baselines_job.clear, learned)
    else:
        job = baseline_curves_job(learned, noise.name)
        forget = partial(baseline_curves_job.clear, learned, noise.name)
    return SimpleMethods(learned, like, job, forget, noise)
