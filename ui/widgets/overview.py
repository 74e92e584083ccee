"""The top of the start page: what Digit Lab is, and what can be done here."""

from __future__ import annotations

import streamlit as st

from ui.wording.next_steps import OVERVIEW

# On a narrow screen the sentences stand in one row that is moved sideways.
_STYLE = """
<style>
.st-key-overview { flex-wrap: nowrap; overflow-x: auto; gap: 0.5rem; padding: 2px;
  scrollbar-width: thin; }
.st-key-overview > * { flex: 1 0 10.5rem; }
.st-key-overview [data-testid=stPageLink-NavLink] { box-sizing: border-box; margin: 0;
  min-height: 3.75rem; align-items: flex-start;
  border: 1px solid var(--lab-line); border-radius: 0.6rem; }
.st-key-overview [data-testid=stPageLink-NavLink] * { white-space: normal; }
</style>
"""


def show_overview() -> None:
    """Shows the name and one sentence for each thing to do, which leads to its page."""
    st.title("Digit Lab", anchor=False)
    st.markdown("See how neural networks read digits, by doing. Start with the display below, or:")
    st.html(_STYLE)
    with st.container(horizontal=True, key="overview"):
        for page, icon, words in OVERVIEW:
            st.page_link(page, label=words, icon=icon)
