"""Saving a network under a name that the person chooses."""

from __future__ import annotations

import streamlit as st

from core.errors import DigitLabError
from core.models.saved_model import NAME_RULE
from core.training.card import TrainedModel
from ui.services import saved_models
from ui.session.state import Key
from ui.session.visitor import person
from ui.wording.phrases import plain

_SAVED_AS: Key[dict[str, str]] = Key("saved_as", dict)  # names, by the run or job


def offer_saving(model: TrainedModel, made_by: str, *, label: str, name: str, words: str) -> str:
    """Shows a box for the name with a button, saves the network once, and says so.

    Args:
        model: the network.
        made_by: id of the run or job that made it, unique in the app.
        label: of the box.
        name: the box's first content.
        words: on the button.

    Returns:
        The name under which the network is saved; empty until then.
    """
    saved_as = _SAVED_AS.get().get(made_by, "")
    box, button = st.columns([2, 1], vertical_alignment="bottom")
    chosen = box.text_input(
        label, name, max_chars=60, help=f"{NAME_RULE}.", key=f"model_name_{made_by}"
    )
    if button.button(words, type="primary", width="stretch", disabled=bool(saved_as)):
        try:
            saved = saved_models.save(chosen.strip(), model, owner=person())
        except DigitLabError as error:
            st.error(plain(str(error)))
        else:
            _SAVED_AS.get()[made_by] = saved.name
            st.rerun()
    if saved_as:
        st.success(
            f"Saved as “{saved_as}”. Every page can use it now. It is yours: others can use it too,"
            " but only you can rename or delete it.",
            icon=":material/save:",
        )
    return saved_as
