import numpy as np
import pytest

from core.errors import InvalidInput
from core.segments.channels import CHANNELS, EXTRA, MISSING, channel
from core.segments.damage import Damage, damage, reach
from core.segments.patterns import ALL_PATTERNS, DIGIT_PATTERNS, to_inputs, to_pattern


@pytest.mark.parametrize("noise", CHANNELS, ids=lambda noise: noise.name)
def test_damage_changes_every_pattern_that_the_noise_can_change(noise):
    for number, pattern in enumerate(map(to_pattern, ALL_PATTERNS)):
        for level in (noise.levels[1], noise.levels[-1]):
            possible = noise.outcomes(to_inputs(pattern), level)[0]
            possible[int(pattern, 2)] = 0
            found = damage(noise, pattern, level=level, random_state=number)
            if possible.sum() == 0:
                assert found is None
                continue
            assert found.before == pattern
            assert found.after != pattern
            assert possible[int(found.after, 2)] > 0
            assert found.draw >= 1


@pytest.mark.parametrize("noise", CHANNELS, ids=lambda noise: noise.name)
def test_level_0_changes_nothing(noise):
    assert damage(noise, DIGIT_PATTERNS[2], level=0, random_state=1) is None
    assert reach(noise, 0).dark == reach(noise, 0).lit == ""


def test_what_cannot_change_is_left_alone():
    assert damage(EXTRA, DIGIT_PATTERNS[8], level=0.5, random_state=1) is None
    assert damage(MISSING, "0000000", level=0.5, random_state=1) is None
    assert damage(channel("stuck:d-on"), DIGIT_PATTERNS[3], level=1, random_state=1) is None
    assert damage(channel("together:ab"), "0011111", level=1, random_state=1) is None


def test_damage_is_the_noise_given_that_something_changed():
    noise, pattern, level = channel("any"), DIGIT_PATTERNS[4], 0.1
    many = 20_000
    drawn = noise.apply(np.repeat(to_inputs(pattern), many, axis=0), level=level, random_state=3)
    changed = [to_pattern(x) for x in drawn if to_pattern(x) != pattern]
    found = [damage(noise, pattern, level=level, random_state=seed) for seed in range(4_000)]
    for after in ("0010011", "0110111", "0110001", "1110011"):
        share = changed.count(after) / len(changed)
        assert sum(each.after == after for each in found) / len(found) == pytest.approx(
            share, abs=0.02
        )
    # As many draws as drawing again and again would take, on average.
    assert np.mean([each.draw for each in found]) == pytest.approx(many / len(changed), rel=0.08)


def test_a_fault_that_hardly_ever_occurs_is_found_at_once():
    rare = channel("own:0,0,0,0,0,0,1/0,0,0,0,0,0,0")
    found = damage(rare, DIGIT_PATTERNS[8], level=1e-9, random_state=5)
    assert found.after == DIGIT_PATTERNS[0]
    assert found.draw > 1_000_000


def test_the_same_seed_gives_the_same_damage():
    first, second, other = (
        damage(MISSING, DIGIT_PATTERNS[8], level=0.3, random_state=seed) for seed in (1, 1, 2)
    )
    assert first == second
    assert first != other


def test_one_draw_is_enough_where_the_fault_is_certain():
    found = damage(channel("stuck:g-off"), DIGIT_PATTERNS[8], level=1, random_state=0)
    assert found == Damage(DIGIT_PATTERNS[8], DIGIT_PATTERNS[0], 1)


def test_reach_names_the_segments_that_can_change():
    assert reach(channel("together:fab"), 0.2).dark == "abf"
    assert reach(channel("together:fab"), 0.2).lit == ""
    table = reach(channel("own:1,0,0,0,0,0,0/0,0,0,0,0,0,2"), 0.5)
    assert (table.dark, table.lit) == ("a", "g")
    assert table.changes("1111111")
    assert not table.changes("0111111")


def test_a_level_out_of_range_is_refused():
    with pytest.raises(InvalidInput):
        damage(MISSING, DIGIT_PATTERNS[8], level=0.6, random_state=1)
    with pytest.raises(InvalidInput):
        reach(MISSING, -0.1)
