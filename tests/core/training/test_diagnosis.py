import pytest

from core.metrics.accuracy import Accuracy, Change
from core.training.diagnosis import (
    CEILING_MARGIN,
    CHANCE_EPOCHS,
    FLAT_EPOCHS,
    LOW_ACCURACY,
    OVERFIT_EPOCHS,
    PLATEAU_EPOCHS,
    Attempt,
    diagnose,
    standing,
)
from core.training.events import EpochDone
from tests.support.epochs import GOOD, NOT_A_NUMBER, Figures, history


def coach(epochs, *, num_classes=10, epochs_wanted=20, **options):
    return diagnose(epochs, num_classes=num_classes, epochs_wanted=epochs_wanted, **options)


def kind(*arguments, **options):
    return coach(*arguments, **options).kind


def attempt(correct, name="other", **changes):
    words = {"data": "bit flip at 0.15", "total": 1000}
    words |= {key: changes.pop(key) for key in ("data", "total") if key in changes}
    conditions = {"task": "t", "source": "s", "noise": "flip", "noise_level": 0.15} | changes
    return Attempt(name, figure=Accuracy(correct=correct, **words), **conditions)


@pytest.mark.parametrize(
    ("mine", "other", "expected"),
    [
        (280, 660, Change.BETTER),
        (655, 660, Change.PERHAPS_BETTER),
        (660, 660, Change.SAME),
        (660, 655, Change.PERHAPS_WORSE),
        (660, 280, Change.WORSE),
    ],
)
def test_a_run_is_compared_with_the_best_other_by_intervals(mine, other, expected):
    found = standing(attempt(mine), [attempt(other - 100), attempt(other, "best")])
    assert (found.best.name, found.change) == ("best", expected)


@pytest.mark.parametrize(
    "other",
    [
        {"task": "u"},
        {"source": "r"},
        {"noise": "extra"},
        {"noise_level": 0.1},
        {"data": "clean patterns"},
        {"total": 2000},
    ],
)
def test_what_was_tested_otherwise_is_not_compared(other):
    assert standing(attempt(500), [attempt(900, **other)]) is None


def test_a_level_without_a_noise_means_nothing():
    clean = attempt(500, noise="none", noise_level=0.0)
    assert standing(clean, [attempt(900, noise="none", noise_level=0.3)]) is not None


def test_a_great_loss_is_not_divergence():
    assert kind([*GOOD, Figures(6, 1e6, 0.9, 1e6, 0.9)]) != "diverged"


def test_what_came_before_a_recovery_is_forgiven():
    recovered = [NOT_A_NUMBER, *(Figures(**{**vars(e), "epoch": e.epoch + 1}) for e in GOOD)]
    assert kind(recovered) == "learning"


JUMPY = [0.8, 0.4, 0.8, 0.4, 0.8, 0.4]


@pytest.mark.parametrize(
    "loss",
    [
        [0.8, 0.4, 0.8, 0.7, 0.6, 0.5],  # one jump
        [0.4, 0.6, 0.9, 1.3, 1.8, 2.4],  # one long way up
        [1.0, 0.81, 1.0, 0.81, 1.0, 0.81],  # each rise just under a quarter
        [0.09, 0.0, 0.09, 0.0, 0.09, 0.0],  # and just under a tenth of a nat
        [*JUMPY, 0.3, 0.28, 0.26, 0.24],  # long ago but for one
        [2.0, 1.2, 0.8, 0.5, 0.3, 0.15],  # great changes, all of them down
    ],
)
def test_smaller_or_fewer_jumps_are_not(loss):
    assert kind(history(loss, 0.5)) != "unstable"


def test_wiggles_of_a_flat_end_are_not_unstable():
    assert kind(history([0.01, 0.02] * 5, [0.03, 0.05] * 5)) != "unstable"


@pytest.mark.parametrize(
    "epochs",
    [
        history([2.303] * (CHANCE_EPOCHS - 1), 2.303, 0.1, 0.1),
        history([2.303] * 3, 2.303, 0.151, 0.1),
        history([2.303] * 3, 2.303, 0.1, 0.151),
        history([2.18] * 3, 2.303, 0.1, 0.1),
    ],
    ids=["too early", "training above chance", "validation above chance", "loss below guessing"],
)
def test_a_little_more_than_guessing_is_learning(epochs):
    assert kind(epochs) == "learning"


def test_chance_depends_on_the_number_of_classes():
    half = history([0.69] * 3, 0.69, 0.5, 0.5)
    assert kind(half, num_classes=2) == "not-learning"
    assert kind(half, num_classes=10) != "not-learning"


def test_where_guessing_is_all_there_is_it_is_no_fault():
    epochs = history([2.3] * 3, 2.3, 0.12, 0.12)
    assert kind(epochs, best_accuracy=0.125) != "not-learning"


def by_heart(val_end=(0.36, 0.4, 0.45), loss_end=0.1, **options):
    loss = [0.8, 0.5, 0.3, 0.25, 0.2, 0.15, loss_end]
    return history(loss, [0.7, 0.4, 0.3, 0.32, *val_end], **options)


@pytest.mark.parametrize(
    "epochs",
    [
        by_heart()[: 3 + OVERFIT_EPOCHS - 1],
        by_heart(val_end=(0.32, 0.4, 0.45)),
        by_heart(val_end=(0.31, 0.31, 0.6)),
        by_heart(loss_end=0.29),
        history([0.8, 0.5, 0.1, 0.08, 0.06, 0.04, 0.02], [0.5, 0.3, 0.05, *[0.068] * 4]),
    ],
    ids=["too early", "one within a tenth", "one spike", "training no better", "a small loss"],
)
def test_just_less_is_not_overfitting(epochs):
    assert kind(epochs) in ("learning", "plateau")


def stuck(accuracy=0.7, val_accuracy=0.71, loss_end=0.99, val_end=0.99):
    loss, val_loss = [2.0, *[1.0] * FLAT_EPOCHS, loss_end], [2.0, *[1.0] * FLAT_EPOCHS, val_end]
    return history(loss, val_loss, accuracy, val_accuracy)


def test_dropout_may_hold_training_far_below_validation():
    assert kind(stuck(accuracy=0.4), epochs_wanted=14) == "underfitting"


def test_once_a_run_has_ended_it_is_as_far_along_as_it_will_be():
    assert kind(stuck(), epochs_wanted=100, ended="stopped") == "underfitting"


@pytest.mark.parametrize(
    ("epochs", "options"),
    [
        (stuck(), {"epochs_wanted": 15}),
        (stuck()[:FLAT_EPOCHS], {"epochs_wanted": FLAT_EPOCHS}),
        (stuck(loss_end=0.97), {}),
        (stuck(val_end=0.97), {}),
        (stuck(accuracy=0.75), {}),
        (stuck(LOW_ACCURACY, LOW_ACCURACY), {}),
        (stuck(), {"best_accuracy": 0.71 + 0.99 * CEILING_MARGIN}),
    ],
    ids=[
        "too early",
        "too few epochs",
        "training gains",
        "validation gains",
        "training well above",
        "not low",
        "near the best possible",
    ],
)
def test_just_less_is_not_underfitting(epochs, options):
    assert kind(epochs, **{"epochs_wanted": 14} | options) != "underfitting"


def test_just_farther_off_it_is_not():
    best = 0.71 + 1.01 * CEILING_MARGIN
    assert kind(stuck(), epochs_wanted=14, best_accuracy=best) == "underfitting"


def test_near_the_best_but_still_gaining_is_learning():
    assert kind(stuck(val_end=0.9), best_accuracy=0.715) == "learning"


def test_everything_right_cannot_be_bettered():
    assert kind([*GOOD, Figures(6, 0.1, 0.99, 0.1, 1.0)]) == "done"
    assert kind([*GOOD, Figures(6, 0.1, 0.99, 0.1, 0.9999)]) == "learning"


def level(val_end=0.0998, rate=0.001):
    loss = [0.3, 0.2, 0.18, 0.16, 0.14, 0.12, 0.1]
    return history(loss, [0.5, *[0.1] * PLATEAU_EPOCHS, val_end], 0.98, 0.97, rate)


def test_a_small_gain_is_no_plateau():
    assert kind(level(val_end=0.0994)) == "learning"


def test_too_few_epochs_are_no_plateau():
    assert kind(level()[: PLATEAU_EPOCHS + 1]) == "learning"


def test_after_the_end_there_is_no_plateau():
    assert kind(level(), ended="complete") == "done"


def jumping(low, high, calm=0):
    return history([low, high, low, high] + [low] * calm, 0.5)


def guessing(loss=2.303, accuracy=0.1, epochs=3):
    return history([loss] * epochs, 2.303, accuracy, 0.1)


def risen(minimum, end, since=4, trained=0.1):
    steps = [end] * since
    return history([0.5, 0.4, *[0.2] * (since - 1), trained], [3.0, minimum, *steps], 0.98, 0.98)


EDGES = {
    "share of a jump": ("unstable", jumping(1.0, 1.26), jumping(1.0, 1.24), {}),
    "nats of a jump": ("unstable", jumping(0.1, 0.201), jumping(0.1, 0.199), {}),
    "calm since": ("unstable", jumping(0.4, 0.8, calm=3), jumping(0.4, 0.8, calm=4), {}),
    "epochs of guessing": ("not-learning", guessing(epochs=3), guessing(epochs=2), {}),
    "accuracy of guessing": (
        "not-learning",
        guessing(accuracy=0.149),
        guessing(accuracy=0.151),
        {},
    ),
    "loss of guessing": ("not-learning", guessing(loss=2.19), guessing(loss=2.18), {}),
    "epochs of rising": ("overfitting", risen(0.5, 0.58), risen(0.5, 0.58, since=3), {}),
    "share of the rise": ("overfitting", risen(0.5, 0.551), risen(0.5, 0.549), {}),
    "nats of the rise": ("overfitting", risen(0.1, 0.121), risen(0.1, 0.119), {}),
    "training since": ("overfitting", risen(1, 2, trained=0.379), risen(1, 2, trained=0.381), {}),
    "flat training": ("underfitting", stuck(loss_end=0.981), stuck(loss_end=0.979), {}),
    "flat validation": ("underfitting", stuck(val_end=0.981), stuck(val_end=0.979), {}),
    "alike": ("underfitting", stuck(accuracy=0.739), stuck(accuracy=0.741), {}),
    "low": ("underfitting", stuck(0.9, 0.949), stuck(0.9, 0.951), {}),
    "run well along": ("underfitting", stuck(), stuck()[:-1], {"epochs_wanted": 14}),
    "near the ceiling": ("done", stuck(val_accuracy=0.7901), stuck(), {"best_accuracy": 0.8}),
    "off the ceiling": (
        "underfitting",
        stuck(val_accuracy=0.7899),
        stuck(val_accuracy=0.7901),
        {"best_accuracy": 0.8},
    ),
    "gain on a plateau": ("plateau", level(val_end=0.09951), level(val_end=0.09949), {}),
    "epochs on a plateau": ("plateau", level(val_end=0.1), level()[:PLATEAU_EPOCHS], {}),
}


@pytest.mark.parametrize(("expected", "hit", "miss", "options"), EDGES.values(), ids=EDGES.keys())
def test_each_threshold_lies_where_it_is_said_to(expected, hit, miss, options):
    options = {"epochs_wanted": 10} | options
    assert kind(hit, **options) == expected
    assert kind(miss, **options) != expected


def test_before_the_first_epoch_the_coach_waits():
    assert kind([]) == "waiting"
    assert kind([], ended="stopped") == "done"


def test_the_most_serious_comes_first():
    both = by_heart(val_end=(0.9, 0.4, 0.9))
    assert kind(both) == "unstable"
    assert kind([*both, NOT_A_NUMBER]) == "diverged"
    assert kind(by_heart(), best_accuracy=0.9) == "overfitting"


def test_the_events_of_a_run_fit():
    events = [EpochDone(1, 0.5, 0.8, 0.4, 0.85, seconds=1.0, learning_rate=0.001)]
    assert kind(events) == "learning"
