"""Two buttons, back and forth, of which every click counts, however quick.

A button of Streamlit's tells *that* it was clicked: two clicks between two runs of the page are one
to it. These tell how far they have been clicked in all, and Python takes the difference.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import streamlit as st

from ui.components.source import source

MAX_STEPS = 1_000  # at once; nobody clicks faster

_mount = st.components.v2.component(
    "digit_lab_stepper", js=source("stepper.js"), css=source("buttons.css", "stepper.css")
)


@dataclass(frozen=True)
class Steps:
    """How far the buttons have been clicked, as far as Python has heard.

    `owner` names the session that counts. A browser tab outlives a restart of the server and then
    sends the count of a session that is gone; the name tells that apart.
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
    """Shows the two buttons; mounted in a fragment, a click reruns only that fragment.

    Args:
        steps: as far as is known, kept by the caller together with what they lead to: a run of the
            page may be cut off anywhere, and must not forget one of the two.
        key: the component's key in the session, by which `component_state` finds what was sent.
        back: what the left button says.
        forth: what the right one says.
    """
    _mount(
        key=key,
        data={"back": back, "forth": forth, "owner": steps.owner, "steps": steps.count},
        on_count_change=lambda: None,
    )
