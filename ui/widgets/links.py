"""Links from page to page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from streamlit.navigation.page import Page

START = "pages/seven_segment.py"
START_ADDRESS = "seven_segment"  # app.py registers the start page under it as well


def target(page: str) -> str | Page:
    """Returns what `st.page_link` should lead to.

    Streamlit's link to the start page has an empty address. In a new tab that is the page on which
    the link stands, so the start page is linked to by its other address.

    Args:
        page: path of the page's file.
    """
    if page != START:
        return page
    return st.Page(START, url_path=START_ADDRESS, visibility="hidden")
