"""A search that was just begun comes into view: on a phone its form is screens away from it."""

from __future__ import annotations

import streamlit as st

from ui.session.state import Key

PLACE = "search_in_view"
_TURN: Key[int] = Key("search_turn", int)  # grows when a person begins a search
_mount = st.components.v2.component(
    "digit_lab_show_search",
    js=f"""
export default function ({{ data }}) {{
  const seen = window.digitLabSearch ?? 0;
  window.digitLabSearch = data.turn;
  if (!data.turn || data.turn === seen) return;
  document.querySelector(".st-key-{PLACE}")?.scrollIntoView({{ block: "start" }});
}}
""",
)


def ask_for_top() -> None:
    """Has the search come into view with the page's next run."""
    _TURN.set(_TURN.get() + 1)


def show_top() -> None:
    """Brings the search into view, if that was asked for and has not been done."""
    _mount(key="search_top", data={"turn": _TURN.get()}, height=0)
