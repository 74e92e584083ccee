"""The visitor's anonymous id, which the browser keeps in a cookie.

It says nothing about the person; it only lets them find their runs again. Whoever has it controls
those runs, so it is never shown and never part of a link.
"""

from __future__ import annotations

import re
import secrets
from datetime import datetime
from zoneinfo import ZoneInfo

import streamlit as st

from ui.session.state import Key, component_state

COOKIE = "digit_lab_visitor"
_ID = re.compile(r"[0-9a-f]{32}")
_VISITOR: Key[str] = Key("visitor", lambda: secrets.token_hex(16))
_COMPONENT = "visitor_cookie"

# An existing cookie stays: another tab was quicker, and this one takes its id.
_mount = st.components.v2.component(
    "digit_lab_visitor",
    js="""
export default function ({ data, setStateValue }) {
  const found = document.cookie.split("; ").find((part) => part.startsWith(`${data.cookie}=`));
  const known = found ? found.slice(data.cookie.length + 1) : "";
  if (/^[0-9a-f]{32}$/.test(known)) {
    if (known !== data.visitor) setStateValue("visitor", known);
    return;
  }
  const secure = window.location.protocol === "https:" ? "; Secure" : "";
  document.cookie =
    `${data.cookie}=${data.visitor}; path=/; max-age=63072000; SameSite=Lax${secure}`;
}
""",
)


def local_time(moment: datetime) -> datetime:
    """Returns a time as the visitor's clock shows it; as it is where the browser tells no zone."""
    try:
        return moment.astimezone(ZoneInfo(st.context.timezone or ""))
    except (KeyError, ValueError, OSError):  # no zone, or none that is known here
        return moment


def person() -> str:
    """Returns whose session this is: the visitor's id, as far as it is known."""
    cookie = st.context.cookies.get(COOKIE, "")
    reported = component_state(_COMPONENT).get("visitor")
    for known in (reported, cookie):
        if isinstance(known, str) and _ID.fullmatch(known):
            _VISITOR.set(known)
            break
    return _VISITOR.get()


def visitor() -> str:
    """Returns the visitor's id and makes the browser keep it."""
    found = person()
    _mount(
        key=_COMPONENT,
        data={"cookie": COOKIE, "visitor": found},
        height=0,
        on_visitor_change=lambda: None,
    )
    return found


_forget = st.components.v2.component(
    "digit_lab_forget",
    js="""
export default function ({ data }) {
  document.cookie = `${data.cookie}=; path=/; max-age=0; SameSite=Lax`;
  for (const storage of ["sessionStorage", "localStorage"]) {
    try {
      for (const key of Object.keys(window[storage])) {
        if (key.startsWith("digit-lab.")) window[storage].removeItem(key);
      }
    } catch {}
  }
  window.location.assign(new URL(".", window.location.href).pathname);
}
""",
)


def forget_visitor() -> None:
    """Makes the browser forget who its user is and what they drew, and load the start page anew."""
    _forget(key="digit_lab_forget", data={"cookie": COOKIE}, height=0)
