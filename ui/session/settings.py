"""Settings: what a person can set on a page, kept on other pages and written into the URL.

A setting is one object with a default, a widget key and a URL parameter. A page lists its settings
once: `restore` reads them from the URL when the person enters the page, `share` writes them back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import streamlit as st

from core.errors import InvalidInput
from core.noise.base import LEVEL_STEP, MAX_LEVEL
from core.text import listed
from ui.session.address_bar import show_in_address_bar
from ui.session.state import ENTERED_PAGE, PAGE_VISIT, Key
from ui.wording.phrases import plain

T = TypeVar("T")

# The notes shown on this visit to a page, and the page's last address.
_NOTES: Key[list[str]] = Key("notes", list)
_ADDRESS: Key[dict[str, str]] = Key("shared_address", dict)
# Whether a note was added since then. A change that comes with it is a correction, not a choice.
_JUST_NOTED: Key[bool] = Key("just_noted", bool)


@dataclass(frozen=True)
class Setting(Key[T], Generic[T]):
    """Something a person can set. Its name is the key of its widget.

    Args:
        name: the widget's key, unique in the app.
        default_factory: makes the first value.
        parameter: its name in the URL, unique on its page.
        parse: turns the URL's text into a value; raises ValueError with a message.
        write: turns a value into the URL's text.
        of: the setting that this one depends on, as a model depends on its task; when that one
            changes, this one goes back to its first value.
    """

    parameter: str = ""
    parse: Callable[[str], T] = str  # type: ignore[assignment]
    write: Callable[[T], str] = str
    of: Setting[Any] | None = None

    @property
    def widget(self) -> dict[str, Any]:
        """What makes a Streamlit widget show this setting and keep it on other pages.

        Streamlit sends a value that was set with a plain key in one run only. A browser whose code
        for the widget loads late may draw a later run alone, and would show an empty widget. A
        value that persists is sent again until the browser has reported the widget.
        """
        self.get()
        return {"key": self.name, "persist_state": "session"}


def restore(page: str, settings: Sequence[Setting[Any]]) -> frozenset[str]:
    """Reads the values in the URL when the person has just entered this page.

    A value that does not fit leaves the setting unchanged, and a note says so; an empty one stands
    for the first value. When the page reruns, it shows its notes again.

    Args:
        page: the page's name.
        settings: the page's settings, each after those that it depends on.

    Returns:
        The names of the settings that the URL gave.
    """
    if ENTERED_PAGE.get() == page:
        for sentence in _NOTES.get():
            _show_note(sentence)
        return frozenset()
    _NOTES.set([])
    _ADDRESS.set({})
    ENTERED_PAGE.set(page)
    PAGE_VISIT.set(PAGE_VISIT.get() + 1)
    given = st.query_params.to_dict()
    taken = set()
    wrong: dict[str, str] = {}
    for setting in settings:
        if setting.parameter not in given:
            continue
        text = given[setting.parameter]
        try:
            value = setting.parse(text) if text else setting.default_factory()
        except (ValueError, InvalidInput) as error:
            wrong[setting.parameter] = str(error)
            continue
        if value != setting.get():
            start_over(setting, settings)
        setting.set(value)
        taken.add(setting.name)
    if len(wrong) > 1:  # one box, so that the page stays in sight
        note(
            f"Of the link, {listed([f'“{name}”' for name in wrong])} were not used: their values"
            " do not fit."
        )
    for name, why in wrong.items() if len(wrong) == 1 else ():
        note(f"The link's “{name}” was not used. {why}")
    return frozenset(taken)


def shared_parameters() -> dict[str, str]:
    """Returns the parameters of the page's address, as `share` last wrote them."""
    return dict(_ADDRESS.get())


def start_over(changed: Setting[Any], settings: Sequence[Setting[Any]]) -> None:
    """Sets the settings that depend on a changed one back to their first values."""
    for setting in settings:
        if setting.of is changed:
            setting.set(setting.default_factory())


def share(settings: Sequence[Setting[Any]]) -> None:
    """Puts the page's settings into the browser's address bar, ready to copy."""
    share_address({s.parameter: s.write(s.get()) for s in settings})


def share_address(parameters: Mapping[str, str]) -> None:
    """Puts parameters into the browser's address bar; a change of them removes old notes."""
    if _ADDRESS.get() and _ADDRESS.get() != parameters and not _JUST_NOTED.get():
        _NOTES.set([])
    _JUST_NOTED.set(False)
    _ADDRESS.set(dict(parameters))
    show_in_address_bar(parameters)


def note(sentence: str) -> None:
    """Tells the person about something corrected for them, until they change a setting."""
    _NOTES.set([*_NOTES.get(), sentence])
    _JUST_NOTED.set(True)
    _show_note(sentence)


def _show_note(sentence: str) -> None:
    st.warning(plain(sentence), icon=":material/info:")


def choose(setting: Setting[str], label: str, options: Sequence[str], **widget: Any) -> str:
    """Shows a select box for a setting; a value that is not an option becomes the first one.

    Args:
        setting: what is chosen.
        label: of the box.
        options: the values to choose from, the default first; not empty.
        widget: anything else that `st.selectbox` takes.
    """
    if setting.get() not in options:
        if setting.get():
            wrong = setting.get()[:60]
            note(f"“{wrong}” is not a choice for “{label}”, so the first one is shown.")
        setting.set(options[0])
    return str(st.selectbox(label, options, **setting.widget, **widget))


def number(low: float, high: float) -> Callable[[str], float]:
    """Returns a parser for numbers from `low` to `high`."""

    def parse(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            raise ValueError(f"“{text[:40]}” is not a number.") from None
        if not low <= value <= high:
            raise ValueError(f"{text[:40]} is not between {_text(low)} and {_text(high)}.")
        return value

    return parse


def whole_number(low: float, high: float) -> Callable[[str], int]:
    """Returns a parser for whole numbers from `low` to `high`."""
    in_range = number(low, high)

    def parse(text: str) -> int:
        value = in_range(text)
        if value != int(value):
            raise ValueError(f"{value:g} is not a whole number.")
        return int(value)

    return parse


def switch(name: str, parameter: str, *, on: bool = False) -> Setting[bool]:
    """Returns a setting that is on or off, 1 or 0 in the URL.

    Args:
        name: the widget's key, unique in the app.
        parameter: its name in the URL, unique on its page.
        on: whether it is on at first. Defaults to False.
    """
    parse = whole_number(0, 1)
    return Setting(
        name, lambda: on, parameter, lambda text: bool(parse(text)), lambda value: str(int(value))
    )


def one_of(values: Sequence[T]) -> Callable[[str], T]:
    """Returns a parser for one of a few values, each given by its text."""
    by_text = {_text(value): value for value in values}

    def parse(text: str) -> T:
        try:
            return by_text[text]
        except KeyError:
            raise ValueError(f"“{text[:40]}” is not one of {', '.join(by_text)}.") from None

    return parse


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) and abs(value) < 1e5 else str(value)


def parse_level(text: str) -> float:
    """Reads a noise level and rounds it to the nearest step of the sliders."""
    level = number(0, MAX_LEVEL)(text)
    return round(round(level / LEVEL_STEP) * LEVEL_STEP, 3)


def write_number(value: float) -> str:
    """Writes a number in short form; small ones have no exponent."""
    text = f"{value:g}"
    return f"{value:f}".rstrip("0") if "e-" in text else text
