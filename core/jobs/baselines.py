"""Simple methods trained and measured in a worker: seconds of work, asked for by a click."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.baselines.judging import MeasuredBaselines, answer_all, judge, judge_common, noise_curves
from core.baselines.learning import NAMES, TITLES, Learned, LearnedFrom, Name, learn
from core.data import Dataset
from core.datasets import uploads
from core.evaluation.benchmark import common_test, words_of_test
from core.evaluation.robustness import NoisePoint
from core.inference.predictor import Predictor
from core.tasks.base import get_task
from core.workers.context import JobContext
from core.workers.job import Job, JobSpec

# The newest only: another page asks for the same methods on other examples.
_newest: dict[LearnedFrom, Learned] = {}


def _learned(context: JobContext, data: LearnedFrom, dataset: Dataset | None = None) -> Learned:
    """Returns the methods, trained here unless they were trained last."""
    if data in _newest:
        return _newest[data]

    def report(title: str) -> None:
        context.check_stopped()
        context.report(0, 0, note=title)

    report("")
    learned = learn(
        dataset or data.load(),
        classes=len(get_task(data.task).classes),
        share=data.share,
        random_state=data.seed,
        on_step=report,
    )
    _newest.clear()
    _newest[data] = learned
    return learned


def _answering(context: JobContext, total: int) -> Callable[[str, int], None]:
    """Returns what reports how many of all answers of all methods are given."""
    titles: list[str] = []

    def report(title: str, done: int) -> None:
        context.check_stopped()
        if title not in titles:
            titles.append(title)
        context.report((len(titles) - 1) * total + done, len(NAMES) * total, note=title)

    return report


@dataclass(frozen=True)
class BaselinesJob(JobSpec[MeasuredBaselines]):
    """Simple methods trained, and judged on test data. Its progress counts answers.

    Args:
        data: what they learn from.
        common: whether they are judged as saved models are compared, in place of the data's own
            test parts. Defaults to False.
        upload: the file that the data is from, if a person has uploaded it. Defaults to none.
    """

    data: LearnedFrom
    common: bool = False
    upload: bytes | None = None

    def run(self, context: JobContext) -> MeasuredBaselines:
        """Trains and judges them."""
        context.check_stopped()  # it may have been, while it waited
        uploads.unpack(self.upload)
        task = get_task(self.data.task)
        if self.common:
            learned = _learned(context, self.data)
            test = common_test(task, self.data.source)
            words = words_of_test(task, self.data.source)
            report = _answering(context, len(test))
            return judge_common(learned, test, task, data=words, on_done=report)
        dataset = self.data.load()
        learned = _learned(context, self.data, dataset)
        report = _answering(context, sum(map(len, dataset.tests.values())))
        return judge(learned, dataset.tests, task, on_done=report)


@dataclass(frozen=True)
class BaselinePoint:
    """A point of a simple method's noise curve, as an event.

    Args:
        name: of the method.
        point: what was measured.
    """

    name: Name
    point: NoisePoint


@dataclass(frozen=True, eq=False)
class BaselineCurves:
    """Simple methods' noise curves.

    Args:
        points: by method, the lowest level first.
        examples: how many training examples the methods were given.
        available: how many there are.
    """

    points: Mapping[Name, Sequence[NoisePoint]]
    examples: int
    available: int


@dataclass(frozen=True)
class BaselineCurvesJob(JobSpec[BaselineCurves]):
    """Simple methods' noise curves; each `BaselinePoint` is an event as well.

    Args:
        data: what they learn from, once, before they meet the noise.
        noise: name of the noise.
        upload: the file that the data is from, if a person has uploaded it. Defaults to none.
    """

    data: LearnedFrom
    noise: str
    upload: bytes | None = None

    def run(self, context: JobContext) -> BaselineCurves:
        """Measures them at every level."""
        context.check_stopped()
        uploads.unpack(self.upload)
        task = get_task(self.data.task)

        learned = _learned(context, self.data)
        noise = task.noise(self.noise)
        done = itertools.count(1)

        def emit(name: Name, point: NoisePoint) -> None:
            context.check_stopped()
            context.emit(BaselinePoint(name, point))
            context.report(next(done), len(NAMES) * len(noise.levels), note=TITLES[name])

        points = noise_curves(learned, task, self.data.source, noise, on_point=emit)
        return BaselineCurves(points, learned.examples, learned.available)


def baseline_points(job: Job[BaselineCurves]) -> Mapping[Name, Sequence[NoisePoint]]:
    """Returns the points measured so far by method, the lowest level first."""
    if job.result:
        return job.result.points
    events = job.events(BaselinePoint)
    return {
        name: [event.point for event in events if event.name == name]
        for name in dict.fromkeys(event.name for event in events)
    }


@dataclass(frozen=True, eq=False)
class NetworkAnswers:
    """A network's answers to test data.

    Args:
        right: by test part, bool, shape (n,): which examples it classified correctly.
        milliseconds: time for each answer, given many at a time.
    """

    right: tuple[NDArray[np.bool_], ...]
    milliseconds: float


@dataclass(frozen=True)
class NetworkAnswersJob(JobSpec[NetworkAnswers]):
    """The answers of a run's network to the test data of its run. Its progress counts them.

    Args:
        data: whose test parts.
        network: its LiteRT file.
        upload: the file that the data is from, if a person has uploaded it. Defaults to none.
    """

    data: LearnedFrom
    network: bytes
    upload: bytes | None = None

    def run(self, context: JobContext) -> NetworkAnswers:
        """Has it answer."""
        context.check_stopped()
        uploads.unpack(self.upload)
        task = get_task(self.data.task)
        predictor = Predictor(
            self.network, input_shape=task.input_shape, num_classes=len(task.classes)
        )
        noise = None if self.data.noise == "none" else task.noise(self.data.noise)
        source = task.source(self.data.source)
        tests = source.held_out(noise, self.data.level, self.data.seed).tests.values()
        total = sum(map(len, tests))

        def report(done: int) -> None:
            context.check_stopped()
            context.report(done, total)

        return NetworkAnswers(*answer_all(predictor, tests, on_done=report))
