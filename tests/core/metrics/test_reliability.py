import numpy as np
import pytest

from core.metrics.accuracy import wilson_interval
from core.metrics.reliability import calibration_error, reliability, tendency


def two_classes(confidence, right):
    """Returns probabilities of two classes, answer 0, and labels that make it right or not."""
    first = np.array(confidence, np.float32)
    return np.stack([first, 1 - first], axis=1), np.array([0 if each else 1 for each in right])


def test_answers_are_sorted_by_confidence():
    bins = reliability(*two_classes([0.9, 0.9, 0.62, 0.64], [True, False, True, True]))
    low, high = bins
    assert (low.correct, low.total, low.accuracy) == (2, 2, 1)
    assert low.confidence == pytest.approx(0.63)
    assert (low.low, low.high) == pytest.approx((9 / 15, 10 / 15))
    assert (high.correct, high.total, high.accuracy) == (1, 2, 0.5)
    assert high.gap == pytest.approx(0.4)
    assert high.interval == wilson_interval(1, 2)


def test_certainty_lies_in_the_last_range():
    (only,) = reliability(*two_classes([1, 1], [True, True]))
    assert (only.low, only.high) == (pytest.approx(14 / 15), 1)
    assert only.gap == 0


def test_gaps_weighed_by_their_answers_are_the_calibration_error():
    generator = np.random.default_rng(0)
    probabilities = generator.dirichlet([0.3] * 5, 500).astype(np.float32)
    y = generator.integers(0, 5, 500)
    bins = reliability(probabilities, y)
    assert sum(each.total for each in bins) == 500
    expected = sum(abs(each.gap) * each.total for each in bins) / 500
    assert calibration_error(probabilities, y) == pytest.approx(expected, abs=1e-6)


def test_the_error_by_hand():
    answers = two_classes([0.9, 0.9, 0.62, 0.62], [True, False, True, True])
    # Two answers promise 0.4 too much, two 0.38 too little.
    assert calibration_error(*answers) == pytest.approx(0.39)
    assert tendency(reliability(*answers), 0.39) == "mixed"


@pytest.mark.parametrize(
    ("confidence", "right", "found"),
    [
        ([0.9] * 10, [True] * 5 + [False] * 5, "overconfident"),
        ([0.6] * 10, [True] * 10, "underconfident"),
        ([0.8] * 5, [True] * 4 + [False], "calibrated"),
    ],
)
def test_it_is_found_to_which_side_it_errs(confidence, right, found):
    answers = two_classes(confidence, right)
    assert tendency(reliability(*answers), calibration_error(*answers)) == found
