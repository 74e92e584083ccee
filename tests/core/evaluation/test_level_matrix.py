import numpy as np
import pytest

from core.evaluation.level_matrix import LevelMatrix, findings, one_rule_is_best_everywhere
from core.evaluation.robustness import accuracy_by_level
from core.metrics.accuracy import Accuracy
from core.models.loader import load_classifier
from core.models.store import ModelStore
from core.segments.bayes import best_rule, ceiling, expected_accuracy, look_up_rule, nearest_rule
from core.segments.channels import BIT_FLIP, EXTRA, MISSING, ONE_FAULT, channel
from core.segments.patterns import make_clean


def measured(rows, *, total=1000, tested=(0.0, 0.1, 0.2), trained=(0.05, 0.1, 0.15)):
    """A matrix with the intervals that so many examples give."""
    table = np.array(
        [
            [(a.value, *a.interval) for a in (Accuracy("data", round(v * total), total) for v in r)]
            for r in rows
        ]
    )
    return LevelMatrix(trained, tested, table[..., 0], table[..., 1], table[..., 2])


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
    assert findings(matrix, BIT_FLIP)[0].startswith("All the networks are exactly equally good")
    assert findings(LevelMatrix.exact((0.05,), (nearest_rule(),), BIT_FLIP), BIT_FLIP) == []
    assert findings(LevelMatrix.exact((0.05, 0.1), (None, None), BIT_FLIP), BIT_FLIP) == []


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


def test_the_exact_lesson_of_bit_flip():
    rules = (nearest_rule(),) * 5
    words = findings(LevelMatrix.exact((0.05, 0.1, 0.15, 0.2, 0.25), rules, BIT_FLIP), BIT_FLIP)
    assert words[0] == "All the networks are exactly equally good at every test level."
    assert words[1] == "All of them reach the best possible accuracy at every level."
    assert "need not matter" in words[2]
    assert "knows them for all" in words[2]


def test_it_is_not_said_that_all_is_well_when_it_is_not():
    words = findings(
        LevelMatrix.exact((0.05, 0.25), (look_up_rule(), nearest_rule()), BIT_FLIP), BIT_FLIP
    )
    assert "**0.25** is best at 0.025 to 0.5" in words[0]
    assert "At 0 several share the first place" in words[0]
    assert "by the network trained at **0.05**" in words[1]
    assert "lost in learning" in words[2]
    everybody = findings(
        LevelMatrix.exact((0.05, 0.25), (nearest_rule(), nearest_rule()), ONE_FAULT), ONE_FAULT
    )
    assert "all of them lose there" in everybody[1]
    assert "no network can be best at every level" in everybody[2]


def test_differences_within_the_intervals_are_not_called_differences():
    words = findings(measured([(0.99, 0.90, 0.70), (0.98, 0.91, 0.71), (0.985, 0.90, 0.70)]))
    assert words == [
        "At no test level is one network clearly the best: the differences lie within the 95 %"
        " intervals.",
        "Nowhere does the choice of the training level cost more than chance explains.",
    ]


def test_clear_differences_are_told_with_their_numbers():
    words = findings(measured([(0.99, 0.80, 0.30), (0.98, 0.90, 0.50), (0.95, 0.91, 0.70)]))
    assert words[0] == (
        "Tested level by level, the one trained at **0.15** is best at 0.2. At 0 to 0.1 the first"
        " ones cannot be told apart: their 95 % intervals overlap."
    )
    assert "at test level **0.2**" in words[1]
    assert "**0.05** is right on 30.0 %" in words[1]
    assert "**0.15** on 70.0 %" in words[1]
    assert "training at **0.15** pays most: 85.3 % on average" in words[2]
    assert "The price is 4.0 points where there is no noise" in words[2]
