import functools
import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InvalidInput
from core.models.loader import load_classifier
from core.models.store import ModelStore
from core.segments import shapley
from core.segments.patterns import ALL_PATTERNS, DIGIT_PATTERNS, SEGMENTS
from core.segments.shapley import ALL_DARK, BACKGROUNDS, background, flip_effects, shapley_values

patterns = st.integers(0, 127).map(lambda number: f"{number:07b}")
digits = st.integers(0, 9)
backgrounds = st.sampled_from(BACKGROUNDS)
seeds = st.integers(0, 2**32 - 1)


def made_table(seed):
    """Returns the answers of a network that knows nothing, surer or less sure of them."""
    generator = np.random.default_rng(seed)
    return generator.dirichlet(np.full(10, generator.uniform(0.1, 2)), 128).astype(np.float32)


def exchanged(pattern, first, second):
    """Returns a pattern with two of its segments in each other's place."""
    bits = list(pattern)
    bits[first], bits[second] = bits[second], bits[first]
    return "".join(bits)


def by_all_orders(table, pattern, digit, behind):
    """Returns Shapley values by their definition: segments join in each of the 5,040 orders."""

    @functools.cache
    def worth(coalition):
        answers = []
        for other in behind.patterns:
            bits = list(other)
            for segment in coalition:
                bits[segment] = pattern[segment]
            answers.append(float(table[int("".join(bits), 2), digit]))
        return np.mean(answers)

    values = np.zeros(7)
    for order in itertools.permutations(range(7)):
        for place, segment in enumerate(order):
            before = frozenset(order[:place])
            values[segment] += worth(before | {segment}) - worth(before)
    return values / math.factorial(7)


@settings(deadline=None)
@given(seed=seeds, pattern=patterns, digit=digits, behind=backgrounds)
def test_the_values_add_up_to_the_difference_from_the_base_value(seed, pattern, digit, behind):
    table = made_table(seed)
    found = shapley_values(table, pattern, digit, behind)
    assert found.values.shape == (7,)
    assert found.values.dtype == np.float64
    assert found.values.sum() == pytest.approx(found.value - found.base, abs=1e-12)
    assert found.value == table[int(pattern, 2), digit]
    assert found.base == pytest.approx(behind.weights @ table[:, digit].astype(float), abs=1e-12)


@pytest.mark.parametrize("name", ["digits", "dark", "7"])
def test_the_values_are_what_all_5040_orders_give(name):
    table = made_table(5)
    found = shapley_values(table, "1011001", 3, background(name))
    expected = by_all_orders(table, "1011001", 3, background(name))
    assert found.values == pytest.approx(expected, abs=1e-12)


def test_a_case_worked_out_by_hand():
    # The digit is a 1 where b and c are both lit, which is worth something only together.
    table = np.zeros((128, 10), np.float32)
    both = (ALL_PATTERNS[:, 1] == 1) & (ALL_PATTERNS[:, 2] == 1)
    table[:, 1] = np.where(both, 0.9, 0.1)
    found = shapley_values(table, "0110000", 1, ALL_DARK)
    assert found.values == pytest.approx([0, 0.4, 0.4, 0, 0, 0, 0])
    assert (found.base, found.value) == pytest.approx((0.1, 0.9))


@settings(deadline=None)
@given(seed=seeds, pattern=patterns, digit=digits, behind=backgrounds, ignored=st.integers(0, 6))
def test_a_segment_that_the_network_ignores_counts_nothing(seed, pattern, digit, behind, ignored):
    numbers = np.arange(128)
    table = made_table(seed)[numbers & ~(1 << (6 - ignored))]
    found = shapley_values(table, pattern, digit, behind)
    assert found.values[ignored] == pytest.approx(0, abs=1e-12)


@settings(deadline=None)
@given(
    seed=seeds,
    pattern=patterns,
    digit=digits,
    name=st.sampled_from(["dark", "lit", "patterns"]),
    pair=st.permutations(range(7)).map(lambda order: order[:2]),
)
def test_segments_that_the_network_treats_alike_count_alike(seed, pattern, digit, name, pair):
    swapped = [int(exchanged(f"{number:07b}", *pair), 2) for number in range(128)]
    table = made_table(seed)
    alike = (table + table[swapped]) / 2
    bits = list(pattern)
    bits[pair[1]] = bits[pair[0]]
    found = shapley_values(alike, "".join(bits), digit, background(name))
    assert found.values[pair[0]] == pytest.approx(found.values[pair[1]], abs=1e-12)


@settings(deadline=None)
@given(seeds=st.tuples(seeds, seeds), pattern=patterns, digit=digits, behind=backgrounds)
def test_the_values_of_a_mean_are_the_mean_of_the_values(seeds, pattern, digit, behind):
    first, second = (made_table(seed) for seed in seeds)
    mean = ((first.astype(np.float64) + second) / 2).astype(np.float32)
    values = [shapley_values(t, pattern, digit, behind).values for t in (first, second, mean)]
    assert values[2] == pytest.approx((values[0] + values[1]) / 2, abs=1e-6)


@given(pattern=patterns, digit=digits)
def test_a_segment_as_in_the_background_counts_nothing(pattern, digit):
    table = made_table(1)
    dark = shapley_values(table, pattern, digit, ALL_DARK).values
    assert all(
        value == pytest.approx(0, abs=1e-12)
        for value, bit in zip(dark, pattern, strict=True)
        if bit == "0"
    )


def test_the_backgrounds_are_what_they_are_called():
    assert [b.name for b in BACKGROUNDS[:4]] == ["digits", "patterns", "dark", "lit"]
    assert len({b.name for b in BACKGROUNDS}) == len(BACKGROUNDS) == 14
    for known in BACKGROUNDS:
        assert background(known.name) is known
        assert known.weights.shape == (128,)
        assert known.weights.sum() == pytest.approx(1)
    assert background("dark").weights[0] == 1
    assert background("lit").weights[127] == 1
    assert set(background("patterns").weights) == {1 / 128}
    assert background("7").weights[int(DIGIT_PATTERNS[7], 2)] == 1
    assert background("digits").weights.nonzero()[0].tolist() == sorted(
        int(pattern, 2) for pattern in DIGIT_PATTERNS
    )


def test_flips_tell_what_the_table_says():
    table = made_table(2)
    found = flip_effects(table, "1111001")
    present = int(table[0b1111001].argmax())
    assert "".join(flip.segment for flip in found) == SEGMENTS
    for place, flip in enumerate(found):
        index = 0b1111001 ^ (1 << (6 - place))
        assert int(flip.pattern, 2) == index
        assert flip.digit == table[index].argmax()
        assert flip.probability == pytest.approx(table[index].max())
        assert flip.change == pytest.approx(table[index, present] - table[0b1111001, present])


def test_the_bundled_network_takes_a_9_for_a_3_when_f_goes_dark():
    table = load_classifier(ModelStore().get("seven-segment")).predict(ALL_PATTERNS)
    f = flip_effects(table, DIGIT_PATTERNS[9])[5]
    assert (f.segment, f.pattern, f.digit) == ("f", DIGIT_PATTERNS[3], 3)
    assert f.change < -0.3
    compared = shapley_values(table, DIGIT_PATTERNS[9], 9, background("3"))
    assert compared.values[5] == pytest.approx(compared.value - compared.base)


@pytest.mark.parametrize(
    ("table", "pattern", "digit", "sentence"),
    [
        (np.zeros((10, 128), np.float32), "0000000", 1, "shape"),
        (np.zeros((128, 10), np.float32), "000000", 1, "seven characters"),
        (np.zeros((128, 10), np.float32), "0000000", 10, "digit=10"),
        (np.zeros((128, 10), np.float32), "0000000", -1, "digit=-1"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_sentence(table, pattern, digit, sentence):
    with pytest.raises(InvalidInput, match=sentence):
        shapley_values(table, pattern, digit, ALL_DARK)
    if digit == 1:
        with pytest.raises(InvalidInput, match=sentence):
            flip_effects(table, pattern)
    with pytest.raises(InvalidInput, match="Expected one of digits"):
        shapley.background("nothing")
