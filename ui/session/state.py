"""The session's state. This is the only module that touches `st.session_state`.

Every other module asks for what it keeps by a `Key`: a name, a type and a default, so that no
page meets a missing entry and no name is spelt twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

import streamlit as st

T = TypeVar("T")


@dataclass(frozen=True)
class Key(Generic[T]):
    """One named entry of the session, kept while the person goes from page to page.

    One whose name is also a widget's key lasts only as long as that widget is shown; what is to
    outlive its page is a `ui.session.settings.Setting`.

    Args:
        name: the entry's name, unique in the app.
        default_factory: makes the value of an entry that is not there yet.
    """

    name: str
    default_factory: Callable[[], T]

    def get(self) -> T:
        """Returns the value, made by the default factory and kept if there was none."""
        if self.name not in st.session_state:
            st.session_state[self.name] = self.default_factory()
        return cast(T, st.session_state[self.name])

    def set(self, value: T) -> None:
        """Replaces the value."""
        st.session_state[self.name] = value


def component_state(key: str) -> Mapping[str, object]:
    """Returns what the browser last sent for a component, as far as Streamlit still has it.

    Empty before the component's first message and after its page was left. In a callback this
    is the newest state already.
    """
    state = st.session_state.get(key)
    return state if isinstance(state, Mapping) else {}


# The page that the person came to last, so that its URL is read once and not at every rerun.
ENTERED_PAGE: Key[str] = Key("entered_page", str)

# Counts the comings to a page, so that what Streamlit drops on leaving one can be put back once.
PAGE_VISIT: Key[int] = Key("page_visit", int)
