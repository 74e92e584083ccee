"""A game: which digit was it before the damage? You, a network and the best possible reader guess.

A game is its seed and the answers given so far. Everything else follows from them: round n is drawn
from the seed and n, and the score is counted anew from the answers. So nothing can count twice, and
a short text keeps the whole game.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from core.errors import InvalidInput
from core.segments.bayes import Rule, best_rule
from core.segments.channels import Channel
from core.segments.patterns import DIGIT_PATTERNS, to_inputs, to_pattern

MOST_ROUNDS = 500  # a game is part of an address, which cannot be of any length
_TEXT = re.compile(r"([0-9]{1,10})-([0-9]*)-([0-9]{1,3})")


@dataclass(frozen=True)
class Round:
    """One digit to guess.

    Args:
        digit: what it was.
        pattern: what the damaged display shows, seven characters of 0 and 1.
        best: the best possible reader's answer.
        tied: all digits that are as probable as that one, ascending, itself included.
    """

    digit: int
    pattern: str
    best: int
    tied: tuple[int, ...]


@dataclass(frozen=True)
class Score:
    """How many rounds each reader got right.

    Args:
        rounds: those answered so far.
        you: those that the person got right.
        network: those that the network got right.
        best: those that the best possible reader got right.
    """

    rounds: int = 0
    you: int = 0
    network: int = 0
    best: int = 0


@dataclass(frozen=True)
class Game:
    """A game so far.

    Args:
        seed: of all its rounds.
        said: the person's answer to each round, digits in one text.
        number: the round on show, from 0. Either it waits for its answer, or it is the last one
            answered.
    """

    seed: int
    said: str = ""
    number: int = 0

    @property
    def answer(self) -> int | None:
        """The person's answer to the round on show; None while it waits for one."""
        return int(self.said[self.number]) if self.number < len(self.said) else None

    @property
    def is_over(self) -> bool:
        """Whether the last round that a game can have is answered."""
        return len(self.said) >= MOST_ROUNDS

    def answered(self, digit: int) -> Game:
        """Returns the game with an answer to the round on show; one answered already stays."""
        if self.answer is not None:
            return self
        return replace(self, said=f"{self.said}{digit}")

    def next(self) -> Game:
        """Returns the game with the next round on show, if the present one is answered."""
        if self.answer is None or self.is_over:
            return self
        return replace(self, number=self.number + 1)

    def write(self) -> str:
        """Returns the game as a text, which `parse_game` reads."""
        return f"{self.seed}-{self.said}-{self.number}"


def parse_game(text: str) -> Game:
    """Reads a game.

    Raises:
        InvalidInput: if the text is none.
    """
    found = _TEXT.fullmatch(text)
    if found:
        game = Game(int(found[1]), found[2], int(found[3]))
        last = len(game.said)
        if last <= MOST_ROUNDS and max(0, last - 1) <= game.number <= min(last, MOST_ROUNDS - 1):
            return game
    raise InvalidInput(f"Expected a game, such as 271828-38-2. Received: {text[:40]!r}")


@lru_cache(maxsize=4 * MOST_ROUNDS)
def draw_round(channel: Channel, level: float, seed: int, number: int) -> Round:
    """Draws a digit, all equally likely, and damages it; the damage may change nothing.

    The best possible reader names the most probable digit. Between several that are equally
    probable it chooses at random, which is as good as any choice can be.

    Args:
        channel: the noise.
        level: 0 to the last of the noise's levels.
        seed: of the game.
        number: of the round, from 0.

    Raises:
        InvalidInput: if the level is out of range.
    """
    generator = np.random.default_rng([seed, number])
    digit = int(generator.integers(len(DIGIT_PATTERNS)))
    noise_seed = int(generator.integers(2**31))
    noisy = channel.apply(to_inputs(DIGIT_PATTERNS[digit]), level=level, random_state=noise_seed)
    pattern = to_pattern(noisy[0])
    tied = np.flatnonzero(_best_rule(channel, level)[int(pattern, 2)])
    return Round(digit, pattern, int(generator.choice(tied)), tuple(int(each) for each in tied))


def score(game: Game, channel: Channel, level: float, answers: NDArray[np.int64]) -> Score:
    """Counts the rounds answered so far.

    Args:
        game: the game.
        channel: its noise.
        level: of the noise.
        answers: the network's to each of ALL_PATTERNS: int64, shape (128,).

    Raises:
        InvalidInput: if the level is out of range.
    """
    rounds = [draw_round(channel, level, game.seed, n) for n in range(len(game.said))]
    return Score(
        len(rounds),
        sum(int(said) == drawn.digit for said, drawn in zip(game.said, rounds, strict=True)),
        sum(int(answers[int(drawn.pattern, 2)]) == drawn.digit for drawn in rounds),
        sum(drawn.best == drawn.digit for drawn in rounds),
    )


@lru_cache(maxsize=16)
def _best_rule(channel: Channel, level: float) -> Rule:
    return best_rule(channel.likelihood(level))
