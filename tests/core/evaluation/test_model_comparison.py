"""Models side by side: the numbers by hand, and which is the best."""

from dataclasses import replace

import numpy as np
import pytest

from core.evaluation.benchmark import Measured
from core.evaluation.model_comparison import (
    QUANTITIES,
    Compared,
    Leader,
    Robustness,
    Sizes,
    compare,
    in_order,
    kind_of,
)
from core.evaluation.robustness import NoisePoint
from core.metrics.accuracy import Accuracy, Change
from core.models.store import ModelStore
from core.segments.bayes import best_rule, ceiling, expected_accuracy, nearest_rule
from core.tasks.base import get_task
from tests.support.compared import compared, exactly
from tests.support.models import card_of_ensemble, save_copy

FLIP = get_task("seven-segment").noise("flip")


def test_the_robustness_of_a_network_is_the_mean_of_its_exact_accuracies():
    rule = nearest_rule()
    by_hand = [expected_accuracy(rule, FLIP.likelihood(level)) for level in FLIP.levels]
    found = Robustness.exact(rule, FLIP)
    assert found.value == pytest.approx(sum(by_hand) / 21)
    assert found.interval == (found.value, found.value)
    best = [ceiling(FLIP.likelihood(level)) for level in FLIP.levels]
    assert found.value <= np.mean(best)


def test_measured_robustness_is_the_mean_of_points_and_of_their_intervals():
    none = np.zeros((10, 10), np.int64)
    points = [
        NoisePoint(level, Accuracy("data", right, 100), none, 0.5)
        for level, right in ((0, 90), (1, 50))
    ]
    found = Robustness.measured(points)
    assert found.value == pytest.approx(0.7)
    # Wilson's intervals of 90 and of 50 in 100: 82.56 to 94.48, and 40.38 to 59.62.
    assert found.interval == pytest.approx((0.6147, 0.7705), abs=1e-4)


def test_an_ensemble_costs_what_its_members_cost(tmp_path):
    store = ModelStore(tmp_path)
    one = save_copy(store, "handwritten-dense", "one", training_seconds=20.0)
    two = save_copy(store, "handwritten-cnn", "two", training_seconds=100.0)
    both = store.save("both", {}, card_of_ensemble(one, two))
    assert [kind_of(model) for model in (one, two, both)] == ["dense", "convolutional", "ensemble"]
    row = Compared.of(both, [one, two])
    assert row.accuracy is None
    assert row.parameters == 109_386 + 225_034
    assert row.training_seconds == 120
    sizes = [(model.folder / "model.tflite").stat().st_size for model in (one, two)]
    assert row.kilobytes == pytest.approx(sum(sizes) / 1000)
    # Where one member is unknown, so is the sum.
    three = save_copy(store, "handwritten-cnn", "three", training_seconds=None)
    assert Compared.of(both, [one, three]).training_seconds is None


def test_the_card_s_figure_stands_in_until_the_model_is_measured():
    model = ModelStore().get("handwritten-dense")
    row = Compared.of(model, [])
    assert row.from_card
    assert row.accuracy.data == "MNIST test images"
    assert row.milliseconds is None
    measured = Measured(Accuracy("common", 9, 10), 0.25)
    row = Compared.of(model, [], measured=measured)
    assert not row.from_card
    assert (row.accuracy.value, row.milliseconds) == (0.9, 0.25)
    assert QUANTITIES["accuracy"].value(row) == pytest.approx(90)
    assert QUANTITIES["answer"].interval(row) is None


def test_dense_and_convolutional_come_first():
    names = ["handwritten", "handwritten-cnn", "handwritten-dense", "other"]
    assert in_order(names) == ["handwritten-dense", "handwritten-cnn", "handwritten", "other"]


def test_the_convolutional_network_is_set_against_the_dense_one():
    dense = compared("d", "dense", 9800, parameters=100_000, milliseconds=0.1, robustness=0.7)
    cnn = compared("c", "convolutional", 9900, parameters=50_000, milliseconds=1.2, robustness=0.8)
    found = compare([dense, cnn])
    duel = found.duel
    assert (duel.one, duel.other) == (cnn, dense)
    assert (duel.parameters, duel.size, duel.training) == (0.5, None, None)
    assert duel.answer == pytest.approx(12)
    assert duel.accuracy_change is duel.robustness_change is Change.BETTER
    assert (found.most_accurate, found.sizes, found.most_robust) == (None, None, None)
    near = compare([dense, compared("c", "convolutional", 9790)]).duel
    assert (near.accuracy_change, near.robustness_change) == (Change.PERHAPS_WORSE, None)
    same = compare([dense, compared("c", "convolutional", 9800)]).duel
    assert same.accuracy_change is Change.SAME


def test_the_best_its_rivals_and_the_smallest_of_these_are_found():
    large = compared("large", "dense", 9900, parameters=400_000, robustness=0.5)
    small = compared("small", "dense", 9895, parameters=100_000, robustness=0.6)
    worse = compared("worse", "dense", 9000, parameters=1_000, robustness=0.4)
    found = compare([large, small, worse])
    assert found.duel is None
    assert found.most_accurate == Leader(large, (small,), False, {}, worse)
    assert found.sizes == Sizes(small, large)
    assert found.sizes.times == 4
    assert found.most_robust == Leader(small, (), False, {}, large)
    equal = compared("equal", "dense", 9000, parameters=1_000, robustness=0.6)
    assert compare([large, small, worse, equal]).most_robust == Leader(
        small, (equal,), False, {}, large
    )
    alone = compare([large, worse])
    assert alone.most_accurate == Leader(large, (), False, {}, worse)
    assert alone.sizes is None
    assert compare([large, small]).most_accurate == Leader(large, (small,), True)
    unknown = compared("unknown", "dense", 9000)
    assert compare([large, small, unknown]).most_robust is None


def test_two_on_the_same_examples_are_told_apart_by_what_they_disagree_on():
    dense = compared("d", "dense", 9950, wrong_from=0)  # wrong on 0 to 49
    better = compared("c", "convolutional", 9960, wrong_from=0)  # wrong on 0 to 39
    duel = compare([dense, better]).duel
    assert (duel.test.pair.only_first, duel.test.pair.only_second) == (10, 0)
    assert duel.test.p_value == pytest.approx(2 / 2**10)
    assert duel.accuracy_change is Change.BETTER  # although the intervals overlap
    elsewhere = compared("c", "convolutional", 9960, wrong_from=5000)
    duel = compare([dense, elsewhere]).duel
    assert (duel.test.pair.only_first, duel.test.pair.only_second) == (50, 40)
    assert duel.accuracy_change is Change.PERHAPS_BETTER
    assert compare(
        [better, compared("d", "dense", 9960, wrong_from=5000)]
    ).duel.accuracy_change is (Change.SAME)
    worse = compare(
        [compared("d", "dense", 9960, wrong_from=0), replace(better, right=dense.right)]
    )
    assert worse.duel.accuracy_change is Change.WORSE


def test_among_several_the_p_values_are_corrected_for_all_pairs():
    best = compared("best", "dense", 9993, wrong_from=0)  # wrong on 0 to 6
    close = compared("close", "dense", 9986, wrong_from=0)  # on 0 to 13: 7 to 0 against the best
    alone = compare([best, close]).most_accurate
    assert alone.tests["close"].p_value == pytest.approx(2 / 2**7)
    assert (alone.rivals, alone.next_best) == ((), close)
    bad = compared("bad", "dense", 9000, wrong_from=0)
    worse = compared("worse", "dense", 8000, wrong_from=0)
    found = compare([best, close, bad, worse]).most_accurate
    assert found.tests["close"].pairs == 6
    assert found.tests["close"].p_value == pytest.approx(2 / 2**7)  # the largest: times 1
    even = compared("even", "dense", 9986, wrong_from=7)  # on 7 to 20
    six = compare([best, close, even]).most_accurate
    assert six.tests["close"].p_value == pytest.approx(3 * 2 / 2**7)
    assert six.rivals == (even,)  # 14 to 7
    assert [one.pairs for one in six.tests.values()] == [3, 3]


def test_exact_accuracies_differ_or_do_not():
    best, other, worse = exactly("best", 0.62), exactly("other", 0.62), exactly("worse", 0.6199)
    found = compare([worse, best]).most_accurate
    assert found == Leader(best, (), False, {}, worse)
    found = compare([best, other, worse]).most_accurate
    assert (found.rivals, found.next_best) == ((other,), worse)
    assert compare([best, other]).most_accurate.of_all
    model = ModelStore().get("seven-segment")
    row = Compared.of(
        model, [], exact=best.accuracy, measured=Measured(Accuracy("sampled", 9, 10), 0.25)
    )
    assert (row.accuracy, row.from_card, row.milliseconds) == (best.accuracy, False, 0.25)
    assert QUANTITIES["accuracy"].value(row) == pytest.approx(62)


def test_cards_and_one_model_alone_are_not_compared():
    one = compared("one", "dense", 9900)
    card = Compared("card", "dense", accuracy=Accuracy("other", 99, 100))
    assert compare([one]) is None
    assert compare([one, card]) is None


def test_the_best_rule_is_the_most_robust():
    best = best_rule(FLIP.likelihood(0.15))
    assert Robustness.exact(best, FLIP).value >= Robustness.exact(nearest_rule(), FLIP).value
