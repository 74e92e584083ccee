import numpy as np
import pytest
from scipy.stats import binomtest

from core.data import Split
from core.metrics.accuracy import ACCURACY, Accuracy, accuracy_of, percent, wilson_interval
from core.schema import dump, parse


@pytest.mark.parametrize(("correct", "total"), [(0, 1), (1, 1), (0, 50), (49, 50), (9927, 10_000)])
def test_the_interval_is_wilsons(correct, total):
    expected = binomtest(correct, total).proportion_ci(method="wilson")
    assert wilson_interval(correct, total) == pytest.approx((expected.low, expected.high))


@pytest.mark.parametrize(("correct", "total"), [(1, 0), (-1, 5), (6, 5)])
def test_impossible_counts_are_refused(correct, total):
    with pytest.raises(ValueError, match="correct <= total"):
        wilson_interval(correct, total)


def test_accuracy_counts_the_most_probable_class():
    split = Split(np.zeros((4, 1), np.float32), np.array([0, 1, 1, 0]), best_accuracy=0.9)
    probabilities = np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3], [0.6, 0.4]], np.float32)
    accuracy = accuracy_of(probabilities, split, data="four")
    assert accuracy == Accuracy("four", 3, 4, best=0.9)
    entry = dump(ACCURACY, accuracy)
    assert (entry["accuracy"], entry["low"], entry["high"]) == (0.75, *accuracy.interval)
    assert parse(ACCURACY, entry, "an accuracy") == accuracy
    assert "75.00 % of 4 (four), best possible on average 90.00 %, 95 %" in str(accuracy)


def test_an_exhaustive_accuracy_has_no_spread():
    assert Accuracy("all ten", 10, 10, exhaustive=True).interval == (1, 1)


@pytest.mark.parametrize(
    ("share", "text"),
    [(1, "100.0 %"), (0.99999, "over 99.9 %"), (0.9994, "99.9 %"), (0.123, "12.3 %"), (0, "0.0 %")],
)
def test_a_near_miss_is_not_rounded_up_to_100(share, text):
    assert percent(share, 1) == text
