import math
from dataclasses import dataclass
from itertools import pairwise
from typing import get_args

import pytest

from core.metrics.accuracy import Accuracy
from core.training.diagnosis import (
    FLAT_EPOCHS,
    PLATEAU_EPOCHS,
    Attempt,
    Kind,
    diagnose,
    standing,
)
from tests.support.epochs import GOOD, NOT_A_NUMBER, Figures, history
from ui.wording.diagnosis import Advice, advice_on, standing_in_words


@dataclass(frozen=True)
class Said(Advice):
    kind: str = ""


def coach(epochs, *, num_classes=10, epochs_wanted=20, **options):
    found = diagnose(epochs, num_classes=num_classes, epochs_wanted=epochs_wanted, **options)
    return Said(**vars(advice_on(found)), kind=found.kind)


def kind(*arguments, **options):
    return coach(*arguments, **options).kind


def says(advice, *numbers):
    for number in numbers:
        assert number in advice.evidence


@pytest.mark.parametrize("broken", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("which", ["loss", "val_loss"])
def test_a_loss_that_is_no_number_is_divergence(which, broken):
    newest = Figures(**{**vars(GOOD[-1]), which: broken, "epoch": 6})
    advice = coach([*GOOD, newest])
    assert advice.kind == "diverged"
    says(advice, "epoch 6", "last good epoch is 5", "91.0 %")
    assert "0.0001 instead of 0.001" in advice.suggestion


def test_a_run_that_ended_diverged_is_so_though_all_its_epochs_are_good():
    advice = coach(GOOD, ended="diverged")
    assert advice.kind == "diverged"
    says(advice, "epoch 6", "last good epoch is 5")


@pytest.mark.parametrize("epochs", [[], [NOT_A_NUMBER]])
def test_divergence_in_the_first_epoch_has_no_good_one(epochs):
    advice = coach(epochs, ended="diverged")
    assert advice.kind == "diverged"
    says(advice, "epoch 1")


JUMPY = [0.8, 0.4, 0.8, 0.4, 0.8, 0.4]


def test_two_separate_jumps_up_are_unstable():
    advice = coach(history(JUMPY, 0.5))
    assert advice.kind == "unstable"
    says(advice, "Training loss", "2 separate times", "0.400 and 0.800", "by up to 0.400")
    assert "0.0002 instead of 0.001" in advice.suggestion
    assert coach(history([0.5] * 6, JUMPY)).evidence.startswith("Validation loss")


def test_guessing_is_not_learning():
    advice = coach(history([2.31, 2.303, 2.303], 2.303, 0.11, 0.1))
    assert advice.kind == "not-learning"
    says(advice, "3 epochs", "11.0 %", "10.0 %", "2.303")


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        (0.5, "0.5 is high: try 0.05"),
        (0.01, "0.01 is high: try 0.001"),
        (0.0098, "0.049 or 0.00196"),
        (0.000102, "0.00051 or 2.04e-05"),
        (0.0001, "0.0001 is low: try 0.001"),
        (0.001, "0.005 or 0.0002"),
        (0.0, "ten times smaller"),
    ],
)
def test_the_suggestion_looks_at_the_learning_rate(rate, words):
    assert words in coach(history([2.3] * 3, 2.3, 0.1, 0.1, rate)).suggestion


def by_heart(val_end=(0.36, 0.4, 0.45), loss_end=0.1, **options):
    loss = [0.8, 0.5, 0.3, 0.25, 0.2, 0.15, loss_end]
    return history(loss, [0.7, 0.4, 0.3, 0.32, *val_end], **options)


def test_validation_rising_while_training_falls_is_overfitting():
    advice = coach(by_heart(accuracy=0.97))
    assert advice.kind == "overfitting"
    says(advice, "epoch 3", "0.300 to 0.450", "0.300 to 0.100", "a gap of 0.350")
    assert "dropout" not in advice.evidence
    assert "Stop here" in advice.suggestion
    assert "after epoch 3" in advice.suggestion


def test_training_accuracy_below_validation_is_explained():
    advice = coach(by_heart(accuracy=0.85, val_accuracy=0.9))
    assert advice.kind == "overfitting"
    says(advice, "85.0 %", "90.0 %", "dropout")


def test_after_the_end_nobody_is_told_to_stop():
    advice = coach(by_heart(), ended="complete")
    assert advice.kind == "overfitting"
    assert "Stop" not in advice.suggestion


def stuck(accuracy=0.7, val_accuracy=0.71, loss_end=0.99, val_end=0.99):
    loss, val_loss = [2.0, *[1.0] * FLAT_EPOCHS, loss_end], [2.0, *[1.0] * FLAT_EPOCHS, val_end]
    return history(loss, val_loss, accuracy, val_accuracy)


def test_flat_and_low_is_underfitting():
    advice = coach(stuck(), epochs_wanted=14)
    assert advice.kind == "underfitting"
    says(advice, "70.0 %", "71.0 %", "5 epochs", "2 %")
    says(coach(stuck(), epochs_wanted=14, best_accuracy=0.9), "best possible is 90.0 %")


def test_flat_near_the_best_possible_accuracy_is_done():
    advice = coach(stuck(), best_accuracy=0.715)
    assert (advice.kind, advice.suggestion) == ("done", "")
    says(advice, "7 epochs", "71.0 %", "71.5 %")


def test_all_right_is_not_called_the_best_possible_where_nobody_knows_that():
    advice = coach(stuck(val_accuracy=1.0))
    assert advice.kind == "done"
    says(advice, "all validation examples are classified correctly")
    assert "possible" not in advice.evidence


def test_at_the_exact_best_it_is_done_at_once():
    assert kind(GOOD, best_accuracy=0.91) == "done"
    assert kind(GOOD, best_accuracy=0.9101) == "learning"
    says(coach(GOOD, best_accuracy=0.9), "luck")


def level(val_end=0.0998, rate=0.001):
    loss = [0.3, 0.2, 0.18, 0.16, 0.14, 0.12, 0.1]
    return history(loss, [0.5, *[0.1] * PLATEAU_EPOCHS, val_end], 0.98, 0.97, rate)


def test_validation_standing_still_is_a_plateau():
    advice = coach(level())
    assert advice.kind == "plateau"
    says(advice, "5 epochs", "no lower than 0.0998", "before was 0.1")
    assert "0.0002 instead of 0.001" in advice.suggestion


def test_a_rate_lowered_already_needs_time():
    advice = coach(level(rate=[0.001] * 5 + [0.0005] * 2))
    assert advice.kind == "plateau"
    assert "lowered already, to 0.0005" in advice.suggestion


@pytest.mark.parametrize(
    ("ended", "title"),
    [("complete", "Done"), ("stopped", "Stopped"), ("early", "Stopped early, as asked")],
)
def test_a_run_that_ended_is_done(ended, title):
    advice = coach(GOOD, ended=ended)
    assert (advice.kind, advice.title) == ("done", title)
    says(advice, "5 ", "91.0 %", "0.300", "epoch 5")


def test_a_run_cut_off_while_gaining_wants_more_epochs():
    assert "more epochs" in coach(GOOD, ended="complete").suggestion
    assert coach(GOOD, ended="early").suggestion == ""
    assert coach(level(), ended="complete").suggestion == ""


def test_a_gain_is_told_in_points():
    advice = coach(GOOD)
    assert (advice.kind, advice.suggestion) == ("learning", "")
    says(advice, "epoch 1 to 5", "70.0 % to 91.0 %", "+21.0 points", "0.900 to 0.300")


def test_only_the_last_epochs_are_told():
    epochs = history([1 / n for n in range(1, 10)], [1 / n for n in range(1, 10)])
    says(coach(epochs), "epoch 4 to 9")


def test_no_gain_is_not_called_one():
    advice = coach(history([0.5, 0.5], 0.5))
    assert (advice.kind, advice.title) == ("learning", "No gain just now")


def test_the_first_epoch_is_told_as_it_is():
    advice = coach(GOOD[:1], epochs_wanted=1)
    assert advice.kind == "learning"
    says(advice, "70.0 %", "0.900")


REACHED = [
    ([], {}),
    (history([2.3] * 3, 2.3, 0.1, 0.1), {}),
    (by_heart(), {}),
    (stuck(), {"epochs_wanted": 7}),
    (history(JUMPY, 0.5), {}),
    ([NOT_A_NUMBER], {}),
    (level(), {}),
    (GOOD, {}),
    (GOOD, {"ended": "complete"}),
]


def test_every_kind_is_reached_and_well_said():
    advices = [coach(epochs, **options) for epochs, options in REACHED]
    assert {advice.kind for advice in advices} == set(get_args(Kind))
    for advice in advices:
        assert advice.title
        assert any(letter.isdigit() for letter in advice.evidence)
        for text in filter(None, (advice.evidence, advice.suggestion)):
            assert text.endswith(".")
            assert "  " not in text
        assert advice.suggestion or advice.kind in ("waiting", "learning", "done")


VALUES = [math.nan, math.inf, -math.inf, -1.0, 0.0, 5e-324, 0.1, 1.0, 2.303, 1e308]


@pytest.mark.parametrize("ended", [None, "complete", "stopped", "early", "diverged"])
@pytest.mark.parametrize("best_accuracy", [None, 0.0, 0.9, 1.0])
def test_no_history_makes_it_fail(ended, best_accuracy):
    constant = [history([a] * n, b, a, b, a) for n in (1, 2, 9) for a in VALUES for b in VALUES]
    mixed = [history([a, b] * 4, [b, a] * 4, 0.5, a, b) for a, b in pairwise(VALUES)]
    for epochs in [[], *constant, *mixed]:
        for num_classes, wanted in ((1, 1), (10, 1), (10, 100)):
            advice = coach(
                epochs,
                num_classes=num_classes,
                epochs_wanted=wanted,
                ended=ended,
                best_accuracy=best_accuracy,
            )
            assert advice.kind in get_args(Kind)
            assert advice.title
            assert advice.evidence


def test_a_run_that_ended_below_what_is_possible_is_not_simply_done():
    settled = history([1.2] * 12, [1.2] * 12, 0.6, 0.596)
    advice = coach(settled, epochs_wanted=12, ended="complete", best_accuracy=0.656)
    assert advice.title != "Done"
    short = coach(GOOD, epochs_wanted=5, ended="complete", best_accuracy=0.95)
    assert (short.kind, short.title) == ("done", "Done, but more is possible")
    says(short, "91.0 %", "The best possible is 95.0 %.")
    assert short.suggestion
    assert coach(GOOD, epochs_wanted=5, ended="complete").title == "Done"
    assert coach(GOOD, ended="stopped", best_accuracy=0.95).title == "Stopped"


def compared(mine, best, *, saved=False, exhaustive=False, differences=()):
    first, second = (
        Attempt(name, "t", "s", "flip", 0.15, Accuracy("data", correct, 1000, exhaustive), of)
        for name, correct, of in (("mine", mine, False), ("a *name*", best, saved))
    )
    found = standing(first, [second])
    assert found is not None
    return standing_in_words(found, differences)


def test_a_clearly_better_run_is_named_with_what_it_did_differently():
    words = compared(901, 979, differences=["learning rate 0.01", "no dropout"])
    assert words.startswith(
        r"Your run “a \*name\*” reached 97.9 % (95 % interval 96.8 % to 98.6 %)"
    )
    assert "clearly more than this run's 90.1 % (95 % interval" in words
    assert words.endswith("What it did differently: learning rate 0.01 and no dropout.")
    assert "and 2 more differences" in compared(901, 979, differences=["x"] * 6)
    assert compared(901, 979).endswith("Its settings were the same.")


def test_what_may_be_luck_is_called_so_and_no_advice_is_drawn_from_it():
    words = compared(655, 660, saved=True, differences=["learning rate 0.01"])
    assert words.startswith("The saved model “")
    assert "The intervals overlap, so the difference may be luck." in words
    assert "learning rate" not in words


def test_a_run_that_is_ahead_or_level_is_told_so():
    assert "clearly more than the best other result" in compared(979, 901)
    assert "exactly as much as this run" in compared(660, 660)
    assert "interval" not in compared(5, 1000, exhaustive=True)
