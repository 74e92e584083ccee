import numpy as np
import pytest

from core.datasets.hands import POSES, make
from core.datasets.landmarks import FEATURES, NUMBERS, normalised
from core.errors import InvalidInput
from core.noise.hands import MISSING_FINGERS, TURNED


def hands(count=20, seed=0):
    return make(np.arange(count) % len(POSES), np.random.default_rng(seed))


def test_place_and_size_of_a_hand_do_not_matter():
    rows = hands()
    moved = (rows.reshape(-1, 21, 3) * 7 + np.array([3.0, -2.0, 0.5])).reshape(rows.shape)
    assert normalised(moved) == pytest.approx(normalised(rows), abs=1e-6)


def test_the_wrist_is_in_the_middle_and_the_farthest_point_half_away():
    points = normalised(hands()).reshape(-1, 21, 3)
    assert points[:, 0] == pytest.approx(0.5)
    assert np.linalg.norm(points - 0.5, axis=2).max(axis=1) == pytest.approx(0.5)
    assert (FEATURES[0], FEATURES[-1], len(FEATURES)) == ("wrist x", "little tip z", 63)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (np.zeros((2, 42)), "63 numbers for each hand.*Received: 42"),
        (np.zeros(63), "Received: no table"),
        (np.zeros((1, NUMBERS)), "Hand 1 has all its points at one place"),
        (np.full((1, NUMBERS), np.nan), "Hand 1 has a value that is missing"),
    ],
)
def test_rows_that_are_no_hands_are_refused(rows, words):
    with pytest.raises(InvalidInput, match=words):
        normalised(rows)


def test_straight_fingers_reach_farther_than_bent_ones():
    names = list(POSES)
    labels = np.array([names.index("pointing")] * 50)
    points = make(labels, np.random.default_rng(1)).reshape(-1, 21, 3)
    reach = np.linalg.norm(points - points[:, :1], axis=2)
    assert (reach[:, 8] > reach[:, [12, 16, 20]].max(axis=1)).all()  # the index finger's tip


def test_missing_fingers_lie_at_the_wrist_and_turned_hands_keep_their_lengths():
    x = normalised(hands(400))
    points = MISSING_FINGERS.apply(x, level=0.3, random_state=0).reshape(-1, 21, 3)
    gone = (points[:, 1:].reshape(-1, 5, 12) == 0.5).all(axis=2)
    assert gone.mean() == pytest.approx(0.3, abs=0.04)
    turned = TURNED.apply(x, level=0.5, random_state=0).reshape(-1, 21, 3)
    lengths = [np.linalg.norm(each - 0.5, axis=2) for each in (x.reshape(-1, 21, 3), turned)]
    assert lengths[1] == pytest.approx(lengths[0], abs=1e-5)
    assert (turned[..., 2] == x.reshape(-1, 21, 3)[..., 2]).all()
