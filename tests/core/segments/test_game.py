import numpy as np
import pytest

from core.errors import InvalidInput
from core.segments import bayes
from core.segments.channels import BIT_FLIP, EXTRA, MISSING
from core.segments.game import MOST_ROUNDS, Game, draw_round, parse_game, score
from core.segments.patterns import DIGIT_PATTERNS

ALWAYS_8 = np.full(128, 8)


def played(game: Game, *digits: int) -> Game:
    for digit in digits:
        game = game.answered(digit).next()
    return game


def test_a_round_is_answered_once():
    game = Game(1).answered(3)
    assert game.answer == 3
    assert game.answered(8) == game


def test_the_next_round_comes_only_after_an_answer():
    assert Game(1).next() == Game(1)
    game = Game(1).answered(3).next()
    assert (game.number, game.answer) == (1, None)
    assert game.next() == game


def test_a_round_is_the_same_however_often_it_is_looked_at():
    first = draw_round(BIT_FLIP, 0.3, 7, 4)
    draw_round.cache_clear()
    assert draw_round(BIT_FLIP, 0.3, 7, 4) == first
    assert any(draw_round(BIT_FLIP, 0.3, 7, n) != first for n in range(4))


def test_without_noise_every_digit_is_shown_as_it_is_and_known():
    rounds = [draw_round(BIT_FLIP, 0, 11, n) for n in range(200)]
    assert {each.digit for each in rounds} == set(range(10))
    for each in rounds:
        assert each.pattern == DIGIT_PATTERNS[each.digit]
        assert each.best == each.digit
        assert each.tied == (each.digit,)


def test_the_score_counts_each_of_the_three():
    game = Game(5)
    truth = [draw_round(EXTRA, 0.4, 5, n) for n in range(30)]
    said = [each.digit if n % 3 else (each.digit + 1) % 10 for n, each in enumerate(truth)]
    found = score(played(game, *said), EXTRA, 0.4, ALWAYS_8)
    assert found.rounds == 30
    assert found.you == 20
    assert found.network == sum(each.digit == 8 for each in truth)
    assert found.best == sum(each.best == each.digit for each in truth)


def test_an_open_round_counts_nothing_yet():
    assert score(Game(5), MISSING, 0.3, ALWAYS_8).rounds == 0
    assert score(played(Game(5), 1), MISSING, 0.3, ALWAYS_8).rounds == 1


@pytest.mark.parametrize(("noise", "level"), [(BIT_FLIP, 0.2), (MISSING, 0.4)])
def test_the_best_possible_reader_reaches_the_ceiling(noise, level):
    rounds = [draw_round(noise, level, seed, 0) for seed in range(3_000)]
    right = np.mean([each.best == each.digit for each in rounds])
    assert right == pytest.approx(bayes.ceiling(noise.likelihood(level)), abs=0.03)


def test_between_tied_digits_the_best_reader_takes_each_equally_often():
    tied = [each for n in range(4_000) if len((each := draw_round(BIT_FLIP, 0.2, 3, n)).tied) == 2]
    assert len(tied) > 200
    assert all(each.best in each.tied for each in tied)
    assert np.mean([each.best == each.tied[0] for each in tied]) == pytest.approx(0.5, abs=0.1)


@pytest.mark.parametrize("game", [Game(0), Game(9, "3"), played(Game(9), 3, 8), Game(2**31 - 1)])
def test_a_game_can_be_written_and_read(game):
    assert parse_game(game.write()) == game


@pytest.mark.parametrize(
    "text", ["", "5", "5-38", "5-38-0", "5-38-3", "5-3x-1", "-5--0", "5-٣-1", "99999999999--0"]
)
def test_what_is_no_game_is_refused(text):
    with pytest.raises(InvalidInput):
        parse_game(text)


def test_a_game_ends_before_its_text_is_too_long():
    game = played(Game(4), *[1] * MOST_ROUNDS)
    assert game.is_over
    assert game.number == MOST_ROUNDS - 1
    assert parse_game(game.write()) == game
    assert game.answered(2) == game
    with pytest.raises(InvalidInput):
        parse_game(f"4-{'1' * (MOST_ROUNDS + 1)}-{MOST_ROUNDS}")
