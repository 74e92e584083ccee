"""The last digit read on the Draw page, for the pages that look into it."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from core.data import Inputs
from ui.session.state import Key

# What the network saw: float32, shape (28, 28, 1), values in 0..1; None before the first digit.
DRAWN_DIGIT: Key[Inputs | None] = Key("drawn_digit", lambda: None)


def link_inside(parameters: Mapping[str, str]) -> None:
    """Shows a link to the Inside page, with what to look into as its parameters."""
    st.page_link(
        "pages/inside.py",
        label="See what happens inside the network",
        icon=":material/biotech:",
        query_params=dict(parameters),
    )
