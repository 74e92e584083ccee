"""Models side by side: the numbers by hand, and which is the best."""

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
from tests.support.compared import compared
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
    assert found.most_accurate == Leader(large, (small,), False)
    assert found.sizes == Sizes(small, large)
    assert found.sizes.times == 4
    assert found.most_robust == Leader(small, (), False)
    equal = compared("equal", "dense", 9000, parameters=1_000, robustness=0.6)
    assert compare([large, small, worse, equal]).most_robust == Leader(small, (equal,), False)
    alone = compare([large, worse])
    assert alone.most_accurate == Leader(large, (), False)
    assert alone.sizes is None
    assert compare([large, small]).most_accurate == Leader(large, (small,), True)
    unknown = compared("unknown", "dense", 9000)
    assert compare([large, small, unknown]).most_robust is None


def test_cards_and_one_model_alone_are_not_compared():
    one = compared("one", "dense", 9900)
    card = Compared("card", "dense", accuracy=Accuracy("other", 99, 100))
    assert compare([one]) is None
    assert compare([one, card]) is None


def test_the_best_rule_is_the_most_robust():
    best = best_rule(FLIP.likelihood(0.15))
    assert Robustness.exact(best, FLIP).value >= Robustness.exact(nearest_rule(), FLIP).value
