"""The switch for slow motion: a run that waits between epochs can be watched."""

from __future__ import annotations

import streamlit as st

from core.errors import DigitLabError
from core.runs.info import RunInfo
from core.tasks.recipe import Recipe
from core.training.history import History
from core.workers.commands import Signal
from ui.services import server
from ui.session.remembered import Remembered
from ui.session.state import PAGE_VISIT, Key

SLOW_MOTION = Remembered("slow_motion")


def slow_motion_switch(recipe: Recipe, info: RunInfo | None, history: History | None) -> bool:
    """Shows the switch and returns whether a run that starts now waits between epochs.

    It shows the pace of the person's run while one is under way, and else what they chose last;
    before they ever chose, a recipe of short epochs has it on.

    Args:
        recipe: the chosen one.
        info: the person's run on the page, if it is under way.
        history: of that run.
    """
    chosen = SLOW_MOTION.get()
    usual = recipe.slow_motion if chosen is None else chosen
    now = history.slow if info and history else usual
    # One widget for each situation, with the default that the situation began with. No widget's
    # value is ever changed from here: a browser that draws it late would report the old one, and
    # that would look like a person's choice.
    place = f"{info.id if info else recipe.slow_motion}_{PAGE_VISIT.get()}"
    begun: Key[bool] = Key(f"slow_motion_begun_{place}", lambda: now)
    begin = begun.get()
    switch: Key[bool] = Key(f"slow_motion_{place}", lambda: begin)

    def change() -> None:
        SLOW_MOTION.set(switch.get())
        if info is None:
            return
        try:
            kind = Signal("slow" if switch.get() else "fast")
            server.runs().command(info.id, kind, owner=info.owner)
        except DigitLabError as error:
            st.toast(str(error), icon=":material/error:")

    return st.toggle(
        "Slow motion: waits between epochs",
        value=begin,
        key=switch.name,
        on_change=change,
        help="Time to watch the curves grow. The network learns exactly the same.",
        width="stretch",
    )
