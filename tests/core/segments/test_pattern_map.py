import numpy as np
import pytest

from core.segments.channels import BIT_FLIP, MISSING, ONE_FAULT, stuck
from core.segments.pattern_map import lit_shares, pattern_map, weighted_pca
from core.segments.patterns import ALL_PATTERNS, CLEAN, DIGIT_PATTERNS, to_pattern


def test_without_noise_segments_are_lit_as_in_the_clean_patterns():
    assert lit_shares(BIT_FLIP, 0) == pytest.approx(CLEAN)


def test_lit_segments_stay_lit_with_what_the_noise_leaves_them():
    assert lit_shares(BIT_FLIP, 0.15) == pytest.approx(np.where(CLEAN == 1, 0.85, 0.15))
    assert lit_shares(MISSING, 0.3) == pytest.approx(0.7 * CLEAN)
    assert lit_shares(stuck("g", on=False), 1)[:, 6] == pytest.approx(np.zeros(10))
    # One fault at 0.7: each segment shows its opposite with probability 0.1.
    assert lit_shares(ONE_FAULT, 0.7) == pytest.approx(np.where(CLEAN == 1, 0.9, 0.1))


def test_only_what_can_be_seen_is_on_the_map():
    found = pattern_map(BIT_FLIP, 0)
    assert {to_pattern(ALL_PATTERNS[n]) for n in found.patterns} == set(DIGIT_PATTERNS)
    assert found.probabilities == pytest.approx(np.full(10, 0.1))
    assert found.certainties == pytest.approx(np.ones(10))
    assert sorted(found.digits) == list(range(10))
    assert len(pattern_map(BIT_FLIP, 0.15).patterns) == 128


def test_the_map_weighs_patterns_by_their_probability():
    found = pattern_map(MISSING, 0.2)
    assert found.probabilities.sum() == pytest.approx(1)
    eight = int(np.flatnonzero(found.patterns == 127)[0])
    assert (found.digits[eight], found.certainties[eight]) == (8, 1)
    assert found.probabilities[eight] == pytest.approx(0.1 * 0.8**7)
    mean = (found.probabilities[:, None] * found.points).sum(axis=0)
    assert mean == pytest.approx([0, 0], abs=1e-12)


def test_weighted_pca_of_a_cross():
    # Along x the variance is 2 * 0.4 * 0.5² = 0.2, along y 2 * 0.1 * 2² = 0.8.
    x = np.array([[0.5, 0], [-0.5, 0], [0, 2], [0, -2]], np.float32)
    points, explained = weighted_pca(x, np.array([4.0, 4.0, 1.0, 1.0]))
    assert explained == pytest.approx((0.8, 0.2))
    assert points == pytest.approx(np.array([[0, 0.5], [0, -0.5], [2, 0], [-2, 0]]))


def test_a_point_that_counts_twice_is_two_points():
    generator = np.random.default_rng(1)
    x = generator.random((5, 3), np.float32)
    points, explained = weighted_pca(x, np.array([2.0, 1, 1, 1, 1]))
    twice, explained_twice = weighted_pca(np.concatenate([x, x[:1]]), np.ones(6))
    assert points == pytest.approx(twice[:5])
    assert explained == pytest.approx(explained_twice)
