"""The guide's five: what they are, and how they compare."""

import pytest

from core.networks.architecture import Architecture
from core.search.architecture_sweep import (
    DepthEffect,
    GuideResult,
    compare_guide,
    guide_sweep,
    guide_titles,
)
from core.search.best_possible import best_possible, likelihood_of
from core.search.sweep import noise_sweep
from core.segments.bayes import best_rule, nearest_rule
from core.tasks.base import get_task
from core.training.config import TrainingConfig
from tests.support.guide import guide_result
from tests.support.searches import search


def test_the_five_differ_in_nothing_but_their_layers():
    configs = guide_sweep().runs
    assert configs == list(guide_titles())  # as the recipes have it
    assert [config.architecture.hidden for config in configs] == [
        (16,),
        (32, 16),
        (64, 32),
        (64, 32, 16),
        (128, 64, 32),
    ]
    assert {config.epochs for config in configs} == {100}
    assert {(config.noise, config.noise_level, config.seed) for config in configs} == {
        ("flip", 0.15, 0)
    }
    parameters = [config.parameters for config in configs]
    assert parameters == sorted(parameters)


def test_the_best_rule_reaches_the_ceiling_exactly():
    config, title = next(iter(guide_titles().items()))
    likelihood = likelihood_of(config)
    assert likelihood.sum(axis=1) == pytest.approx(1)
    found = GuideResult.of(config, title, 3.0, best_rule(likelihood))
    assert found.accuracy == pytest.approx(found.ceiling)
    assert found.ceiling == pytest.approx(0.65573, abs=1e-5)
    nearest = GuideResult.of(config, title, 3.0, nearest_rule())
    assert nearest.accuracy <= found.accuracy + 1e-12


def test_fewer_than_two_are_not_compared():
    assert compare_guide([]) is None
    assert compare_guide([guide_result(0.655, 16)]) is None


def test_the_five_are_compared_by_size_and_depth():
    small, deep = guide_result(0.655, 16, parameters=300), guide_result(0.656, 9, 9, parameters=900)
    found = compare_guide([small, deep])
    assert (found.count, found.best, found.worst, found.times) == (2, deep, small, 3)
    assert found.spread == pytest.approx(0.001)
    assert found.short == pytest.approx(0.004)
    assert found.depth == DepthEffect(1, 2, 0.655, 0.656)


def test_equal_networks_differ_by_nothing_and_the_smallest_counts_as_the_best():
    small, large = (guide_result(0.66, 16, parameters=n) for n in (300, 900))
    found = compare_guide([large, small])
    assert (found.best, found.spread, found.short, found.depth) == (small, 0, 0, None)


@pytest.mark.parametrize(
    ("shallow", "deep", "verdict"),
    [(0.5, 0.66, "helps"), (0.655, 0.60, "hurts"), (0.655, 0.656, "neither")],
)
def test_whether_depth_makes_a_difference(shallow, deep, verdict):
    found = compare_guide([guide_result(shallow, 16), guide_result(deep, 64, 32)])
    assert found.depth.verdict == verdict


def test_theory_knows_the_best_of_a_search_on_displays_and_of_no_other():
    known = best_possible(search(base=guide_sweep().base))
    assert known.accuracy == pytest.approx(0.65573, abs=1e-5)
    assert known.loss == pytest.approx(1.02171, abs=1e-5)
    assert known.value(search(objective="accuracy")) == known.accuracy
    assert known.value(search()) == known.loss
    assert best_possible(search()) is None  # without noise
    flip = get_task("seven-segment").noise("flip")
    assert best_possible(noise_sweep(get_task("seven-segment"), flip)) is None  # none for all
    handwritten = TrainingConfig(
        task="handwritten", source="built-in", architecture=Architecture((8,)), noise="gaussian"
    )
    assert best_possible(search(base=handwritten)) is None
