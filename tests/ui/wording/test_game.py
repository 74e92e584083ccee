from core.segments.game import Round, Score
from ui.wording.game import ceiling_in_words, result_in_words, score_table


def test_the_result_of_a_round_names_all_three():
    words = result_in_words(Round(8, "1111011", 9, (9,)), 3, 6)
    assert words == (
        "It was an 8; segment e went dark. You said 3, the network said 6, the best possible"
        " reader 9."
    )


def test_a_round_whose_draw_damaged_nothing_says_so():
    assert result_in_words(Round(8, "1111111", 8, (8,)), 8, 8).startswith("It was an 8, undamaged.")


def test_a_tie_is_told():
    words = result_in_words(Round(4, "1110011", 9, (4, 9)), 4, 9)
    assert words.endswith("the best possible reader 9. (4 and 9 were equally probable.)")


def test_the_score_is_a_row_for_each_reader():
    rows = score_table(Score(5, 2, 3, 4)).splitlines()[2:]
    assert rows == [
        "| You | 2 of 5 |",
        "| The network | 3 of 5 |",
        "| The best possible reader | 4 of 5 |",
    ]


def test_the_ceiling_is_no_limit_where_every_digit_can_be_told():
    assert "nobody" in ceiling_in_words(0.625, 0.6)
    assert "**62.5 %**" in ceiling_in_words(0.625, 0.6)
    assert "nobody" not in ceiling_in_words(1.0, 0.9)
    assert "always right" in ceiling_in_words(1.0, 0.9)
