from core.evaluation.model_comparison import Compared
from core.metrics.accuracy import Accuracy
from tests.support.compared import compared, exactly
from ui.wording.model_comparison import findings


def said(*models):
    return " ".join(findings(models, "Fog"))


DENSE = compared(
    "d", "dense", 9800, wrong_from=0, parameters=100_000, milliseconds=0.1, robustness=0.7
)


def test_the_convolutional_network_is_set_against_the_dense_one():
    told = said(
        DENSE,
        compared(
            "c",
            "convolutional",
            9900,
            wrong_from=150,  # on 150 to 249
            parameters=50_000,
            milliseconds=1.2,
            robustness=0.8,
        ),
    )
    assert told == (
        "Compared with **d** (dense), **c** (convolutional) has 0.5 times the parameters and 12"
        " times the answer time. It is 1.00 points more accurate (99.00 % against 98.00 %, on"
        " 10,000 test digits of MNIST). Only **c** is right on 150 examples, only **d** on 50. This"
        " is hardly luck. Averaged over all levels of"
        " “Fog”, it is right on 80.0 %, the other on 70.0 %."
    )


def test_what_may_be_luck_is_said_to_be():
    told = said(DENSE, compared("c", "convolutional", 9790, wrong_from=10))
    assert told == (
        "Compared with **d** (dense), **c** (convolutional) is 0.10 points less accurate (97.90 %"
        " against 98.00 %, on 10,000 test digits of MNIST). Only **c** is right on 10 examples, "
        "only **d** on 20. This may be luck."
    )


def test_what_is_equal_is_said_to_be():
    told = said(
        DENSE,
        compared("c", "convolutional", 9800, wrong_from=3, parameters=101_000, robustness=0.7),
    )
    assert "has about the same number of parameters." in told
    assert (
        "It is exactly as accurate (98.00 %, on 10,000 test digits of MNIST). Only **c** is" in told
    )
    assert "Averaged over all levels of “Fog”, both are right on 70.0 %." in told


def test_the_smallest_of_those_that_may_be_the_best_is_named():
    large = compared("large", "dense", 9900, wrong_from=0, parameters=400_000, robustness=0.5)
    small = compared("small", "dense", 9895, wrong_from=50, parameters=100_000, robustness=0.6)
    worse = compared("worse", "dense", 9000, wrong_from=0, parameters=1_000, robustness=0.4)
    told = said(large, small, worse)
    assert (
        "**large** is the most accurate with 99.00 % (on 10,000 test digits of MNIST). Its lead"
        " over **small** may be luck."
    ) in told
    assert "**small** is the smallest: large has 4 times as many parameters" in told
    assert "**small** is the most robust to “Fog”: right on 60.0 %" in told
    equal = compared("equal", "dense", 9000, wrong_from=0, parameters=1_000, robustness=0.6)
    told = said(large, small, worse, equal)
    assert "averaged over all levels; **equal** is just as robust." in told
    alone = said(large, worse)
    assert "Only **large** is right on 900 examples, only **worse** on 0. This is hardly" in alone
    assert "smallest" not in alone
    third = compared("third", "dense", 8000, wrong_from=0)
    assert "(on 10,000 test digits of MNIST). Its lead is hardly luck." in said(large, worse, third)


def test_a_lead_over_nobody_may_be_luck():
    one = compared("one", "dense", 9900, wrong_from=0)
    other = compared("other", "dense", 9895, wrong_from=50)
    told = said(one, other)
    assert "Only **one** is right on 55 examples, only **other** on 50. This may be luck." in told
    third = compared("third", "dense", 9890, wrong_from=40)
    assert "but its lead over every other model may be luck." in said(one, other, third)
    same = compared("same", "dense", 9900, wrong_from=50)
    assert said(one, same) == (
        "**one** and **same** are exactly as accurate: 99.00 % (on 10,000 test digits of MNIST)."
        " Only **one** is right on 50 examples, only **same** on 50."
    )


def test_exact_accuracies_leave_nothing_to_luck():
    best, worse = exactly("best", 0.6213), exactly("worse", 0.6202)
    assert said(worse, best) == (
        "**best** is the most accurate: 62.13 % (exact, bit flip at 0.15), 0.11 points ahead of"
        " **worse**."
    )
    assert said(best, exactly("same", 0.6213)) == (
        "Both networks are equally good: 62.13 % (exact, bit flip at 0.15)."
    )
    three = said(best, exactly("same", 0.6213), exactly("again", 0.6213))
    assert three.startswith("All 3 networks are equally good")
    tied = said(best, exactly("same", 0.6213), worse)
    assert "**best** and **same** are equally good and the most accurate: 62.13 %" in tied
    assert "ahead of **worse**" in tied
    close = said(best, exactly("close", 0.62129))
    assert "less than 0.01 points ahead of **close**" in close
    for told in (tied, three, close):
        assert "luck" not in told


def test_nothing_is_said_of_cards_or_of_one_model_alone():
    one = compared("one", "dense", 9900)
    card = Compared("card", "dense", accuracy=Accuracy("other", 99, 100))
    assert findings([one], "Fog") == []
    assert findings([one, card], "Fog") == []
