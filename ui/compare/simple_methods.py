"""Simple methods as further rows of the comparison, once a person asks for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from core.baselines.judging import MeasuredBaseline, MeasuredBaselines
from core.baselines.learning import LearnedFrom
from core.evaluation.benchmark import exact_accuracy, usual_noise
from core.evaluation.model_comparison import Compared, Robustness, pair_tests
from core.jobs.baselines import BaselineCurves
from core.metrics.accuracy import ExactAccuracy
from core.noise.base import Noise
from core.tasks.base import Task
from core.workers.job import Job
from ui.services.baselines import baseline_curves_job, baselines_job
from ui.session.settings import Setting
from ui.widgets.baselines import show_methods
from ui.widgets.job_progress import Retry
from ui.wording.baselines import ASK, Beside, rows, weights
from ui.wording.measured import measured_on

# In no link: opening one would train what nobody here has asked for.
SIMPLE = Setting("compare_simple_methods", bool)
NOT_IN_PLOT = "majority"


@dataclass(frozen=True)
class SimpleMethods:
    """The simple methods of the page.

    Args:
        task: the task.
        noise: the noise for robustness.
        methods: trains them, and measures them as saved models are.
        curves: measures their robustness; None where theory gives it.
        retries: what is done when one of these has failed.
    """

    task: Task
    noise: Noise
    methods: Job[MeasuredBaselines]
    curves: Job[BaselineCurves] | None
    retries: tuple[Retry, ...]

    @property
    def jobs(self) -> list[Job[Any]]:
        """All that is under way for them."""
        return [retry.job for retry in self.retries]

    @property
    def rows(self) -> Mapping[str, Compared]:
        """The rows of the table by method, once they are measured."""
        found = self.methods.result
        if found is None:
            return {}
        return {each.name: self._row(each, found.numbers) for each in found.each}

    def _row(self, each: MeasuredBaseline, numbers: int) -> Compared:
        (part,) = each.parts
        exact = None if each.rule is None else exact_accuracy(self.task, each.rule)
        kept = each.size * (numbers if each.name == "neighbours" else 1)
        return Compared(
            each.title,
            "simple",
            accuracy=exact or part.accuracy,
            from_card=False,
            parameters=kept,
            training_seconds=each.seconds,
            milliseconds=each.milliseconds,
            robustness=self._robustness(each),
            right=part.right,
        )

    def _robustness(self, each: MeasuredBaseline) -> Robustness | None:
        channel = self.task.exact_channel(self.noise)
        if channel is not None and each.rule is not None:
            return Robustness.exact(each.rule, channel)
        if self.curves is None or self.curves.result is None:
            return None
        return Robustness.measured(self.curves.result.points[each.name])


def show_switch() -> None:
    """Shows the switch among the choices of the page."""
    st.toggle(
        "Simple methods",
        help="Do you need a network? Trains logistic regression, a decision tree, nearest"
        " neighbours and a majority guess, and measures them as the networks are.",
        **SIMPLE.widget,
    )


def simple_methods(task: Task, source: str, noise: Noise) -> SimpleMethods | None:
    """Returns the simple methods if a person wants to see them; they are trained at the first call.

    They learn at the noise that networks of the task are usually trained on.
    """
    if not SIMPLE.get():
        return None
    usual, level = usual_noise(task)
    learned = LearnedFrom(task.name, source, usual.name if usual else "none", level)
    methods = baselines_job(learned, common=True)
    forget: Callable[[], None] = partial(baselines_job.clear, learned, common=True)
    retries = [Retry(methods, forget, "Simple methods")]
    curves = None
    if task.exact_channel(noise) is None:
        curves = baseline_curves_job(learned, noise.name)
        forget = partial(baseline_curves_job.clear, learned, noise.name)
        retries.append(Retry(curves, forget, "Simple methods"))
    return SimpleMethods(task, noise, methods, curves, tuple(retries))


def show_need(simple: SimpleMethods, networks: Sequence[Compared]) -> None:
    """Sets the simple methods beside the most accurate of the networks.

    Args:
        simple: the methods.
        networks: those that are compared.
    """
    measured = [one for one in networks if one.accuracy is not None and not one.from_card]
    found, methods = simple.methods.result, list(simple.rows.values())
    if not measured or found is None:
        return
    best = max(measured, key=lambda one: one.accuracy.value if one.accuracy else 0.0)
    assert best.accuracy is not None
    accuracies = [one.accuracy for one in methods if one.accuracy is not None]
    tests = None
    if not isinstance(best.accuracy, ExactAccuracy):
        # All pairs count, for which network is the best is itself read off these examples.
        every = pair_tests([*measured, *methods])
        tests = [every[best.name, one.name] for one in methods if (best.name, one.name) in every]
        if len(tests) < len(methods):
            return
    own = Beside(
        best.name,
        best.accuracy,
        best.training_seconds,
        best.milliseconds,
        weights(best.parameters),
    )
    classes = simple.task.classes
    st.subheader(ASK)
    others = rows(found, accuracies, tests, classes)
    on = measured_on(best.accuracy)
    on = f"exactly ({best.accuracy.data})" if isinstance(best.accuracy, ExactAccuracy) else on
    show_methods(own, others, found, classes=classes, measured=on)
