import numpy as np
import pytest

from core.errors import InvalidInput
from core.noise.base import ALL_LEVELS, GAUSSIAN, LEVELS, SALT_AND_PEPPER, Noise
from core.segments.channels import BIT_FLIP, CHANNELS

INPUTS = {
    "pictures": np.random.default_rng(0).random((50, 28, 28, 1), dtype=np.float32),
    "patterns": np.random.default_rng(0).integers(0, 2, (500, 7)).astype(np.float32),
}
ALL: list[tuple[Noise, str]] = [(noise, "pictures") for noise in (GAUSSIAN, SALT_AND_PEPPER)]
ALL += [(channel, "patterns") for channel in CHANNELS]


def test_levels_run_from_0_to_a_half_in_steps_that_people_can_name():
    assert LEVELS[0] == 0
    assert LEVELS[-1] == 0.5
    assert {0.05, 0.1, 0.15, 0.2, 0.3} <= set(LEVELS)
    assert (ALL_LEVELS[0], ALL_LEVELS[-1]) == (0, 1)
    assert {0.1, 0.3, 0.5} <= set(ALL_LEVELS)


@pytest.mark.parametrize(("noise", "kind"), ALL, ids=[noise.name for noise, _ in ALL])
def test_noise_is_seeded_keeps_its_input_and_stays_in_range(noise, kind):
    x = INPUTS[kind]
    before = x.copy()
    noisy = noise.apply(x, level=0.4, random_state=1)
    assert (x == before).all()
    assert noisy.dtype == np.float32
    assert noisy.shape == x.shape
    assert noisy.min() >= 0
    assert noisy.max() <= 1
    assert (noisy == noise.apply(x, level=0.4, random_state=1)).all()
    assert (noisy != noise.apply(x, level=0.4, random_state=2)).any()
    assert (noise.apply(x, level=0, random_state=1) == x).all()


@pytest.mark.parametrize("level", [-0.1, 0.51, float("nan")])
def test_a_level_out_of_range_is_refused(level):
    with pytest.raises(InvalidInput, match="noise level"):
        BIT_FLIP.apply(INPUTS["patterns"], level=level, random_state=0)


def test_any_number_is_brought_to_a_level_that_the_slider_has():
    assert BIT_FLIP.nearest_level(0.16) == 0.15
    assert BIT_FLIP.nearest_level(0.9) == 0.5


def test_gaussian_noise_has_the_standard_deviation_that_is_asked_for():
    x = np.full((100, 28, 28, 1), 0.5, np.float32)
    assert GAUSSIAN.apply(x, level=0.1, random_state=0).std() == pytest.approx(0.1, rel=0.02)


def test_salt_and_pepper_come_evenly():
    x = np.full((100, 28, 28, 1), 0.5, np.float32)
    noisy = SALT_AND_PEPPER.apply(x, level=0.3, random_state=0)
    assert (noisy == 1).mean() == pytest.approx(0.15, abs=0.006)
    assert (noisy == 0).mean() == pytest.approx(0.15, abs=0.006)
