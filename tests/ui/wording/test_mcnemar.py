from core.metrics.paired import PairedAnswers
from ui.wording.mcnemar import verdict


def test_a_clear_difference_is_told():
    told = verdict(PairedAnswers(900, 9, 1, 90), "A", "B")
    assert "On 10 examples, exactly one of the two is right: A on 9, B on 1." in told
    assert "a coin toss, and a split of 9 to 1, or a more uneven one" in told
    assert "would come up in 2.1 % of such comparisons" in told
    assert "**A reads such examples better than B.**" in told
    other = verdict(PairedAnswers(9, 1, 9, 0), "B", "A")
    assert "**A reads such examples better than B.**" in other


def test_a_very_clear_difference_is_no_zero_per_cent():
    told = verdict(PairedAnswers(900, 40, 1, 59), "A", "B")
    assert "in fewer than 1 in 1,000 such comparisons" in told


def test_luck_is_told():
    told = verdict(PairedAnswers(90, 1, 5, 4), "A", "B")
    assert "in 21.9 % of such comparisons" in told
    assert "may well be luck: **the data does not show which of the two is better**" in told
    assert told.endswith("nor that they are equally good.")
    assert "On 1 example, exactly" in verdict(PairedAnswers(90, 0, 1, 0), "A", "B")


def test_the_same_answers_are_told():
    told = verdict(PairedAnswers(90, 0, 0, 10), "A", "B")
    assert told.endswith("so this data cannot tell them apart.")


def test_where_all_examples_were_read_luck_has_no_part():
    told = verdict(PairedAnswers(8, 1, 0, 1, exhaustive=True), "A", "B")
    assert "All possible examples were read, so luck plays no part: A is better." in told
    assert "coin" not in told
    told = verdict(PairedAnswers(8, 0, 1, 1, exhaustive=True), "A", "B")
    assert "B is better" in told
    told = verdict(PairedAnswers(8, 1, 1, 0, exhaustive=True), "A", "B")
    assert told.endswith("so the two are equally good.")
