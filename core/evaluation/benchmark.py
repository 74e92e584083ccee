"""Saved models measured alike: accuracy, and inference time.

The figures on a card were measured on the data that its model was made with, so two cards may refer
to different examples. Here every model of a task gets the same ones.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.data import Inputs, Split
from core.inference.predictor import BATCH, Classifier
from core.metrics.accuracy import Accuracy
from core.noise.base import Noise
from core.segments.bayes import ceiling
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
    """

    accuracy: Accuracy
    milliseconds: float


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
    best = ceiling(channel.likelihood(level)) if channel else None
    noisy = noise.apply(clean.x, level=level, random_state=NOISE_SEED)
    return Split(noisy, clean.y, best_accuracy=best)


def words_of_test(task: Task, source: str) -> str:
    """Describes what `common_test` returns."""
    noise, level = usual_noise(task)
    noisy = f", {noise.title.lower()} at {level:g}" if noise else ""
    return f"test examples of “{task.source(source).title}”{noisy}"


def count_right(
    classifier: Classifier,
    test: Split,
    *,
    data: str,
    on_done: Callable[[int], None] = lambda done: None,
) -> Accuracy:
    """Counts how many examples a model classifies correctly.

    Args:
        classifier: the model.
        test: the examples.
        data: a description of them.
        on_done: called after each batch with the number of examples done.
    """
    right = 0
    for start in range(0, len(test), BATCH):
        answers = classifier.predict(test.x[start : start + BATCH]).argmax(axis=1)
        right += int((answers == test.y[start : start + BATCH]).sum())
        on_done(min(len(test), start + BATCH))
    return Accuracy(data, right, len(test), test.exhaustive, test.best_accuracy)


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
