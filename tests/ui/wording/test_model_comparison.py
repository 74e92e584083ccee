from core.evaluation.model_comparison import Compared
from core.metrics.accuracy import Accuracy
from tests.support.compared import compared
from ui.wording.model_comparison import findings


def said(*models):
    return " ".join(findings(models, "Fog"))


DENSE = compared("d", "dense", 9800, parameters=100_000, milliseconds=0.1, robustness=0.7)


def test_the_convolutional_network_is_set_against_the_dense_one():
    told = said(
        DENSE,
        compared("c", "convolutional", 9900, parameters=50_000, milliseconds=1.2, robustness=0.8),
    )
    assert told == (
        "Compared with **d** (dense), **c** (convolutional) has 0.5 times the parameters and 12"
        " times the answer time. It is 1.00 points more accurate (99.00 % against 98.00 %); the"
        " 95 % intervals do not overlap, so this is hardly chance. Averaged over all levels of"
        " “Fog”, it is right on 80.0 %, the other on 70.0 %."
    )


def test_what_may_be_chance_is_said_to_be():
    told = said(DENSE, compared("c", "convolutional", 9790))
    assert told == (
        "Compared with **d** (dense), **c** (convolutional) is 0.10 points less accurate (97.90 %"
        " against 98.00 %); the 95 % intervals overlap, so this may be chance."
    )


def test_what_is_equal_is_said_to_be():
    told = said(DENSE, compared("c", "convolutional", 9800, parameters=101_000, robustness=0.7))
    assert "has about the same number of parameters." in told
    assert "It is exactly as accurate (98.00 %)." in told
    assert "Averaged over all levels of “Fog”, both are right on 70.0 %." in told


def test_the_smallest_of_those_that_may_be_the_best_is_named():
    large = compared("large", "dense", 9900, parameters=400_000, robustness=0.5)
    small = compared("small", "dense", 9895, parameters=100_000, robustness=0.6)
    worse = compared("worse", "dense", 9000, parameters=1_000, robustness=0.4)
    told = said(large, small, worse)
    data = large.accuracy.data
    assert f"**large** is the most accurate with 99.00 % ({data}); **small** is not clearly" in told
    assert "**small** is the smallest: large has 4 times as many parameters" in told
    assert "**small** is the most robust to “Fog”: right on 60.0 %" in told
    equal = compared("equal", "dense", 9000, parameters=1_000, robustness=0.6)
    told = said(large, small, worse, equal)
    assert "averaged over all levels; **equal** is just as robust." in told
    alone = said(large, worse)
    assert "no other model's 95 % interval overlaps with its own" in alone
    assert "smallest" not in alone


def test_a_lead_over_nobody_may_be_chance():
    one, other = compared("one", "dense", 9900), compared("other", "dense", 9895)
    assert "but the other's 95 % interval overlaps with its own: this may be chance" in said(
        one, other
    )
    third = compared("third", "dense", 9890)
    assert "but every other model's 95 % interval overlaps" in said(one, other, third)


def test_nothing_is_said_of_cards_or_of_one_model_alone():
    one = compared("one", "dense", 9900)
    card = Compared("card", "dense", accuracy=Accuracy("other", 99, 100))
    assert findings([one], "Fog") == []
    assert findings([one, card], "Fog") == []
