"""Saved models measured alike: accuracy, and inference time.

The figures on a card were measured on the data that its model was made with, so two cards may refer
to different examples. Here every model of a task gets the same ones.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.data import Inputs, Split
from core.inference.predictor import BATCH, Classifier
from core.metrics.accuracy import Accuracy, ExactAccuracy
from core.noise.base import Noise
from core.segments.bayes import Rule, ceiling, expected_accuracy
from core.tasks.base import Task

MAX_EXAMPLES = 10_000
NOISE_SEED = 0
TIMED = 200  # timed answers, after the warm-up
WARM_UP = 20
MAX_SECONDS = 5.0  # limit for timing a very slow model


@dataclass(frozen=True)
class Measured:
    """Measurements of a model.

    Args:
        accuracy: on the examples that every model of the task gets.
        milliseconds: median time of an answer to a single input.
        right: bool, shape (n,), which of these examples it classified correctly, in their order.
            Defaults to unknown.
    """

    accuracy: Accuracy
    milliseconds: float
    right: NDArray[np.bool_] | None = field(default=None, compare=False, repr=False)


def usual_noise(task: Task) -> tuple[Noise | None, float]:
    """Returns the noise that networks of a task are usually trained on, if any, and its level.

    Without noise, every network classifies every display correctly, so there is nothing to compare.
    """
    level = task.training_noise_level
    return (task.noises[0] if level else None), level


def common_test(task: Task, source: str) -> Split:
    """Returns the examples that every model of a task is tested on, at most MAX_EXAMPLES.

    Args:
        task: the task.
        source: name of the data set, whose test examples they are.

    Raises:
        DataUnavailable: if the data is missing.
    """
    clean = task.source(source).examples(MAX_EXAMPLES)
    noise, level = usual_noise(task)
    if noise is None:
        return clean
    channel = task.exact_channel(noise)
    theory = task.source(source).ceiling
    if channel:
        best: float | None = ceiling(channel.likelihood(level))
    else:
        best = theory(noise, level) if theory else None
    noisy = noise.apply(clean.x, level=level, random_state=NOISE_SEED)
    return Split(noisy, clean.y, best_accuracy=best)


def words_of_test(task: Task, source: str) -> str:
    """Describes what `common_test` returns."""
    noise, level = usual_noise(task)
    noisy = f", {noise.title.lower()} at {level:g}" if noise else ""
    return f"test examples of “{task.source(source).title}”{noisy}"


def exact_accuracy(task: Task, rule: Rule) -> ExactAccuracy | None:
    """Returns the exact accuracy on the usual noise; None where theory does not give it.

    It is what the accuracy on the examples of `common_test` only estimates.

    Args:
        task: the task.
        rule: a network's answers to all 128 patterns, shape (128, 10).
    """
    noise, level = usual_noise(task)
    channel = task.exact_channel(noise) if noise else None
    if channel is None:
        return None
    likelihood = channel.likelihood(level)
    return ExactAccuracy(
        f"{channel.title.lower()} at {level:g}",
        expected_accuracy(rule, likelihood),
        ceiling(likelihood),
    )


def right_answers(
    classifier: Classifier, test: Split, *, on_done: Callable[[int], None] = lambda done: None
) -> NDArray[np.bool_]:
    """Returns which examples a model classifies correctly: bool, shape (n,).

    Args:
        classifier: the model.
        test: the examples.
        on_done: called after each batch with the number of examples done.
    """
    right = np.zeros(len(test), np.bool_)
    for start in range(0, len(test), BATCH):
        part = slice(start, start + BATCH)
        right[part] = classifier.predict(test.x[part]).argmax(axis=1) == test.y[part]
        on_done(min(len(test), start + BATCH))
    return right


def median_milliseconds(
    classifier: Classifier, x: Inputs, *, clock: Callable[[], float] = time.perf_counter
) -> float:
    """Returns the median inference time for one input; an ensemble runs all its members.

    The median, because other work on the computer delays some answers and speeds up none. Work that
    goes on all the time, such as a training run, delays all of them, and so the median.

    Args:
        classifier: the model.
        x: float32, shape (n, *input_shape), used one by one, cyclically.
        clock: returns seconds. Defaults to `time.perf_counter`.
    """
    taken: list[float] = []
    begin = clock()
    for number in range(WARM_UP + TIMED):
        start = clock()
        classifier.predict(x[number % len(x)][np.newaxis])
        end = clock()
        taken.append(end - start)
        if end - begin > MAX_SECONDS and number >= WARM_UP:
            break
    return 1000 * float(np.median(taken[WARM_UP:]))
