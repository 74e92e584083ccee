"""Choices that the browser remembers in a cookie, for every later visit and every tab."""

from __future__ import annotations

import streamlit as st

from ui.session.state import Key

_mount = st.components.v2.component(
    "digit_lab_remembered",
    js="""
export default function ({ data }) {
  if (!data.value) return;
  const secure = window.location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${data.cookie}=${data.value}; path=/; max-age=63072000; SameSite=Lax${secure}`;
}
""",
)


class Remembered:
    """A yes or no that the person chose once; None until then.

    Args:
        name: of the cookie, unique in the app.
    """

    def __init__(self, name: str) -> None:
        self._cookie = f"digit_lab_{name}"
        self._chosen: Key[bool | None] = Key(f"remembered_{name}", self._read)

    def _read(self) -> bool | None:
        return {"yes": True, "no": False}.get(st.context.cookies.get(self._cookie, ""))

    def get(self) -> bool | None:
        """Returns what the person chose, in this session or an earlier one."""
        return self._chosen.get()

    def set(self, value: bool) -> None:
        """Takes a choice; the browser keeps it once `keep` is called."""
        self._chosen.set(value)

    def keep(self) -> None:
        """Has the browser keep the choice, if there is one. Called once in every run of a page."""
        words = {True: "yes", False: "no", None: ""}[self.get()]
        _mount(key=self._cookie, data={"cookie": self._cookie, "value": words}, height=0)
