"""Models measured all alike: which examples, how many right, how long an answer takes."""

import numpy as np
import pytest

from core.data import Split
from core.evaluation.benchmark import (
    TIMED,
    WARM_UP,
    common_test,
    exact_accuracy,
    median_milliseconds,
    right_answers,
    words_of_test,
)
from core.inference.predictor import Classifier
from core.metrics.accuracy import Accuracy, accuracy_of_right
from core.segments.bayes import best_rule, ceiling, nearest_rule
from core.tasks.base import get_task


class Parrot(Classifier):
    """Answers with the class that the input's first number is."""

    def __init__(self):
        super().__init__()
        self.asked = []

    def predict_uncalibrated(self, x):
        self.asked.append(len(x))
        return np.eye(10, dtype=np.float32)[x[:, 0].astype(int)]


def test_right_answers_are_counted_portion_by_portion():
    x = np.arange(1200, dtype=np.float32)[:, None] % 10
    y = x[:, 0].astype(np.int64)
    y[:120] = (y[:120] + 1) % 10
    done = []
    test = Split(x, y)
    right = right_answers(Parrot(), test, on_done=done.append)
    assert np.flatnonzero(~right).tolist() == list(range(120))
    assert accuracy_of_right(right, test, data="examples") == Accuracy("examples", 1080, 1200)
    assert done == [500, 1000, 1200]


def test_the_time_of_an_answer_is_the_median_without_the_warm_up():
    classifier = Parrot()
    # The warm-up takes less than any answer, then come as many of 2 ms as of 4 ms.
    durations = [0.0009] * WARM_UP + [0.002, 0.004] * (TIMED // 2)
    times = [0.0]
    for duration in durations:
        times += [times[-1], times[-1] + duration]
    clock = iter(times)
    found = median_milliseconds(classifier, np.zeros((3, 1), np.float32), clock=lambda: next(clock))
    assert found == pytest.approx(3)
    assert set(classifier.asked) == {1}
    assert len(classifier.asked) == WARM_UP + TIMED


def test_a_very_slow_model_is_not_waited_for():
    classifier = Parrot()
    seconds = iter(range(10_000))
    found = median_milliseconds(
        classifier, np.zeros((1, 1), np.float32), clock=lambda: next(seconds)
    )
    assert found == pytest.approx(1000)
    assert len(classifier.asked) == WARM_UP + 1


def test_displays_are_noisy_and_pictures_are_not():
    segments = get_task("seven-segment")
    test = common_test(segments, "generated")
    assert test.best_accuracy == pytest.approx(ceiling(segments.noises[0].likelihood(0.15)))
    assert len(test) == 10_000
    assert "bit flip at 0.15" in words_of_test(segments, "generated")
    again = common_test(segments, "generated")
    assert np.array_equal(test.x, again.x)
    pictures = get_task("handwritten")
    assert len(common_test(pictures, "built-in")) == 450
    assert words_of_test(pictures, "built-in") == "test examples of “Built-in digits”"


def test_where_theory_gives_the_accuracy_on_the_usual_noise_it_is_exact():
    segments = get_task("seven-segment")
    likelihood = segments.noises[0].likelihood(0.15)
    best = exact_accuracy(segments, best_rule(likelihood))
    assert best.data == "bit flip at 0.15"
    assert best.value == pytest.approx(best.best)
    assert best.best == ceiling(likelihood)
    assert best.interval == (best.value, best.value)
    assert exact_accuracy(segments, nearest_rule()).value <= best.value
    assert exact_accuracy(get_task("handwritten"), nearest_rule()) is None
