"""The four simple methods on problems small enough to be worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest

from core.baselines import learning
from core.baselines.learning import NAMES, LearnedFrom, example_limit, learn
from core.data import NO_CLASS, Dataset, Split
from core.training.share import drawn_share

CORNERS = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32)


def corners(labels, times):
    """Each corner of the unit square as often as `times` says, with its label."""
    places = np.repeat(np.arange(4), times)
    return Split(CORNERS[places], np.array(labels, np.int64)[places])


def taught(train, validation=None, *, classes=2, **arguments):
    """What the methods learn, by name."""
    data = Dataset(train, train if validation is None else validation, {})
    learned = learn(data, classes=classes, **arguments)
    return dict(zip(NAMES, learned.baselines, strict=True)), learned


def accuracy(baseline, split):
    return float((baseline.predict(split.x).argmax(axis=1) == split.y).mean())


def test_exclusive_or_is_beyond_one_straight_line():
    xor = corners([0, 1, 1, 0], [11, 10, 10, 10])
    found, _ = taught(xor)
    # A straight line gets three corners at most: it leaves out 10 of 41, or more.
    assert accuracy(found["logistic"], xor) <= 31 / 41
    assert accuracy(found["tree"], xor) == 1
    assert accuracy(found["neighbours"], xor) == 1
    assert accuracy(found["majority"], xor) == 21 / 41
    assert found["tree"].chosen == 2
    assert found["tree"].size == 7  # a root, two inner nodes, four leaves
    assert found["majority"].chosen == 0


def test_a_straight_border_is_found_by_all_but_the_guess():
    line = corners([0, 0, 1, 1], [10, 10, 10, 11])
    found, learned = taught(line)
    shares = [accuracy(found[name], line) for name in NAMES]
    assert shares == [1, 1, 1, 21 / 41]
    assert [each.value for each in learned.validation] == shares
    # Two weights and a bias for two classes; one question; every example; one class.
    assert [found[name].size for name in NAMES] == [3, 3, 41, 1]


def test_the_number_of_neighbours_is_chosen_on_the_validation_examples():
    # One example in ten is labelled wrongly, each at a place of its own: asking one neighbour
    # repeats these labels, asking 25 outvotes them.
    x = np.arange(100, dtype=np.float32)[:, None] / 100
    y = np.arange(100) // 50
    wrong = np.arange(5, 100, 10)
    noisy = Split(x, np.where(np.isin(np.arange(100), wrong), 1 - y, y))
    near = Split(x[wrong] + np.float32(0.001), y[wrong])
    found, _ = taught(noisy, near)
    assert found["neighbours"].chosen == 5
    alike = Split(near.x, noisy.y[wrong])
    found, _ = taught(noisy, alike)
    assert found["neighbours"].chosen == 1


def test_a_class_that_never_occurs_is_said_and_never_answered():
    train = corners([2, 2, 4, 4], [5, 5, 5, 5])
    found, learned = taught(train, classes=6)
    assert learned.missing == (0, 1, 3, 5)
    for baseline in found.values():
        probabilities = baseline.predict(CORNERS)
        assert probabilities.shape == (4, 6)
        assert probabilities.dtype == np.float32
        assert probabilities.sum(axis=1) == pytest.approx(1)
        assert not probabilities[:, [0, 1, 3, 5]].any()


def test_where_only_one_class_occurs_all_answer_with_it():
    one = corners([1, 1, 1, 1], [1, 0, 0, 1])
    found, learned = taught(one, classes=3)
    assert learned.missing == (0, 2)
    for baseline in found.values():
        assert (baseline.predict(CORNERS).argmax(axis=1) == 1).all()
        assert baseline.size in (1, 2)


def test_pictures_of_no_class_are_left_out():
    train = corners([0, 0, 1, 1], [5, 5, 5, 5])
    y = train.y.copy()
    y[::5] = NO_CLASS
    _, learned = taught(Split(train.x, y))
    assert (learned.examples, learned.available) == (16, 16)


def test_the_bound_is_kept_with_the_same_shares_of_classes(monkeypatch):
    monkeypatch.setattr(learning, "MAX_NUMBERS", 80)
    train = corners([0, 0, 1, 1], [30, 30, 10, 10])
    found, learned = taught(train)
    assert (learned.examples, learned.available) == (40, 80)
    assert found["neighbours"].size == 40
    kept = found["neighbours"]._model._y
    assert np.bincount(kept).tolist() == [30, 10]


def test_a_picture_s_size_decides_how_many_examples_are_used():
    assert example_limit(7) == 25_000
    assert example_limit(784) == 3_826
    assert example_limit(10**9) == 1


def test_the_same_seed_gives_the_same_answers(monkeypatch):
    monkeypatch.setattr(learning, "MAX_NUMBERS", 1_000)
    generator = np.random.default_rng(0)
    x = generator.random((900, 10), np.float32)
    train = Split(x, (x[:, :3].sum(axis=1) + generator.random(900) > 2).astype(np.int64))
    one, other, another = (
        [b.predict(x) for b in taught(train, random_state=seed)[0].values()] for seed in (3, 3, 4)
    )
    assert all(map(np.array_equal, one, other))
    assert not np.array_equal(one[0], another[0])


def test_a_share_is_the_one_that_a_run_learns_from():
    train = corners([0, 0, 1, 1], [25, 25, 25, 25])
    numbered = Split(np.arange(100, dtype=np.float32)[:, None], train.y)
    found, learned = taught(numbered, share=0.3, random_state=7)
    assert learned.available == 30
    kept = np.sort(found["neighbours"]._model._fit_X[:, 0])
    assert np.array_equal(kept, np.sort(drawn_share(numbered, 0.3, 7).x[:, 0]))


def test_inputs_of_any_shape_are_flattened():
    train = corners([0, 0, 1, 1], [5, 5, 5, 5])
    deep = replace(train, x=np.repeat(train.x[:, None, :, None], 3, axis=1))  # (20, 3, 2, 1)
    found, _ = taught(deep)
    assert accuracy(found["logistic"], deep) == 1
    assert found["logistic"].size == 7


def test_without_validation_examples_nothing_is_chosen_on_them():
    train = corners([0, 0, 1, 1], [1, 1, 1, 1])
    empty = Split(train.x[:0], train.y[:0])
    found, learned = taught(train, empty)
    assert learned.validation == (None,) * 4
    assert found["neighbours"].chosen == 1  # fewer than five examples


def test_the_data_is_that_of_a_network():
    data = LearnedFrom("seven-segment", "generated", "flip", 0.15, 3).load()
    assert list(data.tests) == ["bit flip at 0.15, 1 in 11 clean", "clean patterns"]
