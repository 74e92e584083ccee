"""The switch for slow motion: a run that waits between epochs can be watched."""

from __future__ import annotations

from dataclasses import dataclass

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


@dataclass(frozen=True)
class _Situation:
    """What the switch is about: a run under way, or one that may start."""

    place: str = ""
    number: int = 0
    begin: bool = False


_SITUATION: Key[_Situation] = Key("slow_motion_situation", _Situation)


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
    # A new widget for each new situation, with the default that the situation began with. No
    # widget's value is ever changed from here: a browser that draws it late would report the old
    # one, and that would look like a person's choice.
    place = f"{info.id if info else ''} {recipe.slow_motion} {PAGE_VISIT.get()}"
    if _SITUATION.get().place != place:
        _SITUATION.set(_Situation(place, _SITUATION.get().number + 1, now))
    begin = _SITUATION.get().begin
    switch: Key[bool] = Key(f"slow_motion_{_SITUATION.get().number}", lambda: begin)

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
