import threading

import numpy as np
import pytest

from core.database import Database
from core.errors import InvalidInput, LimitReached
from core.handwriting.arrays import to_split
from core.handwriting.repository import Samples
from core.settings import Settings


def pictures(count, seed=0):
    return np.random.default_rng(seed).integers(1, 256, (count, 28, 28), np.uint8)


@pytest.fixture
def samples(database_url):
    database = Database(database_url)
    yield Samples(database, Settings(max_samples=20))
    database.close()


def test_what_is_added_is_listed_counted_and_comes_back_as_it_was(samples):
    x = pictures(3)
    for picture, label in zip(x, (3, 7, 3), strict=True):
        samples.add("me", picture, label)
    assert samples.counts("me") == (0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0)
    assert [sample.label for sample in samples.of("me")] == [3, 7, 3]
    threes = samples.of("me", label=3)
    np.testing.assert_array_equal([sample.picture for sample in threes], x[[0, 2]])
    assert [sample.id for sample in samples.of("me", first=1, most=1)] == [2]
    newest = samples.of("me", most=2, newest_first=True)
    assert [sample.label for sample in newest] == [3, 7]
    back, labels = samples.arrays("me")
    np.testing.assert_array_equal(back, x)
    assert labels.tolist() == [3, 7, 3]
    assert (back.dtype, labels.dtype) == (np.uint8, np.uint8)


def test_signs_are_samples_like_digits(samples):
    star, tick = pictures(2)
    samples.add("me", star, 10)
    (mine,) = samples.of("me", label=10)
    samples.add("me", tick, 11)
    assert samples.counts("me")[10:] == (1, 1)
    samples.relabel("me", mine.id, 11)
    assert samples.counts("me")[10:] == (0, 2)
    assert samples.arrays("me")[1].tolist() == [11, 11]


def test_nobody_has_arrays_of_no_samples(samples):
    x, y = samples.arrays("nobody")
    assert (x.shape, y.shape) == ((0, 28, 28), (0,))


def test_the_same_picture_is_kept_once_for_each_label(samples):
    picture = pictures(1)[0]
    first = samples.add("me", picture, 1)
    assert samples.add("me", picture, 1) == first
    assert samples.add("me", picture, 7) != first
    assert sum(samples.counts("me")) == 2
    assert samples.add_all("me", np.stack([picture, picture]), np.array([2, 2])) == 1


def test_nobody_sees_or_changes_what_belongs_to_another(samples):
    mine = samples.add("me", pictures(1)[0], 1)
    assert samples.of("you") == []
    samples.delete("you", mine)
    samples.delete_all("you")
    with pytest.raises(InvalidInput, match="not there any more"):
        samples.relabel("you", mine, 2)
    assert samples.counts("me")[1] == 1


def test_relabelled_deleted_and_all_deleted(samples):
    x = pictures(3)
    ids = [samples.add("me", picture, 1) for picture in x]
    samples.relabel("me", ids[0], 7)
    assert samples.counts("me")[7] == 1
    samples.add("me", x[0], 1)
    samples.relabel("me", ids[0], 1)  # it is there as a 1 already
    assert samples.counts("me") == (0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    samples.delete("me", ids[1])
    samples.delete("me", ids[1])
    assert sum(samples.counts("me")) == 2
    samples.delete_all("me")
    assert sum(samples.counts("me")) == 0
    with pytest.raises(InvalidInput, match="not there any more"):
        samples.relabel("me", ids[1], 2)


def test_the_bound_is_told_and_nothing_is_half_added(samples):
    samples.add_all("me", pictures(15), np.arange(15) % 10)
    with pytest.raises(LimitReached, match=r"keeps 20 samples.*have 15.*add 6"):
        samples.add_all("me", pictures(6, seed=1), np.zeros(6, int))
    assert sum(samples.counts("me")) == 15
    samples.add_all("me", pictures(15), np.arange(15) % 10)  # nothing new
    samples.add_all("you", pictures(20), np.zeros(20, int))


def test_many_tabs_of_several_servers_do_not_pass_the_bound(samples, database_url):
    database = Database(database_url)
    servers = samples, Samples(database, Settings(max_samples=20))

    def add(seed):
        for picture in pictures(10, seed):
            try:
                servers[seed % 2].add("me", picture, 5)
            except LimitReached:
                return

    threads = [threading.Thread(target=add, args=(seed,)) for seed in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert samples.counts("me")[5] == 20
    database.close()


@pytest.mark.parametrize(
    ("picture", "label", "said"),
    [
        (np.ones((28, 28), np.float32), 1, "uint8"),
        (np.ones((27, 28), np.uint8), 1, "27×28"),
        (np.ones((28, 28), np.uint8), 12, "from 0 to 9"),
        (np.ones((28, 28), np.uint8), -1, "from 0 to 9"),
        (np.zeros((28, 28), np.uint8), 1, "no ink"),
    ],
)
def test_what_is_no_sample_is_refused(samples, picture, label, said):
    with pytest.raises(InvalidInput, match=said):
        samples.add("me", picture, label)
    assert sum(samples.counts("me")) == 0


def test_network_inputs_of_samples():
    split = to_split(np.full((2, 28, 28), 255, np.uint8), np.array([3, 4], np.uint8))
    assert split.x.shape == (2, 28, 28, 1)
    assert (split.x.dtype, split.y.dtype) == (np.float32, np.int64)
    assert split.x.max() == 1
