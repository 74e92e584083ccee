"""The teacher's password: a short form at the top of the pages that have commands."""

from __future__ import annotations

import streamlit as st

from core.errors import DigitLabError
from ui.services import server
from ui.session.state import Key
from ui.session.visitor import person
from ui.wording.phrases import plain

# Titles of the pages on which something is trained, saved or deleted.
PAGES = frozenset(
    {
        "Compare models",
        "Compare runs",
        "Data",
        "Draw",
        "Models",
        "Noise",
        "Search",
        "Train",
        "Your handwriting",
        "Your table",
    }
)
_TYPED: Key[str] = Key("teacher_password", str)
_PROBLEM: Key[str] = Key("teacher_password_problem", str)


def show_password(title: str) -> None:
    """Shows the form, or that it is done; nothing where the server has no password.

    Args:
        title: the page's.
    """
    guard = server.password_guard()
    if not guard.required or title not in PAGES:
        return
    who = person()
    if guard.knows(who):
        with st.container(horizontal=True, vertical_alignment="center", key="teacher_unlocked"):
            st.caption(
                ":material/lock_open: The teacher's password was given in this browser: training,"
                " saving and deleting are open here.",
                width="content",
            )
            st.button("Lock again", icon=":material/lock:", on_click=guard.lock, args=(who,))
        return
    with st.container(key="teacher_locked"):
        st.caption(
            ":material/lock: This server is for a class. You can look at everything and try it;"
            " training, saving and deleting need the teacher's password."
        )
        with (
            st.popover("Teacher's password", icon=":material/key:"),
            st.form("teacher_password_form", border=False, enter_to_submit=True),
        ):
            _TYPED.get()
            st.text_input("The teacher's password", type="password", key=_TYPED.name)
            st.form_submit_button("Unlock this browser", on_click=_unlock, args=(who,))
        if _PROBLEM.get():
            st.error(plain(_PROBLEM.get()), icon=":material/error:")


def note_lock() -> None:
    """Says beside a command far down a page that it is closed to this visitor, if it is."""
    if not server.password_guard().knows(person()):
        st.caption(":material/lock: This needs the teacher's password; see the top of the page.")


def _unlock(who: str) -> None:
    _PROBLEM.set("")
    attempt = _TYPED.get()
    _TYPED.set("")
    try:
        server.password_guard().unlock(who, attempt)
    except DigitLabError as error:
        _PROBLEM.set(str(error))
