"""The choice of a noise, with the details of some kinds: a group, a segment or a table."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.errors import InvalidInput
from core.noise.base import Noise
from core.segments.channels import own, stuck, together
from core.segments.patterns import SEGMENTS
from core.tasks.base import Task
from ui.components.number_table import Rows, number_table
from ui.session.settings import Setting, choose, note
from ui.session.state import Key

FIRST_LEVEL = 0.15
_DIRECTIONS = ("goes dark", "lights up")


def noise_of(task: Task) -> Callable[[str], str]:
    """Returns a parser for the names of a task's noises."""

    def parse(text: str) -> str:
        try:
            return task.noise(text).name
        except InvalidInput:
            raise ValueError(f"There is no noise “{text[:40]}” here.") from None

    return parse


def choose_noise(
    setting: Setting[str], task: Task, level: Setting[float], *, label: str = "Noise"
) -> Noise:
    """Shows the task's noises and returns the chosen one.

    Args:
        setting: its name, which spells out a group, a segment or a table where it has one.
        task: the task.
        level: the setting of the slider, which moves to the nearest level that the noise has.
        label: of the picker. Defaults to "Noise".
    """
    names = noise_names(setting.get(), task)
    known = _known(setting)
    known.set(setting.get() if setting.get() in names else names[0])

    def take_level() -> None:
        try:
            noise = task.noise(setting.get())
        except InvalidInput:
            noise = None
        if noise is None or _kind(noise.name) == _kind(known.get()):
            setting.set(known.get())  # no choice, only a title that is out of date
            return
        known.set(noise.name)
        if _kind(noise.name) == "own":
            level.set(noise.levels[-1])  # the table unchanged
        elif level.get() > max(FIRST_LEVEL, noise.levels[-2]):
            level.set(FIRST_LEVEL)

    chosen = choose(
        setting,
        label,
        names,
        format_func=lambda name: task.noise(name).title,
        on_change=take_level,
    )
    noise = task.noise(chosen)
    nearest = noise.nearest_level(level.get())
    if nearest != level.get():  # a value set anew would undo a step that is on its way
        if level.get() > noise.levels[-1]:
            note(f"“{noise.title}” goes up to {noise.level_text(noise.levels[-1])} only.")
        level.set(nearest)
    return noise


def _known(setting: Setting[str]) -> Key[str]:
    """The noise as the server knows it, whatever title the browser still shows for it.

    A press on its details changes the noise and with it the title among the choices. Until a
    browser has drawn that, it reports the old title whenever it reports anything, as another press
    or when a job's progress is due. Streamlit takes this for a choice: of the noise before, or of
    one that does not exist.
    """
    return Key(f"{setting.name}_known", str)


def _take(setting: Setting[str], noise: Noise) -> None:
    setting.set(noise.name)
    _known(setting).set(noise.name)


def level_slider(noise: Noise, level: Setting[float], *, label: str = "Noise level") -> float:
    """Shows a slider for a noise's levels and returns the chosen one."""
    return float(
        st.select_slider(
            f"{label}: {noise.level_label}",
            noise.levels,
            format_func=noise.level_text,
            **level.widget,
        )
    )


def noise_names(present: str, task: Task) -> list[str]:
    """Returns the names of a task's ready-made noises.

    Args:
        present: the name of the noise chosen now. If it spells out a group, a segment or a table,
            it replaces the ready-made one of its kind.
        task: the task.
    """
    names = [noise.name for noise in task.noises]
    try:
        present = task.noise(present).name
    except InvalidInput:
        return names
    return [present if _kind(name) == _kind(present) else name for name in names]


def _kind(name: str) -> str:
    return name.partition(":")[0]


def show_noise_details(setting: Setting[str], noise: Noise) -> None:
    """Shows the details that the person can choose for a noise, if it has any."""
    details = noise.name.partition(":")[2]
    match _kind(noise.name):
        case "together":
            _choose_group(setting, details)
        case "stuck":
            _choose_stuck(setting, details)
        case "own":
            _edit_table(setting, details)


def _choose_group(setting: Setting[str], group: str) -> None:
    chosen: Setting[list[str]] = Setting(f"{setting.name}_group", list)
    # Only where they differ: a value set anew would undo a press that is on its way.
    if "".join(sorted(chosen.get())) != group:
        chosen.set(list(group))

    def take() -> None:
        if chosen.get():
            _take(setting, together("".join(chosen.get())))

    st.pills(
        "Segments on the same wire",
        list(SEGMENTS),
        selection_mode="multi",
        on_change=take,
        **chosen.widget,
    )


def _choose_stuck(setting: Setting[str], details: str) -> None:
    segment: Setting[str | None] = Setting(f"{setting.name}_segment", lambda: None)
    state: Setting[str | None] = Setting(f"{setting.name}_state", lambda: None)
    shown, _, lit = details.partition("-")
    for part, value in ((segment, shown), (state, lit)):
        if part.get() != value:
            part.set(value)

    def take() -> None:
        chosen = segment.get() or shown
        _take(setting, stuck(chosen, on=(state.get() or lit) == "on"))

    left, right = st.columns([3, 2])
    left.segmented_control("Segment", list(SEGMENTS), on_change=take, **segment.widget)
    right.segmented_control("is stuck", ["on", "off"], on_change=take, **state.widget)


def _edit_table(setting: Setting[str], details: str) -> None:
    """Shows the person's own probabilities as a table that can be edited."""

    def take(rows: Rows) -> None:
        _take(setting, own(*rows))

    number_table(
        f"{setting.name}_own",
        tuple(tuple(map(int, half.split(","))) for half in details.split("/")),
        rows=_DIRECTIONS,
        columns=SEGMENTS,
        heading="A segment …, %",
        high=100,
        take=take,
    )
    st.caption(
        "Percentages: how often each segment goes dark when it should be lit, and lights up when it"
        " should be dark."
    )
