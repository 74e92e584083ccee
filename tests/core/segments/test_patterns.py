import numpy as np
import pytest

from core.errors import InvalidInput
from core.segments import patterns
from core.segments.channels import BIT_FLIP


def test_the_ten_patterns_are_those_of_the_data_sheet():
    assert " ".join(patterns.DIGIT_PATTERNS) == (
        "1111110 0110000 1101101 1111001 0110011 1011011 1011111 1110000 1111111 1111011"
    )


@pytest.mark.parametrize("text", ["", "111111", "11111111", "111111x", "１111111", "1.11111"])
def test_a_wrong_pattern_is_refused_with_a_sentence(text):
    with pytest.raises(InvalidInput, match="seven characters"):
        patterns.parse_pattern(text)


def test_patterns_and_inputs_are_each_others_inverse():
    for x in patterns.ALL_PATTERNS:
        assert (patterns.to_inputs(patterns.to_pattern(x))[0] == x).all()


def test_nearest_digits_shares_ties():
    assert patterns.nearest_digits("1111111") == (0, (8,))
    assert patterns.nearest_digits("0000000") == (2, (1,))
    distance, digits = patterns.nearest_digits("1110011")  # 4 with a, 9 without d
    assert (distance, digits) == (1, (4, 9))


def test_clean_data_has_every_digit_equally_often():
    split = patterns.make_clean(7)
    assert split.x.dtype == np.float32
    assert split.x.shape == (70, 7)
    assert split.y.dtype == np.int64
    assert np.bincount(split.y).tolist() == [7] * 10
    assert (split.x == patterns.CLEAN[split.y]).all()


def test_mixed_data_has_the_promised_size_and_is_seeded():
    first = patterns.make_mixed(noise=BIT_FLIP, random_state=1)
    same = patterns.make_mixed(noise=BIT_FLIP, random_state=1)
    other = patterns.make_mixed(noise=BIT_FLIP, random_state=2)
    assert np.bincount(first.y).tolist() == [2200] * 10
    assert (first.x == same.x).all()
    assert (first.y == same.y).all()
    assert (first.x != other.x).any()
    # 2,000 of 2,200 are noisy; at 0.15 each of the 7 segments is wrong with that probability.
    wrong = (first.x != patterns.CLEAN[first.y]).mean()
    assert wrong == pytest.approx(0.15 * 10 / 11, abs=4 * np.sqrt(0.15 * 0.85 / first.x.size))
