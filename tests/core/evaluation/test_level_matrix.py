from dataclasses import replace

import numpy as np
import pytest

from core.evaluation.level_matrix import (
    AllRounder,
    Gap,
    LevelMatrix,
    one_rule_is_best_everywhere,
)
from core.evaluation.robustness import accuracy_by_level
from core.models.loader import load_classifier
from core.models.store import ModelStore
from core.segments.bayes import best_rule, ceiling, expected_accuracy, look_up_rule, nearest_rule
from core.segments.channels import BIT_FLIP, EXTRA, MISSING, ONE_FAULT, channel
from core.segments.patterns import make_clean
from tests.support.level_matrix import measured


def test_exact_accuracies_are_those_of_theory():
    matrix = LevelMatrix.exact((0.05, 0.25), (nearest_rule(), look_up_rule()), BIT_FLIP)
    assert matrix.tested == BIT_FLIP.levels
    assert matrix.is_exact
    for row, rule in enumerate((nearest_rule(), look_up_rule())):
        for column, level in enumerate(matrix.tested):
            expected = expected_accuracy(rule, BIT_FLIP.likelihood(level))
            assert matrix.accuracy[row, column] == pytest.approx(expected, abs=1e-9)
    bests = [ceiling(BIT_FLIP.likelihood(level)) for level in matrix.tested]
    assert matrix.ceiling == pytest.approx(bests, abs=1e-9)
    assert matrix.accuracy[1, list(matrix.tested).index(0.1)] == pytest.approx(0.4783, abs=1e-4)
    assert matrix.lost[0].max() == 0  # the nearest pattern is the best answer to bit flips
    assert matrix.rivals.sum(axis=0).tolist() == [2] + [1] * 20


def test_a_network_that_is_not_there_yet_is_left_open():
    matrix = LevelMatrix.exact((0.05, 0.1, 0.15), (nearest_rule(), None, nearest_rule()), BIT_FLIP)
    assert np.isnan(matrix.accuracy[1]).all()
    assert matrix.known.trained == (0.05, 0.15)
    assert not matrix.rivals[1].any()


def test_measured_points_find_their_cells():
    classifier = load_classifier(ModelStore().get("seven-segment-flip"))
    points = accuracy_by_level(classifier, make_clean(50), BIT_FLIP, data="d", levels=(0.1, 0.3))
    matrix = LevelMatrix.measured((0.05, 0.1), (points, points[:1]), (0.0, 0.1, 0.3))
    assert not matrix.is_exact
    assert np.isnan(matrix.accuracy[:, 0]).all()
    accuracy = points[0].accuracy
    here = [table[0, 1] for table in (matrix.low, matrix.accuracy, matrix.high)]
    assert here == [accuracy.interval[0], accuracy.value, accuracy.interval[1]]
    assert np.isnan(matrix.accuracy[1, 2])
    assert matrix.known.trained == ()
    assert matrix.right.shape == (2, 3, 500)
    assert matrix.right[0, 1].sum() == accuracy.correct


def test_networks_on_the_same_examples_are_told_apart_though_their_intervals_overlap():
    values = np.array([[0.90], [0.92]])
    intervals = (values, values - 0.02, values + 0.02)
    alone = LevelMatrix((0.05, 0.1), (0.1,), *intervals)
    assert alone.rivals.tolist() == [[True], [True]]
    # The second is right wherever the first is, and on 20 examples more.
    right = np.arange(1000) < np.array([900, 920])[:, np.newaxis, np.newaxis]
    paired = LevelMatrix((0.05, 0.1), (0.1,), *intervals, right=right)
    assert paired.rivals.tolist() == [[False], [True]]
    assert paired.winners.tolist() == [[False], [True]]


def test_points_without_answers_to_each_example_are_judged_by_their_intervals():
    classifier = load_classifier(ModelStore().get("seven-segment-flip"))
    points = accuracy_by_level(classifier, make_clean(50), BIT_FLIP, data="d", levels=(0.1,))
    bare = [replace(point, right=None) for point in points]
    assert LevelMatrix.measured((0.05, 0.1), (points, bare), (0.1,)).right is None


@pytest.mark.parametrize(
    ("noise", "same"),
    [
        (BIT_FLIP, True),
        (MISSING, True),
        (EXTRA, True),
        (ONE_FAULT, False),
        (channel("stuck:g-off"), True),
        (channel("any"), False),
    ],
)
def test_whether_one_rule_is_best_at_all_levels(noise, same):
    assert one_rule_is_best_everywhere(noise) == same
    # The same found by trying each level's best answers at all the others.
    rules = [best_rule(noise.likelihood(level)) for level in noise.levels[1:-1]]
    firsts = [
        np.eye(10)[rule.argmax(axis=1)] * (rule.sum(axis=1, keepdims=True) > 0) for rule in rules
    ]
    losses = [LevelMatrix.exact((0.1,), (rule,), noise).lost.max() for rule in firsts]
    assert (min(losses) < 1e-9) == same


def test_equal_networks_have_no_winner_and_lose_nothing():
    matrix = LevelMatrix.exact((0.05, 0.1), (nearest_rule(), nearest_rule()), BIT_FLIP)
    assert not matrix.winners.any()
    assert matrix.rivals.all()
    assert matrix.largest_loss.share == 0


def test_the_largest_loss_is_found_and_whether_all_share_it():
    matrix = LevelMatrix.exact((0.05, 0.25), (look_up_rule(), nearest_rule()), BIT_FLIP)
    assert matrix.winners.sum(axis=1).tolist() == [0, 20]
    loss = matrix.largest_loss
    assert loss.trained == 0.05
    assert loss.share == matrix.lost.max() > 0.1
    assert not loss.by_all
    both = LevelMatrix.exact((0.05, 0.25), (nearest_rule(), nearest_rule()), ONE_FAULT)
    assert both.largest_loss.by_all


def test_differences_that_may_be_chance_are_no_gap():
    matrix = measured([(0.99, 0.90, 0.70), (0.98, 0.91, 0.71), (0.985, 0.90, 0.70)])
    assert not matrix.winners.any()
    assert matrix.clearest_gap is None
    assert matrix.all_rounder is None


def test_the_clearest_gap_and_the_best_on_average_are_found():
    matrix = measured([(0.99, 0.80, 0.30), (0.98, 0.90, 0.50), (0.95, 0.91, 0.70)])
    assert np.argwhere(matrix.winners).tolist() == [[2, 2]]
    assert matrix.clearest_gap == Gap(0.2, 0.05, 0.3, 0.15, 0.7)
    found = matrix.all_rounder
    assert found == AllRounder(0.15, pytest.approx(0.8533, abs=1e-4), pytest.approx(0.04))


def test_the_best_on_average_costs_nothing_where_that_may_be_chance():
    matrix = measured([(0.952, 0.80, 0.30), (0.95, 0.91, 0.70)], trained=(0.05, 0.15))
    assert matrix.all_rounder.price == 0
    without_clean = measured([(0.99, 0.3), (0.95, 0.7)], trained=(0.05, 0.15), tested=(0.1, 0.2))
    assert without_clean.all_rounder.price == 0
