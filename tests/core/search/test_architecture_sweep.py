"""The guide's five: what they are, and what is said of them."""

import pytest

from core.search.architecture_sweep import GuideResult, guide_configs, guide_findings, likelihood_of
from core.segments.bayes import best_rule, nearest_rule


def result(accuracy, *hidden, parameters=1000, ceiling=0.66):
    title = "-".join(map(str, hidden))
    return GuideResult(title, hidden, parameters, 10.0, accuracy, ceiling)


def test_the_five_differ_in_nothing_but_their_layers():
    configs = [config for config, _ in guide_configs()]
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
    config, title = guide_configs()[0]
    likelihood = likelihood_of(config)
    assert likelihood.sum(axis=1) == pytest.approx(1)
    found = GuideResult.of(config, title, 3.0, best_rule(likelihood))
    assert found.accuracy == pytest.approx(found.ceiling)
    assert found.ceiling == pytest.approx(0.65573, abs=1e-5)
    nearest = GuideResult.of(config, title, 3.0, nearest_rule())
    assert nearest.accuracy <= found.accuracy + 1e-12


def test_it_is_said_whether_depth_pays():
    small = result(0.655, 16, parameters=300)
    same = " ".join(guide_findings([small, result(0.656, 128, 64, 32, parameters=9000)]))
    assert "Best is **128-64-32** with exactly 65.60 %, 0.4 points below" in same
    assert "lie 0.1 points, although the largest network has 30 times the weights" in same
    assert "**Depth does not pay here** (3 hidden layers at their best give 65.60 %" in same
    better = " ".join(guide_findings([small, result(0.66, 64, 32, parameters=3000)]))
    assert "which is the best possible" in better
    worse = " ".join(guide_findings([small, result(0.60, 64, 32, parameters=3000)]))
    assert "**64-32** is worst, 5.5 points behind" in worse
    assert "**Depth costs here**" in worse
    pays = " ".join(guide_findings([result(0.5, 16), result(0.66, 64, 32)]))
    assert "**Depth pays here**" in pays
    equal = " ".join(guide_findings([small, result(0.655, 64, 32, parameters=3000)]))
    assert "Both networks are equally good: exactly 65.50 %, 0.5 points below" in equal
    assert "Size brings nothing: the largest network has 10 times the weights" in equal
    assert "**Depth does not pay here**" in equal
    assert guide_findings([small]) == []
    assert "Depth" not in " ".join(guide_findings([small, result(0.656, 32)]))
