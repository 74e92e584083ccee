from tests.support.guide import guide_result
from ui.wording.architecture_sweep import guide_findings

SMALL = guide_result(0.655, 16, parameters=300)


def said(*results):
    return " ".join(guide_findings(results))


def test_a_small_difference_is_called_small():
    same = said(SMALL, guide_result(0.656, 128, 64, 32, parameters=9000))
    assert "**128-64-32** is best with exactly 65.60 %, 0.4 points below the best possible" in same
    assert "are 0.1 points apart, although the largest network has 30 times the parameters" in same
    assert "**Depth does not help here**: the best network with 3 hidden layers reaches" in same
    assert "65.60 %, the best with one hidden layer 65.50 %" in same


def test_it_is_said_whether_the_best_is_the_best_possible():
    better = said(SMALL, guide_result(0.66, 64, 32, parameters=3000))
    assert "with exactly 66.00 %, the best possible." in better


def test_it_is_said_whether_depth_helps():
    worse = said(SMALL, guide_result(0.60, 64, 32, parameters=3000))
    assert "**64-32** is worst, 5.5 points behind" in worse
    assert "**Depth hurts here**" in worse
    helps = said(guide_result(0.5, 16), guide_result(0.66, 64, 32))
    assert "**Depth helps here**" in helps
    assert "Depth" not in said(SMALL, guide_result(0.656, 32))


def test_equal_networks_are_called_equal():
    equal = [SMALL, guide_result(0.655, 64, 32, parameters=3000)]
    told = said(*equal)
    assert "Both networks are equally good: exactly 65.50 %, 0.5 points below" in told
    assert "Size does not help: the largest network has 10 times the parameters" in told
    assert "**Depth does not help here**" in told
    assert "All 3 networks are equally good" in said(*equal, SMALL)


def test_nothing_is_said_of_one():
    assert guide_findings([SMALL]) == []
