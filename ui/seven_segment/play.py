"""The game: which digit was it? You against the network, and against the best possible reader."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

import streamlit as st

from core.models.saved_model import SavedModel
from core.noise.base import Noise
from core.segments import bayes
from core.segments.channels import channel
from core.segments.game import MOST_ROUNDS, Game, Score, draw_round, parse_game, score
from ui.components.segment_gallery import Tile, segment_gallery
from ui.services import saved_models
from ui.session.settings import Setting
from ui.session.state import Key
from ui.seven_segment.layout import ANSWERS, RESULT
from ui.wording.damage import pattern_in_words
from ui.wording.game import ceiling_in_words, result_in_words, score_table

CEILING_AFTER = 5  # rounds, so that one has met the difficulty before the explanation
_GAMES: Key[dict[str, Game]] = Key("segment_games", dict)
_RULES = """
- A digit is drawn, all ten equally often, and damaged by the fault below. Sometimes the damage
  changes nothing, as in real life.
- The network sees the same display as you.
- The *best possible reader* knows the fault and its level, and names the digit that is most
  probable then. If several are equally probable, it picks one of them at random. No other choice
  would be right more often.
- Each fault, level and network has a score of its own, which you find again when you come back
  to them.
"""
# A busy server takes two presses in one run, and "Next digit" perhaps before the answer that came
# first.
_GO_ON: Key[bool] = Key("game_goes_on", bool)


@dataclass(frozen=True)
class GameSetting(Setting[Game | None]):
    """The game of the fault, level and network chosen now; each combination has its own.

    Args:
        combination: returns a text that names the combination.
    """

    combination: Callable[[], str] = str

    def get(self) -> Game | None:
        """Returns the game, or None if there is none yet."""
        return _GAMES.get().get(self.combination())

    def set(self, value: Game | None) -> None:
        """Keeps the game; None ends it."""
        others = {name: game for name, game in _GAMES.get().items() if name != self.combination()}
        _GAMES.set(others | ({} if value is None else {self.combination(): value}))


def game_setting(combination: Callable[[], str]) -> GameSetting:
    """Returns the setting of the game, which the address keeps over a reload.

    Args:
        combination: returns a text that names the fault, level and network chosen now.
    """
    return GameSetting(
        "segment_game",
        lambda: None,
        "game",
        lambda text: parse_game(text) if text else None,
        lambda game: game.write() if game else "",
        combination=combination,
    )


def show_game(setting: GameSetting, model: SavedModel, noise: Noise, level: float) -> None:
    """Shows the round, the ten answers and the score.

    Args:
        setting: the game.
        model: the network that one plays against.
        noise: what damages the digits.
        level: of the noise.
    """
    _GO_ON.set(False)
    game = setting.get()
    if game is None:
        game = Game(secrets.randbits(31))
        setting.set(game)
    fault = channel(noise.name)
    drawn = draw_round(fault, level, game.seed, game.number)
    answers = saved_models.segment_answers(model).argmax(axis=1)
    counted = score(game, fault, level, answers)
    left, right = st.columns([5, 6], gap="large")
    with left:
        if game.answer is None:
            words = "Which digit was it before the damage? Press it, here or on the keyboard."
        else:
            network = int(answers[int(drawn.pattern, 2)])
            words = result_in_words(drawn, game.answer, network)
        answered = " answered" * (game.answer is not None)
        st.html(
            f'<div class="{RESULT}{answered}" role="status"><b>Round {game.number + 1}.</b>'
            f" {escape(words)}</div>"
        )
        _show_pattern(drawn.pattern)
        _show_answers(setting)
        st.button(
            "Next digit",
            key="next_digit",
            on_click=_next,
            args=(setting,),
            type="primary",
            width="stretch",
            disabled=game.is_over,
            shortcut="N",
        )
        if game.is_over:
            st.caption(f"A game ends after {MOST_ROUNDS} rounds.")
    with right:
        _show_score(setting, model, noise, level, counted)


def _show_pattern(pattern: str) -> None:
    words = pattern_in_words(pattern)
    segment_gallery(
        [Tile(pattern, f"{words[0].upper()}{words[1:]}")],
        key="damaged_display",
        size="large",
        label="Damaged display",
    )


def _show_answers(setting: GameSetting) -> None:
    # Never disabled: the key of a fast player comes before the browser has drawn the next round.
    with st.container(key=ANSWERS):
        for digit in range(10):
            st.button(
                str(digit),
                key=f"say_{digit}",
                on_click=_answer,
                args=(setting, digit),
                width="stretch",
                shortcut=str(digit),
            )


def _show_score(
    setting: GameSetting, model: SavedModel, noise: Noise, level: float, counted: Score
) -> None:
    st.markdown(score_table(counted))
    if counted.rounds < CEILING_AFTER:
        st.markdown(
            f"After {CEILING_AFTER} rounds you will see how often the best possible reader is"
            " right in the long run."
        )
    else:
        likelihood = channel(noise.name).likelihood(level)
        rule = bayes.rule_of(saved_models.segment_answers(model))
        st.markdown(
            ceiling_in_words(bayes.ceiling(likelihood), bayes.expected_accuracy(rule, likelihood))
        )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "Start again",
            key="start_again",
            on_click=setting.set,
            args=(None,),
            disabled=not counted.rounds,
        )
        st.caption(
            f"Score for “{noise.title}” at level {level:g} and this network. Another fault, level"
            " or network has a score of its own.",
            width="stretch",
        )
    with st.expander("How the game works"):
        st.markdown(_RULES)


def _answer(setting: GameSetting, digit: int) -> None:
    game = setting.get()
    if game is not None:
        game = game.answered(digit)
        setting.set(game.next() if _GO_ON.get() else game)


def _next(setting: GameSetting) -> None:
    game = setting.get()
    if game is not None:
        _GO_ON.set(game.answer is None)
        setting.set(game.next())
