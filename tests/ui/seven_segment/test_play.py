"""The order in which a busy server takes presses of the game."""

import pytest

from tests.support.app_test import app_from_function


def page() -> None:
    """Two presses in one run: Streamlit calls the callback of the later one first."""
    import streamlit as st

    from core.segments.game import Game
    from ui.seven_segment.play import _GO_ON, _answer, _next, game_setting

    game = game_setting(lambda: "any fault")
    if game.get() is None:
        game.set(Game(5))
    order = st.session_state.get("order", "")
    _GO_ON.set(False)
    for press in order:
        if press == "n":
            _next(game)
        else:
            _answer(game, int(press))
    st.text(game.write(game.get()))


@pytest.mark.parametrize(
    ("order", "played"), [("3n", "5-3-1"), ("n3", "5-3-1"), ("n", "5--0"), ("33", "5-3-0")]
)
def test_an_answer_and_the_next_digit_pressed_at_once_both_count(order, played):
    app = app_from_function(page)
    app.session_state["order"] = order
    app.run()
    assert not app.exception
    assert app.text[0].value == played
