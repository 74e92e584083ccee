from dataclasses import replace

import numpy as np
import pytest

from core.noise.augmentation import Augmentation, augment

ALL = Augmentation(rotation=15, shift=0.15, zoom=0.15, invert=0.5)
BENT = Augmentation(rotation=10, shift=0.1, zoom=0.1, shear=0.2, elastic=0.03, stroke=0.5)


@pytest.fixture
def x():
    return np.random.default_rng(0).random((40, 28, 28, 1), dtype=np.float32)


def draws(augmentation, count=40, seed=1):
    return augmentation.draw(count, np.random.default_rng(seed))


@pytest.mark.parametrize("augmentation", [ALL, BENT])
def test_shape_dtype_and_range_stay(x, augmentation):
    changed = augment(x, draws(augmentation))
    assert changed.shape == x.shape
    assert changed.dtype == np.float32
    assert changed.min() >= 0
    assert changed.max() <= 1
    assert not np.array_equal(changed, x)


def test_nothing_asked_is_nothing_done(x):
    assert not Augmentation().active
    assert np.array_equal(augment(x, draws(Augmentation())), x)


@pytest.mark.parametrize("augmentation", [ALL, BENT])
def test_the_same_seed_changes_the_same_way_and_portions_do_not_matter(x, augmentation):
    whole = augment(x, draws(augmentation))
    assert np.array_equal(augment(x[10:20], draws(augmentation)[10:20]), whole[10:20])
    assert not np.array_equal(augment(x, draws(augmentation, seed=2)), whole)


def test_what_was_added_later_leaves_the_draws_of_older_runs_as_they_were():
    assert np.array_equal(
        draws(ALL)[:, :5], draws(replace(ALL, shear=0.2, elastic=0.03, stroke=0.5))[:, :5]
    )


def test_draws_stay_within_what_was_asked():
    many = draws(ALL, 5000)
    assert np.abs(many[:, 0]).max() <= 15
    assert np.abs(many[:, 1:3]).max() <= 0.15
    assert np.abs(many[:, 3] - 1).max() <= 0.15 + 1e-6
    assert many[:, 4].mean() == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize(
    ("draw", "row", "column"),
    [
        ((0, 0.25, 0, 1, 0, 0, 0), 4, 6),  # right
        ((0, 0, 0.25, 1, 0, 0, 0), 6, 4),  # down
        ((90, 0, 0, 1, 0, 0, 0), 3, 4),  # turned to the left about the centre
        ((0, 0.25, 0, 1, 0, 0, 0, *[0] * 50), 4, 6),  # by way of a net that does not move
        ((90, 0, 0, 1, 0, 0, 0, *[0] * 50), 3, 4),
        ((0, 0, 0, 1, 0, 0, 0, *[-0.25] * 25, *[0] * 25), 4, 6),  # the whole net to the left
    ],
)
def test_a_dot_goes_where_it_should(draw, row, column):
    picture = np.zeros((1, 8, 8, 1), np.float32)
    picture[0, 4, 4] = 1
    changed = augment(picture, np.array([draw], np.float32))[0, ..., 0]
    assert np.unravel_index(changed.argmax(), changed.shape) == (row, column)


def test_pictures_that_are_only_moved_stay_sharp(x):
    black_and_white = (x > 0.5).astype(np.float32)
    changed = augment(black_and_white, draws(Augmentation(shift=0.1)))
    assert set(np.unique(changed)) == {0.0, 1.0}


def test_slant_moves_the_top_to_the_right_and_leaves_the_middle():
    picture = np.zeros((1, 9, 9, 1), np.float32)
    picture[0, :, 4] = 1
    leaning = augment(picture, np.array([(0, 0, 0, 1, 0, 0.5, 0)], np.float32))[0, ..., 0]
    assert leaning[0].argmax() == 6
    assert leaning[4].argmax() == 4
    assert leaning[8].argmax() == 2


@pytest.mark.parametrize(("amount", "width"), [(1, 5), (0, 3), (-1, 1)])
def test_strokes_get_thicker_and_thinner(amount, width):
    picture = np.zeros((1, 11, 11, 1), np.float32)
    picture[0, :, 4:7] = 1
    changed = augment(picture, np.array([(0, 0, 0, 1, 0, 0, amount)], np.float32))
    assert changed[0, 5, :, 0].sum() == width


def test_bending_moves_points_about_as_far_as_asked():
    ramp = np.broadcast_to(
        np.linspace(0, 1, 28, dtype=np.float32)[:, np.newaxis], (400, 28, 28, 28)
    )
    ramp = np.ascontiguousarray(ramp[:, 0, :, :, np.newaxis])  # brightness tells the column
    ramp = np.ascontiguousarray(ramp.transpose(0, 2, 1, 3))
    moved = augment(ramp, draws(Augmentation(elastic=0.03), 400)) - ramp
    spread = float(moved[:, 12:16, 12:16].std()) * 27 / 28  # in shares of the side
    assert 0.015 < spread < 0.035


def test_inversion_exchanges_light_and_dark(x):
    changed = augment(x, draws(Augmentation(invert=1)))
    assert np.allclose(changed, 1 - x)
