import pytest

from core.handwriting.config import Outcome
from core.metrics.accuracy import Accuracy
from core.metrics.paired import PairedAnswers
from ui.wording.fine_tuning import sign_verdicts, verdicts


def pair_of(lost, won, both=30):
    return PairedAnswers(both, lost, won, 100 - both - lost - won)


def said(own=(0, 0), base=(0, 0)):
    """What is said of so many examples that only the old, and only the new network got right."""
    pairs = [pair_of(*own), pair_of(*base)]
    figures = [
        Accuracy("data", pair.both + right, 100)
        for pair in pairs
        for right in (pair.only_first, pair.only_second)
    ]
    return verdicts(Outcome(*figures, *pairs))


@pytest.mark.parametrize(
    ("own", "words"),
    [
        (
            (1, 51),
            "It reads your handwriting better. Only the new network is right on 51 examples, only"
            " the old one on 1. This is hardly luck.",
        ),
        (
            (2, 7),
            "It reads more of your digits than before. Only the new network is right on 7 examples,"
            " only the old one on 2. This may be luck. More samples would tell.",
        ),
        (
            (0, 0),
            "It reads your handwriting as well as before. Both are right on exactly the same"
            " examples. More samples, more epochs or fewer frozen layers may help.",
        ),
        (
            (7, 2),
            "It reads fewer of your digits than before. Only the new network is right on 2"
            " examples, only the old one on 7. This may be luck. More samples may help.",
        ),
        (
            (51, 1),
            "It reads your handwriting worse than before. Only the new network is right on 1",
        ),
    ],
)
def test_what_it_gained_is_told(own, words):
    assert said(own=own)[0].startswith(words)


def test_the_same_change_is_luck_or_not_by_what_they_disagree_on():
    assert "hardly luck" in said(own=(0, 8))[0]
    assert "may be luck" in said(own=(20, 28))[0]


def test_where_every_digit_was_and_is_right_nothing_is_advised():
    pair = PairedAnswers(20, 0, 0, 0)
    all_right = Accuracy("data", 20, 20)
    told = verdicts(Outcome(*[all_right] * 4, pair, pair))[0]
    assert told == "It reads your handwriting as well as before: every digit is right."


@pytest.mark.parametrize(
    ("base", "words"),
    [
        ((50, 0), "It has forgotten some of what it knew."),
        ((3, 1), "no clear sign of forgetting"),
        ((0, 0), "no clear sign of forgetting"),
        ((1, 3), "no clear sign of forgetting"),
        ((0, 50), "also reads other people's digits better"),
    ],
)
def test_what_it_forgot_is_told(base, words):
    assert words in said(base=base)[1]


def test_a_card_without_pairs_is_judged_by_its_intervals_and_nothing_is_said_of_luck():
    before, after = Accuracy("data", 40, 100), Accuracy("data", 90, 100)
    own, base = verdicts(Outcome(before, after, before, before))
    assert own == "It reads your handwriting better."
    assert base == "It shows no clear sign of forgetting what it knew."


def of_signs(signs, digits, *, knew, refused=0):
    parts = (
        tuple(Accuracy("own signs kept aside", n, 4) for n in signs),
        tuple(Accuracy("own digits kept aside", n, 50) for n in digits),
    )
    figures = (Accuracy("data", n, 100) for n in (50, 60, 90, 90))
    return sign_verdicts(Outcome(*figures, own_parts=parts, signs_refused=refused), knew)


def test_what_it_could_not_do_before_is_said_with_the_reason():
    signs, digits, base = of_signs((0, 4), (10, 48), knew=False)
    assert "none for a sign. Now it reads 4 of 4 correctly" in signs
    assert digits.startswith("Your digits: It reads your handwriting better")
    assert "no clear sign of forgetting" in base


def test_a_network_that_knew_signs_is_compared_with_what_it_was():
    signs, *_ = of_signs((2, 4), (10, 48), knew=True)
    assert signs.startswith("Your signs: It reads more")


def test_signs_that_would_be_refused_are_not_passed_over():
    assert (
        "3 of these signs would get no answer" in of_signs((0, 4), (1, 1), knew=False, refused=3)[2]
    )
    assert len(of_signs((0, 4), (1, 1), knew=False)) == 3


def test_each_part_is_judged_by_its_own_answers():
    digits = (Accuracy("own digits kept aside", 40, 50), Accuracy("own digits kept aside", 48, 50))
    figures = (Accuracy("data", n, 100) for n in (50, 60, 90, 90))
    pair = PairedAnswers(39, 1, 9, 1)
    said, _ = sign_verdicts(Outcome(*figures, own_parts=(digits,), part_pairs=(pair,)), True)
    assert "Only the new network is right on 9 examples, only the old one on 1." in said
