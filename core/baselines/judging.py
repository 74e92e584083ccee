"""Simple methods judged on the very examples that networks are judged on, and set against one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.baselines.learning import TITLES, Baseline, Learned, Name
from core.data import Split
from core.evaluation.benchmark import TIMED, median_milliseconds, right_answers
from core.evaluation.model_comparison import PairTest
from core.evaluation.robustness import NoisePoint, accuracy_by_level
from core.evaluation.robustness import example_limit as curve_limit
from core.inference.predictor import Classifier
from core.metrics.accuracy import Accuracy, accuracy_of_right
from core.metrics.paired import PairedAnswers, Right, holm
from core.noise.base import Noise
from core.segments.bayes import Rule, rule_of
from core.segments.patterns import ALL_PATTERNS
from core.tasks.base import Task


@dataclass(frozen=True, eq=False)
class Judged:
    """A classifier's answers to one test part.

    Args:
        accuracy: what they come to.
        right: bool, shape (n,), which examples it classified correctly, in their order.
    """

    accuracy: Accuracy
    right: Right


@dataclass(frozen=True, eq=False)
class MeasuredBaseline:
    """A simple method as pages show it.

    Args:
        name: which it is.
        seconds: how long its training took.
        size: the number of weights, nodes, kept examples or kept classes.
        chosen: as for `core.baselines.learning.Baseline`.
        validation: accuracy on the validation examples; None where there are none.
        parts: its answers to each test part, in the order of the data set.
        milliseconds: time for each of these answers, given many at a time; where `judge_common`
            measured it, the median time of an answer to a single input, as for saved models.
        rule: its answers to all 128 patterns, where the task reads a display, so that theory gives
            its accuracy exactly; None otherwise.
    """

    name: Name
    seconds: float
    size: int
    chosen: int
    validation: Accuracy | None
    parts: tuple[Judged, ...]
    milliseconds: float
    rule: Rule | None = None

    @property
    def title(self) -> str:
        """Its display name."""
        return TITLES[self.name]


@dataclass(frozen=True, eq=False)
class MeasuredBaselines:
    """The four simple methods, measured.

    Args:
        each: in the order of `core.baselines.learning.NAMES`.
        examples: how many training examples they were given.
        available: how many there are.
        missing: indices of the classes that do not occur among the examples.
        numbers: in one example, such as 784.
    """

    each: tuple[MeasuredBaseline, ...]
    examples: int
    available: int
    missing: tuple[int, ...]
    numbers: int


Report = Callable[[str, int], None]


def judge(
    learned: Learned,
    tests: Mapping[str, Split],
    task: Task,
    *,
    on_done: Report = lambda title, done: None,
) -> MeasuredBaselines:
    """Measures simple methods on the test parts of a data set.

    Args:
        learned: the methods.
        tests: by their names, as in the data set.
        task: the task.
        on_done: called after each batch with the method's title and its number of answers so far.
    """

    def measured(baseline: Baseline) -> tuple[tuple[Judged, ...], float]:
        rights, milliseconds = answer_all(
            baseline, tests.values(), on_done=lambda done: on_done(TITLES[baseline.name], done)
        )
        parts = (
            Judged(accuracy_of_right(right, split, data=words), right)
            for right, (words, split) in zip(rights, tests.items(), strict=True)
        )
        return tuple(parts), milliseconds

    return _collected(learned, task, measured)


def answer_all(
    classifier: Classifier, tests: Iterable[Split], *, on_done: Callable[[int], None]
) -> tuple[tuple[Right, ...], float]:
    """Has a classifier answer several test parts.

    Args:
        classifier: a simple method or a network.
        tests: the parts.
        on_done: called after each batch with the number of answers so far.

    Returns:
        Which examples of each part it classified correctly, and the milliseconds for each answer,
        given many at a time.
    """
    found: list[Right] = []
    done = 0
    begin = time.perf_counter()
    for split in tests:

        def report(count: int, before: int = done) -> None:
            on_done(before + count)

        found.append(right_answers(classifier, split, on_done=report))
        done += len(split)
    return tuple(found), 1000 * (time.perf_counter() - begin) / max(1, done)


def judge_common(
    learned: Learned,
    test: Split,
    task: Task,
    *,
    data: str,
    on_done: Report = lambda title, done: None,
) -> MeasuredBaselines:
    """Measures simple methods as saved models are compared: accuracy, and the time of an answer.

    Args:
        learned: the methods.
        test: the examples that every model of the task gets.
        task: the task.
        data: description of these.
        on_done: as for `judge`.
    """

    def measured(baseline: Baseline) -> tuple[tuple[Judged, ...], float]:
        milliseconds = median_milliseconds(baseline, test.x[:TIMED])
        right = right_answers(baseline, test, on_done=lambda n: on_done(TITLES[baseline.name], n))
        return (Judged(accuracy_of_right(right, test, data=data), right),), milliseconds

    return _collected(learned, task, measured)


def _collected(
    learned: Learned,
    task: Task,
    measured: Callable[[Baseline], tuple[tuple[Judged, ...], float]],
) -> MeasuredBaselines:
    from threadpoolctl import threadpool_limits

    found = []
    with threadpool_limits(1):
        for baseline, validation in zip(learned.baselines, learned.validation, strict=True):
            parts, milliseconds = measured(baseline)
            rule = rule_of(baseline.predict(ALL_PATTERNS)) if task.channel is not None else None
            found.append(
                MeasuredBaseline(
                    baseline.name,
                    baseline.seconds,
                    baseline.size,
                    baseline.chosen,
                    validation,
                    parts,
                    milliseconds,
                    rule,
                )
            )
    return MeasuredBaselines(
        tuple(found),
        learned.examples,
        learned.available,
        learned.missing,
        int(np.prod(task.input_shape)),
    )


def noise_curves(
    learned: Learned,
    task: Task,
    source: str,
    noise: Noise,
    *,
    on_point: Callable[[Name, NoisePoint], None] = lambda name, point: None,
) -> dict[Name, list[NoisePoint]]:
    """Measures simple methods at every level of a noise, on the examples that networks get there.

    Args:
        learned: the methods, trained once.
        task: the task.
        source: name of the data set whose test examples they are.
        noise: the kind of noise.
        on_point: called with each point as it is measured.
    """
    from threadpoolctl import threadpool_limits

    chosen = task.source(source)
    examples = chosen.examples(curve_limit(task.input_shape))

    def measured(baseline: Baseline) -> list[NoisePoint]:
        def emit(point: NoisePoint) -> None:
            on_point(baseline.name, point)

        return accuracy_by_level(baseline, examples, noise, data=chosen.title, on_point=emit)

    with threadpool_limits(1):
        return {baseline.name: measured(baseline) for baseline in learned.baselines}


def against(network: NDArray[np.bool_], others: Sequence[Judged]) -> tuple[PairTest, ...]:
    """Tests a network, first, against each of several others on the same examples.

    Args:
        network: bool, shape (n,), which examples it classified correctly.
        others: the others' answers to the same examples, in the same order.

    Returns:
        McNemar's test for each, corrected for there being several.

    Raises:
        ValueError: if they are not as many examples.
    """
    pairs = [
        PairedAnswers.of_right(network, other.right, exhaustive=other.accuracy.exhaustive)
        for other in others
    ]
    corrected = holm({place: pair.p_value for place, pair in enumerate(pairs)})
    return tuple(PairTest(pair, corrected[place], len(pairs)) for place, pair in enumerate(pairs))
