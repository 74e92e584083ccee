"""The browser's address bar, in step with a page's settings; a new page starts at the top.

`st.query_params` adds an entry to the browser's history at every change: after ten clicks, a person
would have to press "back" ten times. This replaces the address of the current entry.
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
  // Streamlit leaves a new page scrolled as far as the previous one.
  const { digitLabPage: before } = window;
  if (before === undefined) window.addEventListener("pagehide", forgetOpenMenu);
  window.digitLabPage = address.pathname;
  if (before !== undefined && before !== address.pathname) {
    document.querySelector('[data-testid="stMain"]')?.scrollTo(0, 0);
    // On a phone the menu lies over the page, and would stay there.
    if (isNarrow()) {
      document.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click();
    }
  }
}

const isNarrow = () => window.innerWidth <= 768;

// Streamlit remembers that a menu was open; on a phone it would cover the next page.
function forgetOpenMenu() {
  if (!isNarrow()) return;
  try {
    for (const name of Object.keys(localStorage)) {
      if (name.startsWith("stSidebarCollapsed")) localStorage.setItem(name, "true");
    }
  } catch {} // a browser may forbid a page to keep anything
}
""",
)


def show_in_address_bar(parameters: Mapping[str, str]) -> None:
    """Makes these the parameters of the page's URL.

    Args:
        parameters: text by name; they replace all that the URL held before.
    """
    _mount(key="address", data={"parameters": tuple(parameters.items())}, height=0)
