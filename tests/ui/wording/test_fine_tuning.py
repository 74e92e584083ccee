import pytest

from core.handwriting.config import Outcome
from core.metrics.accuracy import Accuracy
from ui.wording.fine_tuning import verdicts


def said(own=(50, 50), base=(50, 50)):
    return verdicts(Outcome(*(Accuracy("data", correct, 100) for correct in (*own, *base))))


@pytest.mark.parametrize(
    ("own", "words"),
    [
        ((40, 90), "better: the two ranges do not overlap, so this is hardly luck."),
        ((40, 45), "so this may be luck. More samples would tell."),
        ((40, 40), "as well as before. More samples, more epochs or fewer frozen layers"),
        ((100, 100), "as well as before: every digit is right."),
        ((40, 35), "fewer of your digits than before, but the two ranges overlap"),
        ((90, 40), "worse than before: the two ranges do not overlap."),
    ],
)
def test_what_it_gained_is_told(own, words):
    assert words in said(own=own)[0]


@pytest.mark.parametrize(
    ("base", "words"),
    [
        ((90, 40), "It has forgotten some of what it knew."),
        ((90, 88), "no clear sign of forgetting"),
        ((90, 90), "no clear sign of forgetting"),
        ((90, 92), "no clear sign of forgetting"),
        ((40, 90), "also reads other people's digits better"),
    ],
)
def test_what_it_forgot_is_told(base, words):
    assert words in said(base=base)[1]
