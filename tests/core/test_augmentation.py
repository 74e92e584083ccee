import numpy as np
import pytest

from core.augmentation import Augmentation, augment

ALL = Augmentation(rotation=15, shift=0.15, zoom=0.15, invert=0.5)


@pytest.fixture
def x():
    return np.random.default_rng(0).random((40, 28, 28, 1), dtype=np.float32)


def draws(augmentation, count=40, seed=1):
    return augmentation.draw(count, np.random.default_rng(seed))


def test_shape_dtype_and_range_stay(x):
    changed = augment(x, draws(ALL))
    assert changed.shape == x.shape
    assert changed.dtype == np.float32
    assert changed.min() >= 0
    assert changed.max() <= 1
    assert not np.array_equal(changed, x)


def test_nothing_asked_is_nothing_done(x):
    assert not Augmentation().active
    assert np.array_equal(augment(x, draws(Augmentation())), x)


def test_the_same_seed_changes_the_same_way_and_portions_do_not_matter(x):
    whole = augment(x, draws(ALL))
    assert np.array_equal(augment(x[10:20], draws(ALL)[10:20]), whole[10:20])
    assert not np.array_equal(augment(x, draws(ALL, seed=2)), whole)


def test_draws_stay_within_what_was_asked():
    many = draws(ALL, 5000)
    assert np.abs(many[:, 0]).max() <= 15
    assert np.abs(many[:, 1:3]).max() <= 0.15
    assert np.abs(many[:, 3] - 1).max() <= 0.15 + 1e-6
    assert many[:, 4].mean() == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize(
    ("draw", "row", "column"),
    [
        ((0, 0.25, 0, 1, 0), 4, 6),  # right
        ((0, 0, 0.25, 1, 0), 6, 4),  # down
        ((90, 0, 0, 1, 0), 3, 4),  # turned to the left about the centre
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


def test_inversion_exchanges_light_and_dark(x):
    changed = augment(x, draws(Augmentation(invert=1)))
    assert np.allclose(changed, 1 - x)
