import numpy as np
import pytest

from core.segments.atlas import Verdict, atlas, by_answer, by_probability, count
from core.segments.bayes import best_rule, ceiling, expected_accuracy, rule_of
from core.segments.channels import BIT_FLIP, EXTRA, MISSING, together
from core.segments.patterns import DIGIT_PATTERNS


def answering(**digits):
    """Probabilities of a network that answers 8, but for the patterns named: `_0110000=7`."""
    table = np.zeros((128, 10), np.float32)
    table[:, 8] = 1
    for pattern, digit in digits.items():
        number = int(pattern.strip("_"), 2)
        table[number] = 0
        table[number, digit] = 1
    return table


def entry(entries, pattern):
    return entries[int(pattern, 2)]


def test_all_patterns_are_there_by_number():
    entries = atlas(answering(), BIT_FLIP.likelihood(0.1))
    assert [entry.pattern for entry in entries] == [f"{number:07b}" for number in range(128)]
    assert [entry.pattern for entry in entries if entry.is_digit] == sorted(DIGIT_PATTERNS)
    assert entry(entries, "1111111").digit == 8
    assert sum(entry.probability for entry in entries) == pytest.approx(1)


def test_answer_and_confidence_are_the_networks():
    table = np.full((128, 10), 0.05, np.float32)
    table[:, 3] = 0.55
    first = atlas(table, BIT_FLIP.likelihood(0.1))[0]
    assert first.answer == 3
    assert first.confidence == pytest.approx(0.55)


def test_without_noise_only_the_ten_digits_can_arise():
    entries = atlas(answering(_0110000=1), BIT_FLIP.likelihood(0))
    assert count(entries, Verdict.IMPOSSIBLE) == 118
    assert count(entries, Verdict.SAME) == 2  # the 8 and the 1
    assert count(entries, Verdict.DIFFERENT) == 8
    assert entry(entries, "0110000").probability == pytest.approx(0.1)
    assert entry(entries, "0000000").best == ()


def test_a_missing_segment_by_hand():
    entries = atlas(answering(_1011111=6), MISSING.likelihood(0.1))
    # An 8 without its segment b is a 6; a whole 6 is more probable: .9 ** 6 to .1 * .9 ** 6.
    six = entry(entries, "1011111")
    assert six.best == (6,)
    assert six.probability == pytest.approx((0.9**6 + 0.1 * 0.9**6) / 10)
    assert six.verdict is Verdict.SAME
    # Any digit may lose every segment, 1 most easily: it has but two.
    assert entry(entries, "0000000").best == (1,)
    assert entry(entries, "0000000").verdict is Verdict.DIFFERENT


def test_any_of_tied_digits_is_as_good():
    # Where a and b are always dark, a 6 and an 8 look alike.
    likelihood = together("ab").likelihood(1)
    for answer in (6, 8):
        shown = entry(atlas(answering(_0011111=answer), likelihood), "0011111")
        assert shown.best == (6, 8)
        assert shown.verdict is Verdict.SAME
    shown = entry(atlas(answering(_0011111=0), likelihood), "0011111")
    assert shown.verdict is Verdict.DIFFERENT


@pytest.mark.parametrize("noise", [BIT_FLIP, MISSING, EXTRA])
def test_a_network_that_differs_nowhere_is_as_good_as_can_be(noise):
    likelihood = noise.likelihood(0.2)
    exact = best_rule(likelihood).astype(np.float32)
    entries = atlas(exact, likelihood)
    assert count(entries, Verdict.DIFFERENT) == 0
    assert expected_accuracy(rule_of(exact), likelihood) == pytest.approx(ceiling(likelihood))


def test_orders():
    table = answering(_0110000=1, _0000000=1)
    table[0] = 0.05
    table[0, 1] = 0.55
    entries = atlas(table, EXTRA.likelihood(0.1))
    ordered = by_answer(entries)
    assert [entry.pattern for entry in ordered[:2]] == ["0110000", "0000000"]
    assert [entry.pattern for entry in ordered[2:4]] == ["0000001", "0000010"]
    probable = by_probability(entries)
    assert probable[0].pattern == "1111111"  # what all digits grow towards
    values = [entry.probability for entry in probable]
    assert values == pytest.approx(sorted(values, reverse=True))
    assert probable[-1].best == ()


def test_equally_probable_patterns_stay_by_number():
    entries = atlas(answering(), BIT_FLIP.likelihood(0))
    assert [entry.pattern for entry in by_probability(entries)[:10]] == sorted(DIGIT_PATTERNS)
