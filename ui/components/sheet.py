"""A sheet to draw on, with Undo, Clear and a brush; in the browser it answers at once.

The browser owns the strokes. It keeps them over a reload, and sends all of them again and again
until Python shows that it has them, so a slow server or a lost connection costs no stroke. Python
only reads them, and draws them as the browser does.

A sheet can also collect: it says which class to draw next, and "Keep it, next" lays out an empty
sheet at once. The browser keeps each drawing until Python says that it was taken.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.imaging.strokes import Stroke, draw, strokes_from
from ui.components.source import source
from ui.session.state import Key, component_state

MAX_KEPT = 500  # drawings in one message

_mount = st.components.v2.component(
    "digit_lab_sheet",
    js=source("delivery.js", "sheet.js"),
    css=source("buttons.css", "push_buttons.css", "sheet.css"),
)


@dataclass(frozen=True)
class Sheet:
    """A kind of paper to draw on; each has its own drawing.

    Args:
        name: part of keys, unique in the app.
        width: in pixels; smaller on a narrow screen, but the drawing has this size.
        height: in pixels.
        label: what a screen reader says it is.
    """

    name: str
    width: int
    height: int
    label: str


SQUARE = Sheet("square", 320, 320, "Sheet for one digit")
WIDE = Sheet("wide", 640, 240, "Sheet for a number")
COLLECTING = Sheet("collecting", 320, 320, "Sheet for samples of your handwriting")


@dataclass(frozen=True)
class Kept:
    """A finished drawing that the person kept under a class.

    Args:
        id: its number in the browser's tab.
        label: of the class.
        strokes: at least one.
    """

    id: int
    label: int
    strokes: tuple[Stroke, ...]


@dataclass(frozen=True)
class Drawing:
    """What Python knows of one sheet.

    `owner` names the session. A browser's tab survives a restart of the server, and then tells the
    new session everything again.
    """

    strokes: tuple[Stroke, ...] = ()
    revision: int = 0
    kept: tuple[Kept, ...] = ()
    taken: tuple[int, ...] = ()
    owner: str = field(default_factory=lambda: secrets.token_hex(8))

    def heard(self, state: Mapping[str, object]) -> Drawing:
        """Returns the drawing with what the browser sent; nothing from a browser is trusted."""
        message = state.get("drawing")
        if not isinstance(message, Mapping) or message.get("owner") != self.owner:
            return self
        revision = message.get("revision")
        if type(revision) is not int or revision == self.revision:
            return self
        kept = tuple(_kept(message.get("full")))
        # What the browser no longer sends it has heard of, and it need not be told again.
        ids = {each.id for each in kept}
        taken = tuple(id for id in self.taken if id in ids)
        return replace(
            self,
            strokes=strokes_from(message.get("strokes")),
            revision=revision,
            kept=tuple(each for each in kept if each.id not in taken),
            taken=taken,
        )

    def without(self, ids: Sequence[int]) -> Drawing:
        """Returns the drawing after kept drawings were taken."""
        left = tuple(each for each in self.kept if each.id not in ids)
        return replace(self, kept=left, taken=(*self.taken, *ids))


def _kept(sent: object) -> list[Kept]:
    found: list[Kept] = []
    if not isinstance(sent, Sequence) or isinstance(sent, str | bytes):
        return found
    for each in sent[:MAX_KEPT]:
        if not isinstance(each, Mapping):
            continue
        id, label, strokes = each.get("id"), each.get("label"), strokes_from(each.get("strokes"))
        if type(id) is int and type(label) is int and strokes:
            found.append(Kept(id, label, strokes))
    return found


@dataclass(frozen=True)
class SampleClass:
    """A class to collect samples of.

    Args:
        label: its number.
        sign: one or two characters that stand for it.
        name: for the middle of a sentence, "a 7".
        count: how many samples there are.
    """

    label: int
    sign: str
    name: str
    count: int


@dataclass(frozen=True)
class Collecting:
    """What a sheet collects.

    Args:
        classes: returns the classes; called after what was kept is taken.
        goal: how many samples fill a ring.
        take: called with what was kept, before the page runs again; returns the ids that are done
            with. What it leaves out is offered again at the next run.
    """

    classes: Callable[[], Sequence[SampleClass]]
    goal: int
    take: Callable[[Sequence[Kept]], Sequence[int]]


def drawing_of(sheet: Sheet) -> NDArray[np.uint8] | None:
    """Returns what is drawn on a sheet, as far as Python has heard; None if nothing is.

    Returns:
        uint8, shape (sheet.height, sheet.width), black ink on white.
    """
    strokes = _current(sheet).strokes
    return draw(strokes, width=sheet.width, height=sheet.height) if strokes else None


def drawing_sheet(sheet: Sheet = SQUARE, collecting: Collecting | None = None) -> None:
    """Shows a sheet; in a fragment, a stroke reruns only that fragment.

    Args:
        sheet: the paper. Defaults to SQUARE.
        collecting: what it collects. Defaults to None: it only shows a drawing.
    """
    key = _key(sheet)

    def take() -> None:
        key.set(_current(sheet))
        if collecting is not None and key.get().kept:
            key.set(key.get().without(collecting.take(key.get().kept)))

    take()  # what could not be taken before is tried again
    drawing = key.get()
    _mount(
        key=_component(sheet),
        data={
            "name": sheet.name,
            "label": sheet.label,
            "width": sheet.width,
            "height": sheet.height,
            "owner": drawing.owner,
            "revision": drawing.revision,
            "taken": drawing.taken,
        }
        | (
            {
                "goal": collecting.goal,
                "classes": [asdict(each) for each in collecting.classes()],
            }
            if collecting is not None
            else {}
        ),
        on_drawing_change=take,
    )


def _component(sheet: Sheet) -> str:
    return f"sheet-{sheet.name}"


def _key(sheet: Sheet) -> Key[Drawing]:
    return Key(f"drawing_{sheet.name}", Drawing)


def _current(sheet: Sheet) -> Drawing:
    return _key(sheet).get().heard(component_state(_component(sheet)))
