import numpy as np
import pytest

from core.datasets import non_digits
from core.imaging.normalize import SIZE


def check(x, count):
    assert x.shape == (count, SIZE, SIZE, 1)
    assert x.dtype == np.float32
    assert x.min() >= 0
    assert x.max() <= 1
    assert (x.max(axis=(1, 2, 3)) > 0.5).all()  # every picture has ink


def test_the_same_seed_makes_the_same_pictures_to_learn_from():
    x = non_digits.for_training(12, random_state=3)
    check(x, 12)
    np.testing.assert_array_equal(x, non_digits.for_training(12, random_state=3))
    assert not np.array_equal(x, non_digits.for_training(12, random_state=4))


def test_the_same_seed_makes_the_same_pictures_to_judge_by():
    kinds = non_digits.for_test(3, random_state=3)
    again = non_digits.for_test(3, random_state=3)
    assert list(kinds) == ["letters", "scribbles", "shapes"]
    for kind, x in kinds.items():
        check(x, 3)
        np.testing.assert_array_equal(x, again[kind])


def test_what_is_judged_by_was_never_learned_from():
    assert not set(non_digits._TRAIN_LETTERS) & set(non_digits._TEST_LETTERS)
    assert not set(non_digits._TRAIN_TYPEFACES) & set(non_digits._TEST_TYPEFACES)
    assert not set(non_digits._TRAIN_SHAPES) & set(non_digits._TEST_SHAPES)
    assert not {draw for draw, _ in non_digits._TRAINING} & set(non_digits._TEST.values())
    assert sum(weight for _, weight in non_digits._TRAINING) == pytest.approx(1)


def test_letters_that_could_be_digits_are_in_neither():
    letters = non_digits._TRAIN_LETTERS + non_digits._TEST_LETTERS
    assert not set(letters) & set("OoIilSsZzBbGgqQTtyYjJ")


@pytest.mark.parametrize(
    "draw",
    [*(draw for draw, _ in non_digits._TRAINING), *non_digits._TEST.values()],
    ids=lambda draw: draw.__qualname__,
)
def test_every_kind_puts_ink_on_the_whole_canvas(draw):
    for seed in range(12):
        canvas = draw(np.random.default_rng(seed))
        assert (canvas.shape, canvas.dtype) == ((non_digits.SIZE, non_digits.SIZE), np.uint8)
        share = (canvas < 128).mean()
        assert 0.001 < share < 0.6


@pytest.mark.parametrize("shapes", [non_digits._TRAIN_SHAPES, non_digits._TEST_SHAPES])
def test_shapes_fit_on_the_canvas(shapes):
    for strokes in shapes.values():
        assert np.abs(np.concatenate(strokes)).max() < 0.5
