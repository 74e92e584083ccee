"""The drawing canvas with brush, undo and clear; its drawing survives a visit to another page.

The canvas itself is streamlit-drawable-canvas. It forgets its drawing when it leaves the page, and
Python can change it only with a new key, so this module keeps the drawing in the session.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from ui.session.settings import Setting
from ui.session.state import PAGE_VISIT, Key

MAX_SNAPSHOTS = 40
INK, PAPER = "#000000", "#ffffff"
BRUSH: Setting[int] = Setting("brush", lambda: 20)
# A sheet wider than its column is scaled down as a whole: fingers draw on it, so it must not
# scroll. The canvas asks the browser where it is, so ink stays under the finger, and scaling keeps
# the picture's pixels. In CSS, tan(atan2()) divides two lengths.
_STYLE = """
<style>
.st-key-sheet {{ container-type: inline-size; }}
.st-key-sheet [data-testid="stElementContainer"]:has(.stBidiComponent) {{
  --scale: min(1, tan(atan2(100cqw, {width}px)));
  width: {width}px; max-width: none; flex: none;
  transform: scale(var(--scale)); transform-origin: 0 0;
  margin-bottom: calc({height}px * (var(--scale) - 1)); }}
</style>
"""


@dataclass(frozen=True)
class Sheet:
    """A kind of paper to draw on; each has its own drawing.

    Args:
        name: part of keys, unique in the app.
        width: in CSS pixels.
        height: in CSS pixels.
    """

    name: str
    width: int
    height: int


SQUARE = Sheet("square", 320, 320)
WIDE = Sheet("wide", 640, 240)


@dataclass(frozen=True)
class Snapshot:
    """The canvas after a stroke.

    Args:
        content: the strokes, as Fabric.js JSON.
        image: uint8, shape (height, width, 4), how it looked.
    """

    content: dict[str, Any]
    image: NDArray[np.uint8]

    @property
    def strokes(self) -> int:
        """The number of strokes."""
        return len(self.content.get("objects", []))


@dataclass
class Drawing:
    """One session's drawing.

    Args:
        version: part of the canvas' key; a new one mounts a canvas with `initial` on it.
        initial: what the canvas of this version started with.
        visit: the visit to the page in which it was mounted.
        snapshots: one after each stroke, the newest last; "Undo" goes back through them.
    """

    version: int = 0
    initial: dict[str, Any] | None = None
    visit: int = 0
    snapshots: list[Snapshot] = field(default_factory=list)

    @property
    def image(self) -> NDArray[np.uint8] | None:
        """How it looks now, or None when nothing is drawn."""
        return self.snapshots[-1].image if self.snapshots else None

    def mount_anew(self) -> None:
        """Makes the next canvas start with the newest snapshot."""
        self.version += 1
        self.initial = self.snapshots[-1].content if self.snapshots else None

    def add(self, snapshot: Snapshot) -> None:
        """Stores what the browser sent, unless it is stored already."""
        if not snapshot.strokes:  # cleared by the canvas' own toolbar
            self.snapshots = []
        elif not self.snapshots or self.snapshots[-1].content != snapshot.content:
            self.snapshots = [*self.snapshots[1 - MAX_SNAPSHOTS :], snapshot]

    def undo(self) -> None:
        """Removes the newest stroke."""
        self.snapshots = self.snapshots[:-1]
        self.mount_anew()

    def clear(self) -> None:
        """Removes everything."""
        self.snapshots = []
        self.mount_anew()


def _drawing(sheet: Sheet) -> Drawing:
    return Key(f"drawing_{sheet.name}", Drawing).get()


def canvas(sheet: Sheet = SQUARE) -> NDArray[np.uint8] | None:
    """Shows the canvas and its buttons, and returns what is drawn.

    Args:
        sheet: the paper. Defaults to SQUARE.

    Returns:
        uint8, shape (sheet.height, sheet.width, 4), black ink on white, opaque; None when nothing
        is drawn.
    """
    # Imported here because its import needs a running Streamlit.
    from streamlit_drawable_canvas import st_canvas

    drawing = _drawing(sheet)
    if drawing.visit != PAGE_VISIT.get():
        drawing.visit = PAGE_VISIT.get()
        drawing.mount_anew()
    width = st.slider(
        "Brush width (pixels)",
        4,
        48,
        step=2,
        help="The network can read any width.",
        **BRUSH.widget,
    )
    with st.container(key="sheet"):
        st.html(_STYLE.format(width=sheet.width, height=sheet.height))
        result = st_canvas(
            stroke_width=width,
            stroke_color=INK,
            background_color=PAPER,
            height=sheet.height,
            width=sheet.width,
            initial_drawing=drawing.initial,
            return_image_data=True,
            key=f"canvas-{sheet.name}-{drawing.version}",
        )
    if result.json_data and result.image_data is not None:
        drawing.add(Snapshot(result.json_data, result.image_data))
    undo, clear = st.columns(2)
    empty = drawing.image is None
    undo.button("Undo", on_click=drawing.undo, disabled=empty, width="stretch")
    clear.button("Clear", on_click=drawing.clear, disabled=empty, width="stretch")
    return drawing.image
