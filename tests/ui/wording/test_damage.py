import pytest

from core.segments.damage import Damage, Reach
from core.segments.patterns import DIGIT_PATTERNS
from ui.wording.damage import damage_in_words, pattern_in_words, why_no_change


@pytest.mark.parametrize(
    ("before", "after", "draw", "words"),
    [
        (DIGIT_PATTERNS[8], "1011011", 1, "It was an 8; segments b and e went dark."),
        (DIGIT_PATTERNS[7], "1110001", 1, "It was a 7; segment g lit up."),
        (
            DIGIT_PATTERNS[1],
            "0011000",
            2,
            "It was a 1; segment b went dark and segment d lit up."
            " The first draw changed nothing; this is the second.",
        ),
        (
            "0000000",
            "1000001",
            4,
            "No segment was lit; segments a and g lit up."
            " The first 3 draws changed nothing; this is the fourth.",
        ),
        (
            "1100001",
            "1100000",
            2000,
            "It was no digit, but segments a, b and g; segment g went dark."
            " The first 1,999 draws changed nothing; this is number 2,000.",
        ),
        ("0001000", "0000000", 1, "It was no digit, but segment d; segment d went dark."),
        (DIGIT_PATTERNS[8], DIGIT_PATTERNS[8], 1, "It was an 8, and after several faults it is"),
    ],
)
def test_what_damage_did_is_said(before, after, draw, words):
    said = damage_in_words(Damage(before, after, draw))
    assert said.startswith(words) if before == after else said == words


@pytest.mark.parametrize(
    ("reach", "pattern", "level", "words"),
    [
        (Reach("", ""), "1111111", 0, "At level 0 nothing fails. Move the slider to the right."),
        (Reach("", ""), "1111111", 1, "Nothing can fail: every percentage in your table is 0."),
        (Reach("abcdefg", ""), "0000000", 1, "all segments are dark already."),
        (Reach("", "abcdefg"), "1111111", 1, "all segments are lit already."),
        (Reach("abf", ""), "0011100", 1, "only segments a, b and f can go dark, and all are dark"),
        (
            Reach("a", "g"),
            "0111111",
            1,
            "only segment a can go dark, and it is dark already; only segment g can light up,",
        ),
    ],
)
def test_why_a_fault_can_change_nothing_is_said(reach, pattern, level, words):
    assert words in why_no_change(reach, pattern, level)


def test_a_pattern_is_said_by_its_lit_segments():
    assert pattern_in_words("0000000") == "no segment is lit"
    assert pattern_in_words("1000000") == "segment a is lit"
    assert pattern_in_words("1100000") == "segments a and b are lit"
    assert pattern_in_words("1111111") == "all seven segments are lit"
