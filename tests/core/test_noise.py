import numpy as np
import pytest

from core.errors import InvalidInput
from core.noise import BIT_FLIP, EXTRA, GAUSSIAN, LEVELS, MISSING, SALT_AND_PEPPER

ALL = [BIT_FLIP, MISSING, EXTRA, GAUSSIAN, SALT_AND_PEPPER]
LEVEL = 0.2


def bits():
    return np.random.default_rng(0).integers(0, 2, (5000, 7)).astype(np.float32)


def test_levels_run_from_0_to_a_half_in_steps_that_people_can_name():
    assert LEVELS[0] == 0
    assert LEVELS[-1] == 0.5
    assert {0.05, 0.1, 0.15, 0.2, 0.3} <= set(LEVELS)


@pytest.mark.parametrize("noise", ALL, ids=lambda noise: noise.name)
def test_noise_is_seeded_keeps_its_input_and_stays_in_range(noise):
    x = np.random.default_rng(0).random((50, 28, 28, 1), dtype=np.float32)
    before = x.copy()
    spoilt = noise.apply(x, level=0.4, random_state=1)
    assert (x == before).all()
    assert spoilt.dtype == np.float32
    assert spoilt.shape == x.shape
    assert spoilt.min() >= 0
    assert spoilt.max() <= 1
    assert (spoilt == noise.apply(x, level=0.4, random_state=1)).all()
    assert (spoilt != noise.apply(x, level=0.4, random_state=2)).any()
    assert (noise.apply(x, level=0, random_state=1) == x).all()


@pytest.mark.parametrize("level", [-0.1, 0.51, float("nan")])
def test_a_level_out_of_range_is_refused(level):
    with pytest.raises(InvalidInput, match="noise level"):
        BIT_FLIP.apply(bits(), level=level, random_state=0)


@pytest.mark.parametrize(
    ("noise", "lit", "dark"), [(BIT_FLIP, LEVEL, LEVEL), (MISSING, LEVEL, 0), (EXTRA, 0, LEVEL)]
)
def test_segments_change_as_often_as_the_level_says(noise, lit, dark):
    x = bits()
    changed = noise.apply(x, level=LEVEL, random_state=1) != x
    spread = 4 * np.sqrt(LEVEL * (1 - LEVEL) / (x.size / 2))
    assert changed[x == 1].mean() == pytest.approx(lit, abs=spread if lit else 0)
    assert changed[x == 0].mean() == pytest.approx(dark, abs=spread if dark else 0)


def test_gaussian_noise_has_the_standard_deviation_that_is_asked_for():
    x = np.full((100, 28, 28, 1), 0.5, np.float32)
    assert GAUSSIAN.apply(x, level=0.1, random_state=0).std() == pytest.approx(0.1, rel=0.02)


def test_salt_and_pepper_come_evenly():
    x = np.full((100, 28, 28, 1), 0.5, np.float32)
    spoilt = SALT_AND_PEPPER.apply(x, level=0.3, random_state=0)
    assert (spoilt == 1).mean() == pytest.approx(0.15, abs=0.006)
    assert (spoilt == 0).mean() == pytest.approx(0.15, abs=0.006)
