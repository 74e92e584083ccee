"""Renaming and deleting saved models, with a confirmation before anything is lost."""

from __future__ import annotations

import streamlit as st

from core.errors import DigitLabError
from core.models.saved_model import BUNDLED, NAME_RULE, SavedModel, UnusableModel
from ui.services import saved_models
from ui.session.settings import Setting
from ui.session.state import Key

_PROBLEMS: Key[dict[str, str]] = Key("model_change_problems", dict)  # by the model's name
_DONE: Key[str] = Key("model_change_done", str)
EVERYBODY = (
    "All visitors share the saved models: everybody who can open these pages sees them, and can"
    " rename and delete those that do not come with Digit Lab."
)


def show_outcome() -> None:
    """Confirms the last change once, visible wherever the person has scrolled to."""
    if _DONE.get():
        st.success(_DONE.get(), icon=":material/check:")
        st.toast(_DONE.get(), icon=":material/check:")
    _DONE.set("")


def _show_problem(name: str) -> None:
    """Says once, beside its form, why the last change of a model failed."""
    if problem := _PROBLEMS.get().pop(name, ""):
        st.error(problem, icon=":material/error:")


def offer_changes(model: SavedModel, setting: Setting[str]) -> None:
    """Offers to rename and delete a model, or says why that is impossible.

    Args:
        model: the model.
        setting: holds the chosen model, and follows a new name.
    """
    if model.is_bundled:
        st.caption(
            ":material/lock: This model comes with Digit Lab. Lessons, links and tests rely on it,"
            " so it cannot be renamed or deleted."
        )
        return
    if ensembles := saved_models.store().ensembles_with(model.name):
        st.info(
            f"It votes in {', '.join(ensembles)}. An ensemble finds its members by their names, so"
            f" you cannot rename or delete this model. Delete the"
            f" {'ensembles' if len(ensembles) > 1 else 'ensemble'} first.",
            icon=":material/groups:",
        )
        return
    # The key keeps it open when a sentence appears above it.
    with st.expander("Rename or delete", icon=":material/edit:", key="model_changes"):
        _show_problem(model.name)
        new_name: Key[str] = Key(f"rename_{model.name}", str)
        with st.form(f"rename_form_{model.name}", border=False):
            left, right = st.columns([2, 1], vertical_alignment="bottom")
            new_name.get()
            left.text_input("New name", max_chars=60, help=f"{NAME_RULE}.", key=new_name.name)
            right.form_submit_button(
                "Rename", width="stretch", on_click=_rename, args=(model.name, new_name, setting)
            )
        _offer_deleting(model.name)


def offer_deleting_unusable(folder: UnusableModel) -> None:
    """Shows a folder without a usable model and the reason, and offers to delete it."""
    with st.container(border=True):
        # Names and reasons come from outside: shown as plain text, never as Markdown.
        st.text(f"{folder.name}: {folder.reason}")
        if folder.name in BUNDLED:
            st.caption(
                ":material/lock: It comes with Digit Lab. Put its folder back as it was in the"
                " project to repair it."
            )
        else:
            _show_problem(folder.name)
            _offer_deleting(folder.name)


def _offer_deleting(name: str) -> None:
    typed: Key[str] = Key(f"delete_{name}", str)
    with st.form(f"delete_form_{name}", border=False):
        left, right = st.columns([2, 1], vertical_alignment="bottom")
        typed.get()
        left.text_input(
            "To delete it, type its name",
            key=typed.name,
            help="You cannot undo this. The command on its card makes the same network again.",
        )
        right.form_submit_button(
            "Delete for good",
            icon=":material/delete:",
            width="stretch",
            on_click=_delete,
            args=(name, typed),
        )


def _rename(name: str, new_name: Key[str], setting: Setting[str]) -> None:
    wanted = new_name.get().strip()
    try:
        saved_models.store().rename(name, wanted)
    except DigitLabError as error:
        _PROBLEMS.get()[name] = str(error)
        return
    setting.set(wanted)
    _DONE.set(f"“{name}” is now called “{wanted}”.")


def _delete(name: str, typed: Key[str]) -> None:
    if typed.get().strip() != name:
        _PROBLEMS.get()[name] = "Nothing was deleted: you typed a different name."
        return
    try:
        saved_models.store().delete(name)
    except DigitLabError as error:
        _PROBLEMS.get()[name] = str(error)
        return
    _DONE.set(f"“{name}” is deleted.")
