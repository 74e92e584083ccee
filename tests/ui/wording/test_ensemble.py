from core.metrics.accuracy import Change
from core.models.ensemble_builder import VotingGain
from ui.wording.ensemble import verdict


def said(more, change):
    return verdict(VotingGain("b", more, 1000, change))


def test_it_is_said_whether_voting_has_paid_and_when_that_may_be_luck():
    assert said(5, Change.PERHAPS_BETTER) == (
        "Together, they classify 5 more of 1,000 examples correctly than the best member"
        " alone, “b”. The two ranges overlap, so this may be luck."
    )
    assert "45 more" in said(45, Change.BETTER)
    assert "do not overlap, so this is hardly luck" in said(45, Change.BETTER)
    assert "exactly as often as the best member alone, “b”." in said(0, Change.SAME)
    assert "50 fewer" in said(-50, Change.WORSE)
    assert "hardly luck" in said(-50, Change.WORSE)
