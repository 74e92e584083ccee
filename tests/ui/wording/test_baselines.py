from dataclasses import replace

import numpy as np
import pytest

from core.baselines.judging import Judged, MeasuredBaseline, MeasuredBaselines, against
from core.baselines.learning import NAMES
from core.metrics.accuracy import Accuracy, ExactAccuracy
from ui.wording.baselines import (
    Beside,
    about,
    against_words,
    interval,
    learned_words,
    milliseconds_words,
    rows,
    seconds_words,
    stored,
    verdict,
)

TOTAL = 1_000


def right(count, *, start=0):
    """`count` of TOTAL right, beginning with one of them."""
    answers = np.zeros(TOTAL, np.bool_)
    answers[np.arange(start, start + count) % TOTAL] = True
    return answers


def found(*parts, examples=500, available=500, missing=()):
    each = tuple(
        MeasuredBaseline(name, 0.5, size, chosen, None, (part,), 0.2)
        for name, size, chosen, part in zip(
            NAMES, (80, 255, 1, 1), (48, 7, 5, 1), parts, strict=True
        )
    )
    return MeasuredBaselines(each, examples, available, missing, 7)


def judged(answers, *, exhaustive=False, best=None):
    figure = Accuracy("clean patterns", int(answers.sum()), len(answers), exhaustive, best)
    return Judged(figure, answers)


def verdict_of(network, *others, exhaustive=False, best=None):
    parts = [judged(each, exhaustive=exhaustive, best=best) for each in (network, *others)]
    methods = found(*parts[1:])
    tests = against(network, parts[1:])
    beside = rows(methods, [part.accuracy for part in parts[1:]], tests, "01")
    own = Beside("network", parts[0].accuracy, 1.0, None, "9 weights")
    return verdict(own, beside), [against_words(own, each) for each in beside]


def test_a_network_that_beats_all_is_needed():
    said, against_each = verdict_of(right(900), *[right(700)] * 4)
    assert said == (
        "**Here, yes.** The network is right more often than all four simple methods, and that is"
        " hardly luck."
    )
    assert against_each[0] == (
        "Only the network is right on 200 examples, only this method on 0. This is hardly luck."
    )


def test_a_tie_is_no_proof_of_either():
    said, _ = verdict_of(right(900), right(899), right(700), right(900, start=20), right(100))
    assert said == (
        "**Perhaps not.** This data does not show that the network is better than logistic"
        " regression or nearest neighbours, nor that they are equally good."
    )


def test_at_the_ceiling_it_is_said_that_nothing_is_better():
    said, _ = verdict_of(right(650), right(650), *[right(100)] * 3, best=0.6557)
    assert said.endswith("On average, nothing can be right more often than 65.57 %.")
    said, _ = verdict_of(right(500), right(501), *[right(100)] * 3, best=0.6557)
    assert "nothing can be right" not in said


def test_a_simple_method_may_win():
    said, _ = verdict_of(right(700), right(900), right(700), right(650), right(100))
    assert said == (
        "**Here, no.** Logistic regression is right more often than the network, and that is"
        " hardly luck."
    )
    said, _ = verdict_of(right(500), right(900), right(900), right(900), right(100))
    assert said.startswith(
        "**Here, no.** Logistic regression, the decision tree and nearest neighbours are right"
    )
    said, _ = verdict_of(right(500), right(300), right(500), right(900), right(100))
    assert said.startswith("**Here, no.** Nearest neighbours are right more often")


def test_where_all_examples_are_read_nothing_is_luck():
    said, against_each = verdict_of(
        right(TOTAL), right(TOTAL), right(999), right(999), right(100), exhaustive=True
    )
    assert said == "**Here, no.** Logistic regression is right exactly as often as the network."
    assert against_each[:2] == [
        "Both are right on exactly the same examples.",
        "Only the network is right on 1 example, only this method on 0. These are all examples that"
        " exist, so luck plays no part.",
    ]
    said, _ = verdict_of(right(TOTAL), *[right(999)] * 4, exhaustive=True)
    assert said == "**Here, yes.** The network is right more often than all four simple methods."


def test_exact_accuracies_are_compared_without_a_test():
    own = Beside("network", ExactAccuracy("bit flip at 0.15", 0.62, 0.6213), 1, None, "")
    other = ExactAccuracy("bit flip at 0.15", 0.6213, 0.6213)
    beside = [Beside("tree", other, 1, None, "", "the decision tree")]
    assert verdict(own, beside) == (
        "**Here, no.** The decision tree is right more often than the network."
    )
    assert against_words(own, beside[0]) == "0.13 points above the network, exactly."
    assert against_words(own, own) == "Exactly as often right as the network."


def test_each_method_has_a_sentence_and_what_it_keeps():
    methods = found(*[judged(right(100))] * 4)
    said = [about(each, ["zero", "one"]) for each in methods.each]
    assert said[0].endswith("the highest sum wins.")
    stopped = replace(methods.each[0], chosen=100)
    assert about(stopped, "01").endswith("Its training was stopped after 100 steps.")
    assert "10 yes-or-no questions" in said[1]
    assert "the 5 nearest ones" in said[2]
    assert "“one”" in said[3]
    assert [stored(each) for each in methods.each] == [
        "80 weights",
        "255 nodes",
        "1 example",
        "1 answer",
    ]


def test_the_bound_and_missing_classes_are_said():
    parts = [judged(right(100))] * 4
    bounded = learned_words(found(*parts, examples=3_826, available=55_000), "0123")
    assert "3,826 of the 55,000 training examples" in bounded
    whole = learned_words(found(*parts, missing=(0, 3)), "0123")
    assert whole == (
        "The simple methods learned from the same 500 training examples. None of these shows “0”"
        " or “3”, so they never give that answer."
    )


@pytest.mark.parametrize(
    ("words", "value", "shown"),
    [
        (seconds_words, 0.04, "under 0.1 s"),
        (seconds_words, 1234.56, "20 min 35 s"),
        (seconds_words, 99.94, "99.9 s"),
        (seconds_words, None, "–"),
        (milliseconds_words, 0.004, "under 0.01 ms"),
        (milliseconds_words, 0.376, "0.38 ms"),
        (milliseconds_words, None, "–"),
        (interval, Accuracy("x", 90, 100), "82.6 to 94.5 %"),
        (interval, Accuracy("x", 9, 10, exhaustive=True), "exact"),
    ],
)
def test_numbers_are_short(words, value, shown):
    assert words(value) == shown
