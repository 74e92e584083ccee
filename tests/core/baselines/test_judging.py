"""Simple methods judged, and set against a network."""

import numpy as np
import pytest

from core.baselines.judging import Judged, against, judge, judge_common, noise_curves
from core.baselines.learning import NAMES, learn
from core.data import Dataset, Split
from core.metrics.accuracy import Accuracy
from core.segments.bayes import expected_accuracy
from core.segments.patterns import CLEAN
from core.tasks.base import get_task

TASK = get_task("seven-segment")
CLEAN_SPLIT = Split(CLEAN, np.arange(10), exhaustive=True)


@pytest.fixture(scope="module")
def learned():
    """What they learn from the ten clean patterns, each three times."""
    train = Split(np.repeat(CLEAN, 3, axis=0), np.repeat(np.arange(10), 3))
    return learn(Dataset(train, CLEAN_SPLIT, {}), classes=10)


def test_each_part_is_judged_in_the_order_of_the_data(learned):
    done = []
    ones = Split(CLEAN[[1, 1, 0]], np.array([1, 1, 0]))
    found = judge(
        learned,
        {"ones": ones, "clean patterns": CLEAN_SPLIT},
        TASK,
        on_done=lambda title, count: done.append((title, count)),
    )
    tree, majority = found.each[1], found.each[3]
    assert [str(part.accuracy) for part in tree.parts] == [
        "100.00 % of 3 (ones), 95 % interval 43.85 % to 100.00 %",
        "100.00 % of 10 (clean patterns), exactly",
    ]
    # The most frequent class, the first of those equally frequent, is 0.
    assert [part.right.tolist() for part in majority.parts] == [
        [False, False, True],
        [True] + [False] * 9,
    ]
    assert [part.accuracy.correct for part in majority.parts] == [1, 1]
    assert done[:2] == [("Logistic regression", 3), ("Logistic regression", 13)]
    assert (found.examples, found.available, found.missing, found.numbers) == (30, 30, (), 7)


def test_on_a_display_their_accuracy_is_exact(learned):
    found = judge(learned, {"clean patterns": CLEAN_SPLIT}, TASK)
    flip = TASK.exact_channel(TASK.noise("flip"))
    majority = found.each[3].rule
    assert expected_accuracy(majority, flip.likelihood(0.15)) == pytest.approx(0.1)
    assert expected_accuracy(found.each[1].rule, flip.likelihood(0)) == 1


def test_the_common_test_is_answered_one_by_one_as_well(learned):
    found = judge_common(learned, CLEAN_SPLIT, TASK, data="patterns")
    assert [len(each.parts) for each in found.each] == [1] * 4
    assert found.each[0].parts[0].accuracy == Accuracy("patterns", 10, 10, exhaustive=True)
    assert all(each.milliseconds > 0 for each in found.each)


def test_a_curve_is_measured_on_the_examples_of_networks(learned):
    points = []
    curves = noise_curves(
        learned,
        TASK,
        "generated",
        TASK.noise("flip"),
        on_point=lambda name, point: points.append(name),
    )
    assert list(curves) == list(NAMES)
    assert [point.level for point in curves["tree"]] == list(TASK.noise("flip").levels)
    assert curves["tree"][0].accuracy.value == 1
    assert {point.accuracy.correct for point in curves["majority"]} == {2_000}
    assert points == [name for name in NAMES for _ in TASK.noise("flip").levels]


def judged(right, *, exhaustive=False):
    right = np.array(right, np.bool_)
    return Judged(Accuracy("data", int(right.sum()), len(right), exhaustive), right)


def test_a_network_is_tested_against_each_with_holm_s_correction():
    network = np.array([True] * 20 + [False] * 5)
    worse = judged([True] * 10 + [False] * 15)  # 10 to 0
    other = judged([False] * 2 + [True] * 20 + [False] * 3)  # 2 to 2
    first, second = against(network, [worse, other])
    assert (first.pair.both, first.pair.only_first, first.pair.only_second) == (10, 10, 0)
    assert first.pair.neither == 5
    assert first.p_value == pytest.approx(2 * 2 / 2**10)
    assert first.is_decided
    assert (second.pair.only_first, second.pair.only_second, second.p_value) == (2, 2, 1)
    assert not second.is_decided
    assert (first.pairs, second.pairs) == (2, 2)


def test_where_all_examples_are_read_nothing_is_left_to_chance():
    (test,) = against(np.array([True, True]), [judged([True, False], exhaustive=True)])
    assert test.is_decided


def test_other_examples_are_refused():
    with pytest.raises(ValueError, match="same examples"):
        against(np.ones(3, np.bool_), [judged([True])])
