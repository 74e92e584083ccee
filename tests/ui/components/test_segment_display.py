"""The display's protocol, with the browser played by a small model, and the mounted component."""

from __future__ import annotations

import itertools
import json
import random
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from streamlit.testing.v1 import AppTest

from core.errors import InvalidInput
from core.segments.patterns import DIGIT_PATTERNS
from tests.support.app_test import app_from_function
from ui.components.segment_display import BLANK, Display, flip

ALL = "1111111"


@dataclass
class Browser:
    """What the JavaScript does, without drawing: it owns the mask and reads only the base."""

    base: str
    mask: str
    sent: deque[str] = field(default_factory=deque)

    @property
    def pattern(self) -> str:
        return flip(self.base, self.mask)

    def _change(self, mask: str) -> None:
        self.mask = mask
        self.sent.append(mask)

    def press(self, segment: int) -> None:
        self._change(flip(self.mask, f"{64 >> segment:07b}"))

    def show(self, digit: int) -> None:
        self._change(flip(self.base, DIGIT_PATTERNS[digit]))

    def clear(self) -> None:
        self._change(self.base)

    def invert(self) -> None:
        self._change(flip(self.mask, ALL))


class Session:
    """A browser and a server with a queue of messages each way, delivered when told to."""

    def __init__(self, start: str = BLANK) -> None:
        self.python = Display(start)
        self.browser = Browser(self.python.base, self.python.mask)
        self.answers: deque[str] = deque()

    def python_shows(self, pattern: str) -> None:
        self.python = self.python.showing(pattern)
        self.answers.append(self.python.base)

    def python_flips(self, mask: str) -> None:
        self.python_shows(flip(self.python.pattern, mask))

    def deliver_to_python(self) -> None:
        if self.browser.sent:
            message = {"owner": self.python.owner, "segments": self.browser.sent.popleft()}
            self.python = self.python.heard({"mask": message})

    def deliver_to_browser(self) -> None:
        if self.answers:
            self.browser.base = self.answers.popleft()

    def settle(self) -> str:
        while self.browser.sent or self.answers:
            self.deliver_to_python()
            self.deliver_to_browser()
        assert self.python.pattern == self.browser.pattern
        return self.python.pattern


def test_flip_is_its_own_inverse() -> None:
    for pattern, mask in itertools.product(DIGIT_PATTERNS, repeat=2):
        assert flip(flip(pattern, mask), mask) == pattern
    assert flip("1111001", "0000001") == "1111000"
    assert flip("1111001", BLANK) == "1111001"
    assert flip(BLANK, "0000001") == "0000001"


def test_every_order_of_flips_and_messages_ends_in_the_same_pattern() -> None:
    events: list[Callable[[Session], None]] = [
        lambda session: session.browser.press(0),
        lambda session: session.browser.press(3),
        lambda session: session.python_flips("0001000"),
        lambda session: session.browser.invert(),
        Session.deliver_to_python,
        Session.deliver_to_browser,
    ]
    ends = set()
    for order in itertools.permutations(events):
        session = Session("1111001")
        for event in order:
            event(session)
        ends.add(session.settle())
    assert ends == {flip(flip("1111001", "1000000"), ALL)}


def test_both_sides_agree_after_anything() -> None:
    chance = random.Random(7)
    events: list[Callable[[Session], None]] = [
        lambda session: session.browser.press(chance.randrange(7)),
        lambda session: session.browser.show(chance.randrange(10)),
        lambda session: session.browser.clear(),
        lambda session: session.browser.invert(),
        lambda session: session.python_shows(chance.choice(DIGIT_PATTERNS)),
        Session.deliver_to_python,
        Session.deliver_to_browser,
    ]
    for _ in range(300):
        session = Session()
        for event in chance.choices(events, k=60):
            event(session)
        session.settle()
        session.browser.show(4)
        assert session.settle() == DIGIT_PATTERNS[4]


def test_a_click_on_its_way_is_applied_on_top_of_what_python_shows() -> None:
    session = Session("1111110")
    session.browser.press(6)
    session.python_shows("0110000")
    assert session.settle() == "0110001"


def test_skipped_messages_lose_nothing() -> None:
    """Streamlit merges messages that pile up; the last mask holds all earlier clicks."""
    session = Session()
    for segment in (0, 1, 2, 1):
        session.browser.press(segment)
    session.browser.sent = deque([session.browser.sent[-1]])
    assert session.settle() == "1010000"


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"mask": None},
        {"mask": "0000001"},
        {"mask": {"owner": "mine"}},
        {"mask": {"owner": "mine", "segments": "001"}},
        {"mask": {"owner": "mine", "segments": "000000x"}},
        {"mask": {"owner": "mine", "segments": 1}},
        {"mask": {"owner": "a session that is gone", "segments": "0000001"}},
    ],
)
def test_what_the_browser_should_not_send_changes_nothing(state: dict[str, object]) -> None:
    display = Display("1111110", mask="1000000", owner="mine")
    assert display.heard(state) == display


@pytest.mark.parametrize("pattern", ["", "111", "11111110", "111111x", "１１１１１１０"])
def test_an_invalid_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(InvalidInput, match="Expected seven characters, each 0 or 1"):
        Display(BLANK).showing(pattern)


def app() -> None:
    import streamlit as st

    from core.segments.patterns import DIGIT_PATTERNS
    from ui.components.segment_display import flip, pattern, segment_display, set_pattern

    def damage() -> None:
        set_pattern("display", flip(pattern("display"), "0000001"))

    def lesson() -> None:
        digits = {str(digit): shape for digit, shape in enumerate(DIGIT_PATTERNS)}
        st.text(pattern("display", "1111110"))
        st.text(segment_display(key="display", digits=digits, default="1111110"))
        st.button("Damage", on_click=damage)

    def elsewhere() -> None:
        st.text(pattern("display"))

    lesson() if st.checkbox("Lesson", value=True) else elsewhere()


def component_data(at: AppTest) -> dict[str, object]:
    data: dict[str, object] = json.loads(at.get("bidi_component")[0].proto.json)
    return data


def send(at: AppTest, mask: str) -> None:
    """Puts in what the browser would send after clicks whose flips add up to a mask."""
    message = {"owner": component_data(at)["owner"], "segments": mask}
    at.session_state["display"] = {"mask": message}
    at.run()


@pytest.fixture
def at() -> AppTest:
    at = app_from_function(app).run()
    assert not at.exception
    return at


def texts(at: AppTest) -> list[str]:
    assert not at.exception
    return [element.value for element in at.text]


def test_mounting_sends_the_pattern_and_the_keypad(at: AppTest) -> None:
    data = component_data(at)
    assert (data["base"], data["mask"]) == ("1111110", BLANK)
    assert data["digits"] == [[str(digit), shape] for digit, shape in enumerate(DIGIT_PATTERNS)]
    assert texts(at) == ["1111110", "1111110"]


def test_a_click_is_known_above_and_below_the_display(at: AppTest) -> None:
    send(at, "1000000")
    assert texts(at) == ["0111110", "0111110"]
    assert component_data(at)["base"] == "1111110"


def test_python_changes_the_base_only(at: AppTest) -> None:
    send(at, "1000000")
    at.button[0].click().run()
    assert texts(at) == ["0111111", "0111111"]
    data = component_data(at)
    assert (data["base"], data["mask"]) == ("1111111", "1000000")
    send(at, "1000010")
    assert texts(at) == ["0111101", "0111101"]


def test_the_pattern_outlives_the_component(at: AppTest) -> None:
    send(at, "1000000")
    at.checkbox[0].uncheck().run()
    assert texts(at) == ["0111110"]
    at.run()
    at.checkbox[0].check().run()
    assert texts(at) == ["0111110", "0111110"]
    assert component_data(at)["mask"] == "1000000"


def test_the_mask_of_another_session_is_ignored(at: AppTest) -> None:
    at.session_state["display"] = {"mask": {"owner": "gone", "segments": ALL}}
    at.run()
    assert texts(at) == ["1111110", "1111110"]


def test_a_message_stays_out_of_streamlits_cache(at: AppTest) -> None:
    """From 10,000 bytes on Streamlit caches it, and a burst of clicks can end the connection."""
    send(at, "1000000")
    assert at.get("bidi_component")[0].proto.ByteSize() < 9_500
