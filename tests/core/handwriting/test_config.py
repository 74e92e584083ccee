import numpy as np
import pytest

from core.errors import InvalidInput
from core.handwriting.arrays import digest
from core.handwriting.config import (
    BATCH_SIZE,
    MIN_STEPS,
    BaseNetwork,
    Outcome,
    TransferConfig,
    are_enough,
    batches,
    learning_layers,
    prepare,
)
from core.metrics.accuracy import Accuracy, Change
from core.metrics.paired import PairedAnswers
from core.models.store import ModelStore
from core.networks.architecture import Architecture
from core.tasks.base import get_task
from core.training.card import FineTuned
from tests.support.models import save_copy


def samples(count=40, seed=0):
    x = np.random.default_rng(seed).integers(1, 256, (count, 28, 28), np.uint8)
    return x, (np.arange(count) % 10).astype(np.uint8)


def marks(x):
    return {digest(picture)[:16] for picture in x}


def test_about_a_quarter_of_each_digit_is_kept_aside_whatever_the_order():
    x, y = samples(83)
    lesson = prepare(x, y, None)
    assert [int((lesson.held_y == digit).sum()) for digit in range(10)] == [2] * 10
    assert len(lesson.y) + len(lesson.held_y) == 83
    assert not marks(lesson.x) & marks(lesson.held_x)
    mixed = np.random.default_rng(1).permutation(83)
    again = prepare(x[mixed], y[mixed], None)
    np.testing.assert_array_equal(again.x, lesson.x)
    np.testing.assert_array_equal(again.held_x, lesson.held_x)


def test_a_digit_with_few_samples_is_learned_whole():
    x, _ = samples(13)
    lesson = prepare(x, np.array([1] * 3 + [2] * 4 + [3] * 6, np.uint8), None)
    assert np.bincount(lesson.held_y).tolist() == [0, 0, 1, 2]


def signs(*counts):
    """Returns samples of two digits, five each, and as many of each sign as asked for."""
    y = np.repeat([1, 2, 10, 11], [5, 5, *counts]).astype(np.uint8)
    return samples(len(y))[0], y


def test_signs_are_learned_and_kept_aside_only_where_they_are_taught():
    x, y = signs(8, 8)
    lesson = prepare(x, y, None, signs=True)
    assert np.bincount(lesson.held_y, minlength=12)[10:].tolist() == [2, 2]
    assert np.bincount(lesson.y, minlength=12)[10:].tolist() == [6, 6]
    lesson = prepare(x, y, None)
    assert max(*lesson.y, *lesson.held_y) == 2


@pytest.mark.parametrize(
    ("counts", "enough"), [((4, 4), True), ((4, 0), True), ((8, 3), False), ((0, 0), False)]
)
def test_one_rule_says_how_many_samples_of_a_sign_are_needed(counts, enough):
    x, y = signs(*counts)
    assert are_enough(np.bincount(y, minlength=12).tolist(), signs=True) is enough
    if enough:
        assert prepare(x, y, None, signs=True)
    else:
        with pytest.raises(InvalidInput, match="To teach a sign, give at least 4"):
            prepare(x, y, None, signs=True)


def test_samples_of_signs_do_not_count_where_only_digits_are_taught():
    assert not are_enough([4, *[0] * 9, 8, 8])
    assert are_enough([10, *[0] * 9, 0, 0])


def test_a_network_taught_before_is_judged_by_nothing_that_it_has_learned():
    x, y = samples(40)
    first = prepare(x, y, None)
    card = FineTuned(learned=first.learned, kept_aside=first.kept_aside)
    again = prepare(x, y, card)
    assert marks(again.held_x) == marks(first.held_x)
    new, labels = samples(40, seed=1)
    both = prepare(np.concatenate([x, new]), np.concatenate([y, labels]), card)
    assert not marks(both.held_x) & set(first.learned)
    assert marks(both.held_x) > marks(first.held_x)
    assert len(both.held_y) == 20
    taken = FineTuned(learned=tuple(sorted(marks(x))))
    with pytest.raises(InvalidInput, match="learned from all of these"):
        prepare(x, y, taken)


def test_the_same_picture_is_never_on_both_sides():
    x, y = samples(20)
    lesson = prepare(np.concatenate([x, x]), np.concatenate([y, (y + 1) % 10]), None)
    assert not marks(lesson.x) & marks(lesson.held_x)


@pytest.mark.parametrize(
    ("count", "labels", "said"),
    [(9, 1, "9 samples, too few"), (0, 1, "0 samples"), (10, 10, "at least 4 of one digit")],
)
def test_too_few_samples_are_refused(count, labels, said):
    x, y = samples(count)
    with pytest.raises(InvalidInput, match=said):
        prepare(x, y % labels, None)


def test_batches_mix_as_asked_and_go_through_all_own_samples():
    config = TransferConfig(source="built-in", share=0.25, epochs=3, seed=5)
    own, base = batches(30, 1000, config)
    assert own.shape == (3, MIN_STEPS, 8)
    assert base.shape == (3, MIN_STEPS, BATCH_SIZE - 8)
    counts = np.bincount(own.ravel(), minlength=30)
    assert counts.max() - counts.min() <= 1
    again, _ = batches(30, 1000, config)
    np.testing.assert_array_equal(own, again)
    other, _ = batches(30, 1000, TransferConfig(source="built-in", share=0.25, epochs=3, seed=6))
    assert (own != other).any()
    own, base = batches(5000, 1000, TransferConfig(source="built-in", share=1, epochs=1))
    assert own.shape == (1, 157, 32)
    assert base.shape == (1, 157, 0)


@pytest.mark.parametrize(
    "settings",
    [
        {"share": 0},
        {"share": 1.1},
        {"epochs": 0},
        {"frozen": -1},
        {"frozen": 0.5},
        {"learning_rate": 1},
        {"source": "imagenet"},
    ],
)
def test_settings_out_of_bounds_are_refused(settings):
    with pytest.raises(InvalidInput):
        TransferConfig(**{"source": "built-in", **settings})


def test_layers_that_can_be_frozen_leave_normalisation_out():
    network = Architecture((64,), 0.2, True, filters=(4, 8))
    layers = learning_layers(network, get_task("handwritten"))
    assert [layer.output_shape[-1] for layer in layers] == [4, 8, 64, 10]


def test_a_network_for_something_else_cannot_learn_handwriting():
    with pytest.raises(InvalidInput, match="does not read handwritten"):
        BaseNetwork.of(ModelStore().get("seven-segment"))


def test_a_network_with_signs_goes_on_with_them(tmp_path):
    signed = save_copy(ModelStore(tmp_path), "handwritten-dense", "m", task="handwritten-signs")
    with pytest.raises(InvalidInput, match="teach it with the signs"):
        BaseNetwork.of(signed)
    assert BaseNetwork.of(signed, signs=True).reads_signs


def test_the_command_and_the_task_tell_of_signs():
    plain, signed = (TransferConfig(source="built-in", signs=signs) for signs in (False, True))
    assert signed.command("base") == plain.command("base") + " --signs"
    assert (plain.task.name, signed.task.name) == ("handwritten", "handwritten-signs")


def test_figures_come_back_from_the_card():
    outcome = Outcome(*(Accuracy("data", n, 10) for n in (1, 9, 8, 7)))
    tuned = FineTuned(
        before=(outcome.own_before, outcome.base_before),
        after=(outcome.own_after, outcome.base_after),
    )
    assert Outcome.of(tuned) == outcome
    for lacking in (None, FineTuned(before=tuned.before)):
        with pytest.raises(InvalidInput, match="fine-tuning"):
            Outcome.of(lacking)
    assert [(b.correct, a.correct) for b, a in outcome.rows] == [(1, 9), (8, 7)]
    pairs = (PairedAnswers(1, 0, 8, 1), PairedAnswers(7, 1, 0, 2))
    tested = Outcome.of(tuned.model_copy(update={"pairs": pairs}))
    assert (tested.own_pair, tested.base_pair) == pairs
    part = (Accuracy("own signs kept aside", 0, 4), Accuracy("own signs kept aside", 3, 4))
    outcome = Outcome.of(tuned.model_copy(update={"own_parts": (part,)}))
    assert [(b.correct, a.correct) for b, a in outcome.rows] == [(0, 3), (8, 7)]


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        (40, 90, Change.BETTER),
        (40, 45, Change.PERHAPS_BETTER),
        (40, 40, Change.SAME),
        (40, 35, Change.PERHAPS_WORSE),
        (90, 40, Change.WORSE),
    ],
)
def test_without_pairs_a_difference_is_clear_only_where_intervals_do_not_overlap(
    before, after, found
):
    one, other = Accuracy("data", before, 100), Accuracy("data", after, 100)
    assert Outcome(one, other, one, one).own_change is found
    assert Outcome(one, one, one, other).base_change is found
    assert found.clear == (found in (Change.BETTER, Change.WORSE))


@pytest.mark.parametrize(
    ("lost", "won", "found"),
    [
        (0, 8, Change.BETTER),
        (20, 28, Change.PERHAPS_BETTER),
        (5, 5, Change.SAME),
        (28, 20, Change.PERHAPS_WORSE),
        (8, 0, Change.WORSE),
    ],
)
def test_a_change_on_the_same_examples_is_judged_by_what_the_two_disagree_on(lost, won, found):
    pair = PairedAnswers(40, lost, won, 60 - lost - won)
    before, after = Accuracy("data", 40 + lost, 100), Accuracy("data", 40 + won, 100)
    assert Outcome(before, after, before, after, own_pair=pair).own_change is found
    assert Outcome(before, after, before, after, base_pair=pair).base_change is found
