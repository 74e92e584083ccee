"""A box drawn over a picture: only what is inside it is read."""

from __future__ import annotations

from hashlib import sha256

import numpy as np
import streamlit as st

from core.imaging.image_files import decode, to_png
from core.inference.reading import WHOLE, Part, thumbnail
from ui.session.settings import Setting

SIDE = 320  # pixels of the picture's longer side, which fits on a phone
# The canvas' own toolbar lies over its top right corner; this strip keeps it off the picture.
STRIP = 44
STRIP_COLOUR = 230
BOX_COLOUR = "#d81b60"
MIN_SIDE = 6  # pixels of a box; a smaller one was a tap
ONLY_A_PART: Setting[bool] = Setting("only_a_part", lambda: False)


def choose_part(data: bytes) -> Part:
    """Offers to read only a part of a picture, and returns the part: all of it by default.

    Args:
        data: the picture file, which `decode` accepts.

    Raises:
        UnreadableImage: if it cannot be opened as a picture.
    """
    st.toggle(
        "Read only a part of it",
        help="For a picture with more on it than the digits. The newest box counts.",
        **ONLY_A_PART.widget,
    )
    if not ONLY_A_PART.get():
        return WHOLE
    # Imported here because its import needs a running Streamlit.
    from streamlit_drawable_canvas import st_canvas

    shown = thumbnail(decode(data), SIDE)
    height, width = shown.shape[:2]
    st.caption("Draw a box around what shall be read.")
    result = st_canvas(
        drawing_mode="labeled_rect",
        label="read this",
        stroke_color=BOX_COLOUR,
        stroke_width=3,
        fill_color="rgba(0, 0, 0, 0)",
        font_size=13,
        background_image=to_png(_with_strip(shown)),
        width=width,
        height=height + STRIP,
        key=f"part-{sha256(data).hexdigest()[:16]}",
    )
    for box in reversed(result.boxes):
        part = part_of(box, width, height)
        if part is not None:
            return part
    return WHOLE


def _with_strip(picture: np.ndarray) -> np.ndarray:
    if picture.ndim == 2:
        picture = picture[..., np.newaxis]
    if picture.shape[2] in (1, 2):
        picture = np.repeat(picture[..., :1], 3, axis=2)
    strip = np.full((STRIP, *picture.shape[1:]), STRIP_COLOUR, np.uint8)
    if picture.shape[2] == 4:
        strip[..., 3] = 255
    return np.ascontiguousarray(np.concatenate([strip, picture]))


def part_of(box: dict[str, float], width: int, height: int) -> Part | None:
    """Returns the part of a picture that a box covers, or None where it covers next to none.

    Args:
        box: left, top, width and height in pixels of the canvas, the strip above included.
        width: of the picture shown, in pixels.
        height: of the picture shown, in pixels.
    """
    left, right = (np.clip(x, 0, width) for x in (box["left"], box["left"] + box["width"]))
    top, bottom = (np.clip(y - STRIP, 0, height) for y in (box["top"], box["top"] + box["height"]))
    if not (right - left >= MIN_SIDE and bottom - top >= MIN_SIDE):
        return None
    return Part(
        float(left) / width, float(top) / height, float(right) / width, float(bottom) / height
    )
