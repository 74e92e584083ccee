"""What a person does with a search of theirs: pause it, have it go on, stop or extend it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.errors import DigitLabError
from core.search.info import SearchInfo
from ui.services import server
from ui.wording.phrases import plain

MORE_TRIALS = 10


def show_search_controls(info: SearchInfo, owner: str) -> None:
    """Shows the buttons that fit the search's state.

    Args:
        info: the search; one of the owner's.
        owner: the visitor.
    """
    searches = server.searches()
    with st.container(horizontal=True):
        if info.state == "running":
            search_button("Pause", "pause", lambda: searches.pause(info.id, owner=owner))
        if info.can_go_on:
            search_button("Go on", "play_arrow", lambda: searches.resume(info.id, owner=owner))
        if info.under_way:
            search_button("Stop", "stop", lambda: searches.stop(info.id, owner=owner))
        if info.test is None and not info.testing and not info.config.compares:
            search_button(
                f"{MORE_TRIALS} more runs",
                "add",
                lambda: searches.extend(info.id, owner=owner, trials=MORE_TRIALS),
            )


def search_button(words: str, icon: str, action: Callable[[], None], *, main: bool = False) -> None:
    """Shows a button that does something with a search; if that fails, it says why.

    Args:
        words: on the button.
        icon: name of its icon, by which the button is told from the others.
        action: what it does.
        main: whether it is the main action. Defaults to False.
    """

    def act() -> None:
        try:
            action()
        except DigitLabError as error:
            st.toast(plain(str(error)), icon=":material/error:")

    st.button(
        words,
        icon=f":material/{icon}:",
        on_click=act,
        key=f"search_{icon}",
        type="primary" if main else "secondary",
    )
