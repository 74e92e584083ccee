"""The damage box: a fault, its level, damage that always shows, and the way back."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from html import escape

import streamlit as st

from core.noise.base import Noise
from core.segments.channels import channel
from core.segments.damage import Damage, damage, reach
from core.tasks.base import Task
from ui.session.settings import Setting
from ui.session.state import Key
from ui.seven_segment.layout import DAMAGE, REPORT
from ui.widgets.noise_picker import choose_noise, level_slider, show_noise_details
from ui.wording.damage import damage_in_words, why_no_change

_HINT = "Click a segment, or let chance break one: “Damage it”, below."
_HELP = (
    "Damage always shows: the fault is drawn at random, again and again, until the pattern changes."
    " That is the fault's own distribution, given that something changed (a *conditional"
    " distribution*)."
)


@dataclass(frozen=True)
class Refusal:
    """Damage that was asked for and cannot be.

    Args:
        pattern: the one that the fault can never change.
        noise: the fault's name.
        level: its level.
    """

    pattern: str
    noise: str
    level: float


_DONE: Key[Damage | None] = Key("damage_done", lambda: None)
_REFUSED: Key[Refusal | None] = Key("damage_refused", lambda: None)


def show_damage_box(
    pattern: Setting[str],
    noise: Setting[str],
    level: Setting[float],
    task: Task,
    *,
    buttons: bool = True,
) -> None:
    """Shows the choice of the fault and its level.

    Args:
        pattern: the one that is damaged.
        noise: the fault's name.
        level: its level.
        task: whose faults they are.
        buttons: whether it can damage the pattern and bring it back. Defaults to True.
    """
    with st.container(border=True, key=DAMAGE, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            chosen = choose_noise(noise, task, level, label="Fault")
            if buttons:
                st.button(
                    "Damage it",
                    on_click=_damage,
                    args=(pattern, noise, level, task),
                    type="primary",
                )
                st.button(
                    "Restore",
                    on_click=_restore,
                    args=(pattern,),
                    disabled=_DONE.get() is None,
                )
        level_slider(chosen, level, label="Fault level")
        show_noise_details(noise, chosen)
        st.caption(chosen.description, help=_HELP if buttons else None)


def show_report(shown: str, noise: Noise, level: float) -> None:
    """Says what the last damage did, as long as its result is on the display.

    Args:
        shown: the pattern on the display.
        noise: the fault chosen now.
        level: its level.
    """
    done = _DONE.get()
    words = _HINT
    if _REFUSED.get() == Refusal(shown, noise.name, level):
        words = why_no_change(reach(channel(noise.name), level), shown, level)
    elif done is not None and done.after == shown:
        words = damage_in_words(done)
    st.html(f'<div class="{REPORT}" role="status">{escape(words)}</div>')


def _damage(pattern: Setting[str], noise: Setting[str], level: Setting[float], task: Task) -> None:
    chosen = task.noise(noise.get())
    amount = chosen.nearest_level(level.get())
    shown = pattern.get()
    found = damage(channel(chosen.name), shown, level=amount, random_state=secrets.randbits(31))
    if found is None:
        _REFUSED.set(Refusal(shown, chosen.name, amount))
        return
    _REFUSED.set(None)
    before = _DONE.get()
    if before is not None and before.after == shown:  # damaged again: the way back is all the way
        found = replace(found, before=before.before)
    _DONE.set(found)
    pattern.set(found.after)


def _restore(pattern: Setting[str]) -> None:
    done = _DONE.get()
    if done is not None:
        pattern.set(done.before)
        _DONE.set(None)
