import pytest

from core.metrics.accuracy import ExactAccuracy
from core.metrics.paired import PairedAnswers
from core.models.ensemble_builder import VotingGain
from ui.wording.ensemble import exact_verdict, verdict


def said(only_together, only_best):
    pair = PairedAnswers(900, only_together, only_best, 50)
    return verdict(VotingGain("b", only_together - only_best, 1000, pair))


def test_it_is_said_whether_voting_has_paid_and_when_that_may_be_luck():
    assert said(12, 7) == (
        "Together, they classify 5 more of 1,000 examples correctly than the best member"
        " alone, “b”. Only the ensemble is right on 12 examples, only “b” on 7. This may be luck."
    )
    assert "45 more" in said(50, 5)
    assert said(50, 5).endswith("This is hardly luck.")
    assert "exactly as often as the best member alone, “b”." in said(5, 5)
    assert "luck" not in said(5, 5)
    assert said(0, 0).endswith("Both are right on exactly the same examples.")
    assert "50 fewer" in said(0, 50)
    assert "hardly luck" in said(0, 50)


def test_the_same_gain_is_luck_or_not_by_what_they_disagree_on():
    assert "hardly luck" in said(8, 0)
    assert "may be luck" in said(60, 52)


def test_of_an_older_card_nothing_is_said_about_luck():
    told = verdict(VotingGain("b", 5, 1000))
    assert told.endswith("than the best member alone, “b”.")


@pytest.mark.parametrize(
    ("together", "words"),
    [
        (0.6202, "exactly as good as the best member alone, “a”"),
        (0.6212, "0.1 points better than the best member alone, “a”"),
        (0.6102, "1 points worse than the best member alone, “a”"),
    ],
)
def test_where_accuracies_are_exact_every_difference_is_real(together, words):
    alone = ExactAccuracy("bit flip at 0.15", 0.6202, 0.6213)
    said = exact_verdict(ExactAccuracy("bit flip at 0.15", together, 0.6213), "a", alone)
    assert words in said
    assert said.endswith("(exact, bit flip at 0.15, where 62.1 % is the best possible).")
