"""The best of many, by chance alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.errors import InvalidInput
from core.search.flattery import expected_best


def test_one_network_is_as_good_as_it_is_and_many_seem_better():
    assert expected_best(0.6, 100, 1) == pytest.approx(0.6)
    counts = [expected_best(0.6, 100, networks) for networks in (1, 2, 10, 100)]
    assert counts == sorted(counts)
    assert expected_best(0.6, 1, 2) == pytest.approx(1 - 0.4**2)  # by hand
    assert expected_best(1.0, 50, 9) == pytest.approx(1)
    assert expected_best(0.0, 50, 9) == pytest.approx(0)


def test_it_is_what_chance_gives():
    drawn = np.random.default_rng(0).binomial(200, 0.65, (20_000, 40)).max(1) / 200
    assert expected_best(0.65, 200, 40) == pytest.approx(drawn.mean(), abs=4 * drawn.std() / 141)


@given(some.floats(0, 1), some.integers(1, 300), some.integers(1, 50))
def test_it_lies_between_the_truth_and_all(accuracy, examples, networks):
    assert accuracy - 1e-9 <= expected_best(accuracy, examples, networks) <= 1 + 1e-9


@pytest.mark.parametrize("wrong", [(1.1, 10, 1), (0.5, 0, 1), (0.5, 10, 0)])
def test_impossible_numbers_are_a_sentence(wrong):
    with pytest.raises(InvalidInput, match="at least one example and one network"):
        expected_best(*wrong)
