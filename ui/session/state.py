"""The session's state. This is the only module that touches `st.session_state`.

Every other module reaches its entries through a `Key`: a name, a type and a default. No page meets
a missing entry, and no name is spelt twice.
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

    An entry named like a widget's key lasts only while that widget is shown. Use a
    `ui.session.settings.Setting` for one that must survive its page.

    Args:
        name: the entry's name, unique in the app.
        default_factory: makes the value of a new entry.
    """

    name: str
    default_factory: Callable[[], T]

    def get(self) -> T:
        """Returns the value; the default factory makes a missing one, which is kept."""
        if self.name not in st.session_state:
            st.session_state[self.name] = self.default_factory()
        return cast(T, st.session_state[self.name])

    def set(self, value: T) -> None:
        """Replaces the value."""
        st.session_state[self.name] = value


def component_state(key: str) -> Mapping[str, object]:
    """Returns what the browser last sent for a component, if Streamlit still has it.

    It is empty before the component's first message and after the person left its page. In a
    callback it is already the newest state.
    """
    state = st.session_state.get(key)
    return state if isinstance(state, Mapping) else {}


# The page that the person entered last. Its URL is read once, not at every rerun.
ENTERED_PAGE: Key[str] = Key("entered_page", str)

# Counts the visits to pages. On each visit, a page restores once what Streamlit dropped.
PAGE_VISIT: Key[int] = Key("page_visit", int)
