"""The data of the task, with made files in the place of MNIST and of the pen strokes."""

import numpy as np
import pytest

from core.data import NO_CLASS
from core.datasets import mnist, pen_strokes
from core.errors import DataUnavailable
from core.noise.base import GAUSSIAN
from core.tasks import handwritten
from core.tasks.base import get_task
from tests.support.strokes import BAR, ring, unipen

MNIST_LABEL, LEARNERS, WATCHED, JUDGED = 0, 5, 7, 8


def label_of(writer):
    """Every writer of a part writes that part's own digit, so that a mixture would show."""
    if writer in pen_strokes.TEST_WRITERS:
        return JUDGED
    return WATCHED if writer in pen_strokes.VALIDATION_WRITERS else LEARNERS


@pytest.fixture
def made_mnist(monkeypatch):
    def read(*names):
        counts = {"x_train": 12, "x_test": 4}
        return tuple(
            np.random.default_rng(0).integers(0, 256, (counts[name], 28, 28), np.uint8)
            if name in counts
            else np.full(counts[name.replace("y", "x")], MNIST_LABEL, np.uint8)
            for name in names
        )

    monkeypatch.setattr(mnist, "read", read)
    monkeypatch.setattr(mnist, "missing", lambda: None)
    monkeypatch.setattr(handwritten, "MNIST_VALIDATION", 2)


@pytest.fixture
def strokes(monkeypatch, tmp_path):
    path = tmp_path / "strokes.tra"
    path.write_text(unipen(*((label_of(writer), writer, [BAR, ring()]) for writer in range(1, 31))))
    monkeypatch.setenv(pen_strokes.VARIABLE, str(path))
    monkeypatch.setattr(handwritten, "NON_DIGITS", 3)
    monkeypatch.setattr(handwritten, "PAIRS", 4)
    monkeypatch.setattr(handwritten, "DRAWINGS_TO_LEARN_FROM", 1)
    handwritten.pen_test.cache_clear()  # it keeps what was drawn of another file
    yield path
    handwritten.pen_test.cache_clear()


@pytest.mark.usefixtures("made_mnist", "strokes")
def test_people_of_training_validation_and_test_do_not_mix():
    data = handwritten.load_people(None, 0, 0)
    train, counts = np.unique(data.train.y, return_counts=True)
    assert dict(zip(train.tolist(), counts.tolist(), strict=True)) == {
        NO_CLASS: 3 + 4,
        MNIST_LABEL: 10,
        LEARNERS: 21,
    }
    watched = 3 * handwritten.DRAWINGS_TO_VALIDATE
    assert data.validation.y.tolist() == [MNIST_LABEL] * 2 + [WATCHED] * watched
    assert {words: split.y.tolist() for words, split in data.tests.items()} == {
        "MNIST test images": [MNIST_LABEL] * 4,
        "pen strokes by 6 writers kept for testing": [JUDGED] * 6,
    }
    for split in (data.train, data.validation, *data.tests.values()):
        assert split.x.shape == (len(split), 28, 28, 1)
        assert (split.x.dtype, split.y.dtype) == (np.float32, np.int64)
        assert split.x.min() >= 0
        assert split.x.max() <= 1


@pytest.mark.usefixtures("made_mnist", "strokes")
def test_pairs_are_each_by_one_learner(monkeypatch):
    pairs = []
    real = pen_strokes.draw_pair

    def draw_pair(left, right, generator):
        pairs.append((left, right))
        return real(left, right, generator)

    monkeypatch.setattr(pen_strokes, "draw_pair", draw_pair)
    handwritten.load_people(None, 0, 0)
    assert len(pairs) == 4
    for left, right in pairs:
        assert left.writer == right.writer
        assert label_of(left.writer) == LEARNERS


@pytest.mark.usefixtures("made_mnist", "strokes")
def test_only_the_training_part_depends_on_the_seed():
    first, same, other = (handwritten.load_people(None, 0, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.train.x, same.train.x)
    assert not np.array_equal(first.train.x, other.train.x)
    np.testing.assert_array_equal(first.validation.x, other.validation.x)
    for words, split in first.tests.items():
        np.testing.assert_array_equal(split.x, other.tests[words].x)


@pytest.mark.usefixtures("made_mnist", "strokes")
@pytest.mark.parametrize("noise", [None, GAUSSIAN])
def test_what_is_held_out_is_the_same_without_the_training_part(noise):
    source = get_task("handwritten").source("people")
    whole, held_out = source.load(noise, 0.2, 3), source.held_out(noise, 0.2, 3)
    assert len(held_out.train) == 0
    np.testing.assert_array_equal(held_out.validation.x, whole.validation.x)
    assert held_out.tests.keys() == whole.tests.keys()
    for words, split in whole.tests.items():
        np.testing.assert_array_equal(held_out.tests[words].x, split.x)
        np.testing.assert_array_equal(held_out.tests[words].y, split.y)


@pytest.mark.usefixtures("made_mnist", "strokes")
def test_examples_to_look_at_are_of_people_never_learned_from():
    source = get_task("handwritten").source("people")
    assert source.missing() is None
    assert source.examples(4).y.tolist() == [JUDGED] * 3


def test_what_is_missing_is_said_for_either_data_set(made_mnist, strokes, monkeypatch):
    source = get_task("handwritten").source("people")
    monkeypatch.delenv(pen_strokes.VARIABLE)
    assert pen_strokes.VARIABLE in str(source.missing())
    with pytest.raises(DataUnavailable, match=pen_strokes.VARIABLE):
        source.load(None, 0, 0)
    monkeypatch.setattr(mnist, "missing", lambda: "MNIST is gone.")
    assert source.missing() == "MNIST is gone."


@pytest.mark.usefixtures("made_mnist")
def test_a_file_that_lacks_a_parts_writers_is_said_in_a_sentence(strokes):
    strokes.write_text(unipen((1, 1, [BAR])))
    with pytest.raises(DataUnavailable, match="another file of pen strokes"):
        handwritten.load_people(None, 0, 0)
