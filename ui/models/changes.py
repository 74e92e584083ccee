"""Renaming and deleting one's own saved models, with a confirmation before anything is lost."""

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
    "Everybody who can open these pages sees and uses all saved models. Only whoever saved a model"
    " can rename or delete it: a cookie in their browser tells who that is."
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


def offer_changes(model: SavedModel, setting: Setting[str], owner: str) -> None:
    """Offers to rename and delete a model, or says why that is impossible.

    Args:
        model: the model.
        setting: holds the chosen model, and follows a new name.
        owner: the visitor.
    """
    if model.is_bundled:
        st.caption(
            ":material/lock: This model comes with Digit Lab. Lessons, links and tests rely on it,"
            " so it cannot be renamed or deleted."
        )
        return
    if not model.belongs_to(owner):
        _say_whose(model, "rename or delete it")
        return
    if ensembles := saved_models.store().ensembles_with(model.name):
        st.info(
            f"It votes in {', '.join(ensembles)}. An ensemble finds its members by their names, so"
            f" you cannot rename or delete this model while the"
            f" {'ensembles are' if len(ensembles) > 1 else 'ensemble is'} there.",
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
                "Rename",
                width="stretch",
                on_click=_rename,
                args=(model.name, new_name, setting, owner),
            )
        _offer_deleting(model.name, owner)


def offer_deleting_unusable(folder: UnusableModel, owner: str) -> None:
    """Shows a folder without a usable model and the reason, and offers the owner to delete it."""
    with st.container(border=True):
        # Names and reasons come from outside: shown as plain text, never as Markdown.
        st.text(f"{folder.name}: {folder.reason}")
        if folder.name in BUNDLED:
            st.caption(
                ":material/lock: It comes with Digit Lab. Put its folder back as it was in the"
                " project to repair it."
            )
        elif folder.belongs_to(owner):
            _show_problem(folder.name)
            _offer_deleting(folder.name, owner)
        else:
            _say_whose(folder, "delete it")


def _say_whose(model: SavedModel | UnusableModel, what: str) -> None:
    """Says who may change a model that is not the visitor's own."""
    if model.owner is not None:
        st.caption(
            f":material/lock: Somebody else saved this model. You can use it, but only they can"
            f" {what}."
        )
        return
    if isinstance(model, SavedModel):
        commands = f"`rename {model.name} NEW-NAME` or `delete {model.name}`"
    else:  # a folder may be called anything
        commands = "`delete NAME`"
    st.caption(
        ":material/lock: This model is nobody's: it was saved from the command line, or before"
        f" models had owners. Everybody can use it; only the command line can {what}, with"
        f" {commands} after `python -m core` on the server's computer."
    )


def _offer_deleting(name: str, owner: str) -> None:
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
            args=(name, typed, owner),
        )


def _rename(name: str, new_name: Key[str], setting: Setting[str], owner: str) -> None:
    wanted = new_name.get().strip()
    try:
        saved_models.rename(name, wanted, owner=owner)
    except DigitLabError as error:
        _PROBLEMS.get()[name] = str(error)
        return
    setting.set(wanted)
    _DONE.set(f"“{name}” is now called “{wanted}”.")


def _delete(name: str, typed: Key[str], owner: str) -> None:
    if typed.get().strip() != name:
        _PROBLEMS.get()[name] = "Nothing was deleted: you typed a different name."
        return
    try:
        saved_models.delete(name, owner=owner)
    except DigitLabError as error:
        _PROBLEMS.get()[name] = str(error)
        return
    _DONE.set(f"“{name}” is deleted.")
