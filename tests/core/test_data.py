import numpy as np
import pytest

from core.data import Split


def split(size):
    return Split(np.arange(size, dtype=np.float32)[:, None], np.arange(size))


@pytest.mark.parametrize(("size", "limit"), [(10, 3), (10, 10), (10, 9), (10, 1), (3, 50), (1, 1)])
def test_thinning_keeps_at_most_the_limit_evenly_spread(size, limit):
    thin = split(size).thinned(limit)
    assert 1 <= len(thin) <= limit
    assert len(set(np.diff(thin.y))) <= 1
    assert thin.y[0] == 0
    assert (thin.x[:, 0] == thin.y).all()
    assert len(thin) == size or size > limit


def test_as_many_labels_as_examples():
    with pytest.raises(ValueError, match="3 and 2"):
        Split(np.zeros((3, 1), np.float32), np.zeros(2, np.int64))
