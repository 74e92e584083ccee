"""A button that sends a request from the visitor's browser, and shows what really comes back.

The browser sends it, not the server: so it takes the way that every other program takes, through
whatever stands between. Nothing is sent before the button is pressed, and Python learns of nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from ui.components.source import source

_mount = st.components.v2.component(
    "digit_lab_try_request",
    js=source("try_request.js"),
    css=source("buttons.css", "push_buttons.css", "try_request.css"),
)


@dataclass(frozen=True)
class Ask:
    """A request with a JSON body.

    Args:
        url: where it goes.
        body: the JSON.
        classes: what each of the probabilities in the answer stands for.
        noun: what a class is called.
    """

    url: str
    body: str
    classes: Sequence[str]
    noun: str


def try_request(ask: Ask, *, key: str) -> None:
    """Shows the button, and below it the answer to the newest press.

    Args:
        ask: the request.
        key: the component's key in the session.
    """
    _mount(
        key=key,
        data={"url": ask.url, "body": ask.body, "classes": list(ask.classes), "noun": ask.noun},
    )
