"""The browser's address bar, kept in step with what is set on a page; a new page begins on top.

`st.query_params` adds an entry to the browser's history at every change, so that after ten clicks
"back" would have to be pressed ten times. This replaces the address of the current entry.
"""

from collections.abc import Mapping

import streamlit as st

_mount = st.components.v2.component(
    "digit_lab_address",
    js="""
export default function ({ data }) {
  const address = new URL(window.location.href);
  address.search = new URLSearchParams(data.parameters).toString();
  if (address.href !== window.location.href) {
    window.history.replaceState(window.history.state, "", address);
  }
  // Streamlit leaves a new page scrolled as far as the one before it was.
  const { digitLabPage: before } = window;
  window.digitLabPage = address.pathname;
  if (before !== undefined && before !== address.pathname) {
    document.querySelector('[data-testid="stMain"]')?.scrollTo(0, 0);
  }
}
""",
)


def show_in_address_bar(parameters: Mapping[str, str]) -> None:
    """Makes these the parameters of the page's URL.

    Args:
        parameters: text by name; what the URL held before is dropped.
    """
    _mount(key="address", data={"parameters": tuple(parameters.items())}, height=0)
