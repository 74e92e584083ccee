"""A number as the network read it: its digits in boxes, each with its confidence."""

from __future__ import annotations

import base64
from html import escape

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.imaging.extraction import Ink
from core.imaging.image_files import to_png
from core.inference.number import CHARACTERS, Number
from core.inference.reading import InkExtraction
from core.tasks.handwritten import to_picture
from ui.widgets.prediction import confidence_words
from ui.widgets.tiles import show_tiles

MAX_SIDE = 900  # pixels of the picture shown; a larger one would only take longer to send
# Blue on white has enough contrast in both themes.
BOX_COLOUR = (29, 78, 216)
_STYLE = """
<style>
.digit-lab-boxes { max-width: 100%; max-height: 22rem; border-radius: 6px;
  border: 1px solid rgba(128, 128, 128, 0.4); }
</style>
"""


def show_digits(number: Number, extraction: InkExtraction) -> None:
    """Shows where the digits are, and each one as the network saw it.

    Args:
        number: the reading.
        extraction: the ink that the network read.
    """
    picture = to_png(boxes_picture(number, extraction.ink, scale=extraction.scale))
    words = "The digits found, from left to right: " + ", ".join(captions(number))
    st.html(
        f'{_STYLE}<img class="digit-lab-boxes" alt="{escape(words)}"'
        f' src="data:image/png;base64,{base64.b64encode(picture).decode("ascii")}">'
    )
    pictures = [to_picture(digit.network_input) for digit in number.digits]
    show_tiles(pictures, captions(number), key="number_digits")


def captions(number: Number) -> list[str]:
    """Returns each digit with its confidence; a question mark where none was recognised."""
    return [
        f"{CHARACTERS[read.prediction.digit] if read.prediction.recognised else '?'}"
        f" · {confidence_words(read.prediction.confidence)}"
        for read in number.digits
    ]


def boxes_picture(number: Number, ink: Ink, *, scale: float) -> NDArray[np.uint8]:
    """Draws the digits dark on white with a box around each: uint8, (height, width, 3)."""
    import cv2

    zoom = min(1.0, MAX_SIDE / max(ink.shape))
    size = (max(1, round(ink.shape[1] * zoom)), max(1, round(ink.shape[0] * zoom)))
    shown = cv2.resize(ink, size, interpolation=cv2.INTER_AREA)
    picture = np.repeat((255 - 225 * shown).astype(np.uint8)[..., np.newaxis], 3, axis=2)
    line = max(2, max(size) // 250)
    for read in number.digits:
        left, top = read.box.left * zoom / scale, read.box.top * zoom / scale
        right, bottom = left + read.box.width * zoom / scale, top + read.box.height * zoom / scale
        corners = (
            (round(left) - line, round(top) - line),
            (round(right) + line, round(bottom) + line),
        )
        cv2.rectangle(picture, *corners, BOX_COLOUR, line)
    return picture
