"""A seven-segment display whose segments are switches, with a keypad for the ten digits.

Python and the browser both change the pattern, at any moment and without waiting for each other.
To lose no click, neither overwrites the other: the pattern is `base` XOR `mask`. Python owns the
base. The browser owns the mask, which holds all that the person has flipped so far, and it draws a
click before Python hears of it. To show a pattern P, Python sets the base to P XOR the mask it has
seen; a click still on its way flips its segment on top of P. The order in which the messages arrive
makes no difference.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import streamlit as st

from core.errors import InvalidInput
from core.segments.patterns import parse_pattern
from ui.components.source import source
from ui.session.state import Key, component_state

BLANK = "0000000"


_mount = st.components.v2.component(
    "segment_display",
    js=source("segment_shapes.js", "delivery.js", "segment_display.js"),
    css=source("segment_display.css"),
)


def flip(pattern: str, mask: str) -> str:
    """Flips the segments of a pattern that are 1 in a mask: their XOR, and its own inverse."""
    return f"{int(pattern, 2) ^ int(mask, 2):07b}"


@dataclass(frozen=True)
class Display:
    """What Python knows of one display; the whole protocol, apart from Streamlit.

    `owner` names the session that a mask belongs to. A browser tab survives a restart of the
    server and then sends the mask of a session that is gone; the name shows that.
    """

    base: str
    mask: str = BLANK
    owner: str = field(default_factory=lambda: secrets.token_hex(8))

    @property
    def pattern(self) -> str:
        """The pattern shown, as far as Python has heard."""
        return flip(self.base, self.mask)

    def heard(self, state: Mapping[str, object]) -> Display:
        """Returns the display with the mask that the browser sent.

        A missing mask, or one of another session or the wrong form, changes nothing: a component's
        state is empty after a page change, and nothing from a browser is trusted.
        """
        message = state.get("mask")
        if not isinstance(message, Mapping) or message.get("owner") != self.owner:
            return self
        try:
            return replace(self, mask=parse_pattern(str(message.get("segments"))))
        except InvalidInput:
            return self

    def showing(self, pattern: str) -> Display:
        """Returns the display with the base that makes it show a pattern."""
        return replace(self, base=flip(parse_pattern(pattern), self.mask))


def segment_display(*, key: str, digits: Mapping[str, str], default: str = BLANK) -> str:
    """Mounts the display and its keypad, and returns the pattern shown.

    It keeps its pattern while the person is on another page. If it is mounted in a fragment, a
    click reruns only that fragment.

    Args:
        key: the component's key in the session.
        digits: the pattern of each key of the keypad, as `{"0": "1111110", ...}`.
        default: the pattern shown at first. Defaults to all segments off.

    Returns:
        Seven characters of 0 and 1 for the segments a to g.

    Raises:
        ValueError: if a pattern is not seven characters of 0 and 1.
    """
    display = _current(key, default)
    for pattern_of_digit in digits.values():
        parse_pattern(pattern_of_digit)
    result = _mount(
        key=key,
        data={
            "base": display.base,
            "mask": display.mask,
            "owner": display.owner,
            "digits": tuple(digits.items()),
        },
        on_mask_change=lambda: _remember(key, _current(key, default)),
    )
    display = display.heard(result)
    _remember(key, display)
    return display.pattern


def pattern(key: str, default: str = BLANK) -> str:
    """Returns the pattern shown without mounting the display, for callbacks and other pages.

    Args:
        key: the component's key in the session.
        default: the pattern of a display that was never mounted. Defaults to all segments off.
    """
    return _current(key, default).pattern


def set_pattern(key: str, pattern: str) -> None:
    """Shows a pattern; clicks that are still on their way to Python flip their segments on top.

    Call this before the display is mounted in this run: in a callback, or above it in the page. A
    display mounted earlier in the same run would show the pattern one run later.

    Raises:
        ValueError: if the pattern is not seven characters of 0 and 1.
    """
    _remember(key, _current(key, pattern).showing(pattern))


def _key(key: str, default: str) -> Key[Display]:
    return Key(f"{key}.display", lambda: Display(parse_pattern(default)))


def _current(key: str, default: str) -> Display:
    return _key(key, default).get().heard(component_state(key))


def _remember(key: str, display: Display) -> None:
    """Keeps the display under a plain key: Streamlit drops a component's state on page change."""
    _key(key, display.base).set(display)
