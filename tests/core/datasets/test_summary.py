import math

import numpy as np
import pytest

from core.data import NO_CLASS, Dataset, Split
from core.datasets.summary import (
    Part,
    balance,
    class_counts,
    mean_and_spread,
    nearest,
    points_of,
    samples_by_class,
    summarise,
)
from core.tasks.base import get_task


def split(rows, labels):
    return Split(np.array(rows, np.float32), np.array(labels, np.int64))


def as_picture(x):
    return np.asarray(255 * x.reshape(1, -1), np.uint8)


def test_classes_are_counted_and_those_of_no_class_apart():
    labels = np.array([0, 2, 2, NO_CLASS, 0, 2], np.int64)
    assert class_counts(labels, 4) == (2, 0, 3, 0, 1)
    assert Part("any", class_counts(labels, 4)).size == 6


def test_balance_compares_the_most_frequent_with_the_rarest():
    found = balance(Part("training", (30, 50, 20, 7)))  # seven of no class do not count
    assert (found.most, found.least, found.ratio, found.share) == (1, 2, 2.5, 0.5)
    assert not found.even
    assert balance(Part("training", (100, 105, 0))).even
    assert not balance(Part("training", (100, 106, 0))).even
    assert math.isinf(balance(Part("training", (5, 0, 0))).ratio)


def test_mean_and_spread_are_those_of_each_class():
    # Class 0: the values 0 and 1, and twice 0.5; class 1 has a single example; class 2 has none.
    x = [[0, 0.5], [1, 0.5], [0.25, 1], [0.9, 0.9]]
    means, spreads = mean_and_spread(split(x, [0, 0, 1, NO_CLASS]), 3)
    assert means == pytest.approx(np.array([[0.5, 0.5], [0.25, 1], [0, 0]]))
    assert spreads == pytest.approx(np.array([[0.5, 0], [0, 0], [0, 0]]))


def test_samples_are_the_first_of_each_class_and_know_their_places():
    x = [[0.0], [0.2], [0.4], [0.6], [0.8]]
    found = samples_by_class(split(x, [1, 0, 1, NO_CLASS, 1]), 3, as_picture, limit=2)
    assert list(found) == [0, 1, NO_CLASS]
    assert found[1].indices.tolist() == [0, 2]
    assert found[1].pictures[:, 0, 0].tolist() == [0, 102]
    assert found[NO_CLASS].indices.tolist() == [3]


def test_points_on_a_line_need_one_component():
    x = [[0, 0], [0.3, 0.4], [0.6, 0.8]]
    points = points_of(split(x, [0, 1, 2]), "test", as_picture)
    assert points.explained == pytest.approx((1, 0))
    assert sorted(abs(points.components[:, 0])) == pytest.approx([0, 0.5, 0.5], abs=1e-6)
    assert points.indices.tolist() == [0, 1, 2]
    assert nearest(points, 0, 2).tolist() == [1, 2]


def test_many_examples_become_few_points_the_same_every_time():
    generator = np.random.default_rng(0)
    many = Split(generator.random((500, 7), np.float32), generator.integers(0, 10, 500))
    points = points_of(many, "test", as_picture, limit=40)
    assert points.components.shape == (40, 7)
    assert len(set(points.indices.tolist())) == 40
    assert (points.labels == many.y[points.indices]).all()
    again = points_of(many, "test", as_picture, limit=40)
    assert (points.indices == again.indices).all()
    assert (points.components == again.components).all()


def test_examples_that_are_all_alike_have_no_direction():
    points = points_of(split([[1, 0]] * 4, [0] * 4), "test", as_picture)
    assert points.explained == (0, 0)
    assert not points.components.any()


def test_a_data_set_is_summed_up_small_enough_to_be_kept():
    task, steps = get_task("handwritten"), []
    summary = summarise(
        task.source("built-in").load(None, 0, 0),
        num_classes=10,
        picture=task.picture,
        on_step=steps.append,
    )
    assert [(part.name, part.size) for part in summary.parts] == [
        ("training", 1077),
        ("validation", 270),
        ("built-in test images", 450),
    ]
    assert summary.means.shape == summary.spreads.shape == (10, 28, 28)
    assert summary.points.components.shape == (450, 50)
    assert summary.points.part == "built-in test images"
    assert set(summary.samples["training"]) == set(range(10))
    assert len(steps) == 3


def test_a_white_spread_is_half_lit_and_half_dark():
    task = get_task("seven-segment")
    x = np.array([[0] * 7, [1] * 7], np.float32)
    one = Split(x, np.array([0, 0]))
    data = Dataset(one, one, {"test": one})
    summary = summarise(data, num_classes=10, picture=task.picture)
    assert summary.spreads[0].max() == 255
    assert summary.means[0].max() == round(40 + 215 / 2)
    assert summary.points.components.shape == (2, 2)
