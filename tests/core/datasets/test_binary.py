import numpy as np
import pytest

from core.datasets import binary
from core.noise.bits import FLIPPED, LOST

EVERY = np.arange(256)


def test_a_number_becomes_its_bits_the_largest_first():
    assert binary.to_bits(np.array([0, 1, 130, 255])).tolist() == [
        [0] * 8,
        [0, 0, 0, 0, 0, 0, 0, 1],
        [1, 0, 0, 0, 0, 0, 1, 0],
        [1] * 8,
    ]
    assert binary.FEATURES[0] == "bit 128"
    assert binary.is_odd(np.array([0, 1, 130, 255])).tolist() == [0, 1, 0, 1]
    assert binary.has_odd_count(np.array([0, 1, 130, 255])).tolist() == [0, 1, 0, 0]


@pytest.mark.parametrize("level", [0.0, 0.1, 0.3, 0.5])
def test_the_ceilings_are_those_of_the_formulas(level):
    def best(label, noise):
        return binary.ceiling(EVERY, label(EVERY), noise, level)

    # Only the last bit tells of the number's parity: it is right unless it has flipped.
    assert best(binary.is_odd, FLIPPED) == pytest.approx(1 - level)
    # A last bit that is 0 may have been 1: half of all, and half of the lost ones, are lost.
    assert best(binary.is_odd, LOST) == pytest.approx(1 - level / 2)
    # The parity of the count is right if an even number of bits has flipped.
    assert best(binary.has_odd_count, FLIPPED) == pytest.approx((1 + (1 - 2 * level) ** 8) / 2)


def test_noise_does_to_bits_what_its_likelihood_says():
    x = np.tile(binary.to_bits(np.array([0b10110001])), (100_000, 1))
    for noise in (FLIPPED, LOST):
        seen = noise.apply(x, level=0.2, random_state=3)
        numbers = seen.astype(int) @ 2 ** np.arange(7, -1, -1)
        measured = np.bincount(numbers, minlength=256) / len(x)
        told = binary.likelihood(noise, 0.2)[0b10110001]
        assert told.sum() == pytest.approx(1)
        assert np.abs(measured - told).max() < 0.01
        assert (measured[told == 0] == 0).all()


def test_the_halves_share_no_number_and_are_fair():
    parts = binary.halves()
    assert [len(part) for part in parts] == [128, 32, 96]
    assert sorted(np.concatenate(parts).tolist()) == EVERY.tolist()
    for part in parts:
        assert binary.is_odd(part).mean() == 0.5
        assert binary.has_odd_count(part).mean() == 0.5
