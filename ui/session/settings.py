"""Settings: what a person can set on a page, kept while they visit others and put into the URL.

A setting is one object with a default, a widget key and a URL parameter. A page names its settings
once: `restore` takes what the URL says when the page is entered, `share` writes it back.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import streamlit as st

from core.noise.base import LEVEL_STEP, MAX_LEVEL
from ui.session.address_bar import show_in_address_bar
from ui.session.state import ENTERED_PAGE, PAGE_VISIT, Key
from ui.wording.phrases import plain

T = TypeVar("T")

# What the person was told on this visit of a page, and the address that the page had last.
_NOTES: Key[list[str]] = Key("notes", list)
_ADDRESS: Key[dict[str, str]] = Key("shared_address", dict)
# Whether there is a note since then: what changes with it was set right, not set by the person.
_JUST_NOTED: Key[bool] = Key("just_noted", bool)


@dataclass(frozen=True)
class Setting(Key[T], Generic[T]):
    """Something a person can set. Its name is the key of its widget.

    Args:
        name: the widget's key, unique in the app.
        default_factory: makes the first value.
        parameter: its name in the URL, unique on its page.
        parse: turns the URL's text into a value; raises ValueError with a sentence.
        write: turns a value into the URL's text.
        of: the setting that this one belongs to, such as the task of a model; when that one
            changes, this one goes back to its first value.
    """

    parameter: str = ""
    parse: Callable[[str], T] = str  # type: ignore[assignment]
    write: Callable[[T], str] = str
    of: Setting[Any] | None = None

    @property
    def widget(self) -> dict[str, Any]:
        """What a Streamlit widget is given so that it shows this setting and outlives its page."""
        self.get()
        return {"key": self.name, "persist_state": "session"}


def restore(page: str, settings: Sequence[Setting[Any]]) -> frozenset[str]:
    """Takes the values in the URL, when the person has just come to this page.

    A value that does not fit leaves the setting as it was, and a note says so; an empty one
    stands for the first value. When the page runs again for itself, its notes are shown again.

    Args:
        page: name of the page.
        settings: those of the page, in the order in which they depend on each other.

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
    for setting in settings:
        if setting.parameter not in given:
            continue
        text = given[setting.parameter]
        try:
            value = setting.parse(text) if text else setting.default_factory()
        except ValueError as error:
            note(f"The link's “{setting.parameter}” was not used. {error}")
            continue
        if value != setting.get():
            start_over(setting, settings)
        setting.set(value)
        taken.add(setting.name)
    return frozenset(taken)


def start_over(changed: Setting[Any], settings: Sequence[Setting[Any]]) -> None:
    """Sends the settings that belong to a changed one back to their first values."""
    for setting in settings:
        if setting.of is changed:
            setting.set(setting.default_factory())


def share(settings: Sequence[Setting[Any]]) -> None:
    """Puts the page's settings into the browser's address bar, ready to be copied."""
    share_address({s.parameter: s.write(s.get()) for s in settings})


def share_address(parameters: Mapping[str, str]) -> None:
    """Puts parameters into the browser's address bar; when they change, notes have been read."""
    if _ADDRESS.get() and _ADDRESS.get() != parameters and not _JUST_NOTED.get():
        _NOTES.set([])
    _JUST_NOTED.set(False)
    _ADDRESS.set(dict(parameters))
    show_in_address_bar(parameters)


def note(sentence: str) -> None:
    """Tells the person of something that was set right for them, until they set something else."""
    _NOTES.set([*_NOTES.get(), sentence])
    _JUST_NOTED.set(True)
    _show_note(sentence)


def _show_note(sentence: str) -> None:
    st.warning(plain(sentence), icon=":material/info:")


def choose(setting: Setting[str], label: str, options: Sequence[str], **widget: Any) -> str:
    """Shows a select box for a setting, whose value is first made one of the options.

    Args:
        setting: what is chosen.
        label: what the person reads.
        options: the values that can be chosen, the default first; not empty.
        widget: whatever else `st.selectbox` takes.
    """
    if setting.get() not in options:
        if setting.get():
            note(f"“{setting.get()[:60]}” is not among “{label}”, so the first is shown.")
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
            raise ValueError(f"{text[:40]} does not lie between {_text(low)} and {_text(high)}.")
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


def one_of(values: Sequence[T]) -> Callable[[str], T]:
    """Returns a parser for one of a few values, by the text that stands for each."""
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
    """Reads a noise level, brought to the nearest step of the sliders."""
    level = number(0, MAX_LEVEL)(text)
    return round(round(level / LEVEL_STEP) * LEVEL_STEP, 3)


def write_number(value: float) -> str:
    """Writes a number briefly, and small ones without an exponent."""
    text = f"{value:g}"
    return f"{value:f}".rstrip("0") if "e-" in text else text
