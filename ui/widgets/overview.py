"""The top of the start page: what Digit Lab is, and what can be done here."""

from __future__ import annotations

import streamlit as st

from ui.wording.next_steps import OVERVIEW

_STYLE = """
<style>
.st-key-overview, .st-key-overview_name { gap: 0.25rem 1rem; }
.st-key-overview_name h1 { font-size: 1.75rem; padding: 0; }
.st-key-overview_links { flex-wrap: nowrap; overflow: auto hidden; gap: 0.25rem;
  scrollbar-width: none; }
.st-key-overview_links > * { flex: 1 0 10rem; }
.st-key-overview_links [data-testid=stPageLink-NavLink] { margin: 0; min-height: 2.6rem;
  padding: 0 0.25rem; align-items: center; }
.st-key-overview_links [data-testid=stPageLink-NavLink] * { white-space: normal; }
.st-key-overview_links p { font-size: 0.875rem; line-height: 1.25; }
@media (max-width: 640px) {
  /* The verbs alone: all of them fit in a row. */
  .st-key-overview_links { gap: 0 0.25rem; }
  .st-key-overview_links > * { flex: 1 0 auto; }
  .st-key-overview_links a > span:first-child { display: none; }
  .st-key-overview_links p { font-size: 0; }
  .st-key-overview_links strong { font-size: 0.875rem; }
}
</style>
"""


def show_overview() -> None:
    """Shows the name and one sentence for each thing to do, which leads to its page."""
    with st.container(key="overview"):
        st.html(_STYLE)
        with st.container(horizontal=True, vertical_alignment="bottom", key="overview_name"):
            st.title("Digit Lab", anchor=False, width="content")
            st.markdown("See how neural networks read digits, by doing.", width="content")
        with st.container(horizontal=True, key="overview_links"):
            for page, icon, words in OVERVIEW:
                st.page_link(page, label=words, icon=icon)
