"""Two buttons, back and forth, that lose no click, however quick.

A Streamlit button reports only *that* it was clicked: two clicks between two runs of the page count
as one. These report how far they have been clicked in total, and Python takes the difference.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import streamlit as st

from ui.components.source import source

MAX_STEPS = 1_000  # at once; nobody clicks faster

_mount = st.components.v2.component(
    "digit_lab_stepper",
    js=source("delivery.js", "stepper.js"),
    css=source("buttons.css", "push_buttons.css", "stepper.css"),
)


@dataclass(frozen=True)
class Steps:
    """How far the buttons have been clicked, as far as Python knows.

    `owner` names the session that counts. A browser tab survives a restart of the server and then
    sends the count of a session that is gone; the name shows that.
    """

    count: int = 0
    owner: str = field(default_factory=lambda: secrets.token_hex(8))

    def heard(self, state: Mapping[str, object]) -> Steps:
        """Returns the steps with the count that the browser sent, if it is one for this owner."""
        message = state.get("count")
        if not isinstance(message, Mapping) or message.get("owner") != self.owner:
            return self
        count = message.get("steps")
        if type(count) is not int or abs(count - self.count) > MAX_STEPS:
            return self
        return replace(self, count=count)


def stepper(steps: Steps, *, key: str, back: str, forth: str) -> None:
    """Shows the two buttons; in a fragment, a click reruns only that fragment.

    Args:
        steps: the steps known so far. The caller stores them together with what they lead to: a
            run of the page can be cut off anywhere and must not lose one of the two.
        key: the component's key in the session, with which `component_state` finds what was sent.
        back: the left button's text.
        forth: the right button's text.
    """
    _mount(
        key=key,
        data={"back": back, "forth": forth, "owner": steps.owner, "steps": steps.count},
        on_count_change=lambda: None,
    )
