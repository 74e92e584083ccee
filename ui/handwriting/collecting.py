"""The sheet on which a person writes samples, digit after digit."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from core.errors import DatabaseUnavailable, DigitLabError, NothingDrawn
from core.handwriting.arrays import DIGITS, Picture
from core.imaging.extraction import ink_of
from core.imaging.normalize import normalise
from core.imaging.strokes import PAPER, draw
from core.tasks.handwritten import to_picture
from ui.components.sheet import COLLECTING, Collecting, Kept, SampleClass, drawing_sheet
from ui.services import server
from ui.session.state import Key
from ui.wording.articles import article

GOAL = 10  # samples of each digit, a good start
_PROBLEM: Key[str] = Key("collecting_problem", str)  # shown once


def show_collecting(owner: str) -> None:
    """Shows the sheet, which says what to draw next and stores what is kept.

    Args:
        owner: who gets the samples.
    """

    def classes() -> list[SampleClass]:
        counts = server.samples().counts(owner)
        return [
            SampleClass(digit, str(digit), article(digit), counts[digit]) for digit in range(DIGITS)
        ]

    drawing_sheet(COLLECTING, Collecting(classes, GOAL, partial(_take, owner)))
    if _PROBLEM.get():
        st.warning(_PROBLEM.get(), icon=":material/info:")
        _PROBLEM.set("")


def picture_of(kept: Kept) -> Picture:
    """Returns a drawing as a sample: uint8, shape (28, 28), ink bright on black.

    Raises:
        NothingDrawn: if all of it lies beside the sheet.
    """
    drawing = draw(kept.strokes, width=COLLECTING.width, height=COLLECTING.height)
    return to_picture(normalise(ink_of(drawing, background=PAPER / 255)).network_input)


def _take(owner: str, kept: Sequence[Kept]) -> list[int]:
    done = []
    for each in kept:
        try:
            server.samples().add(owner, picture_of(each), each.label)
        except DatabaseUnavailable as error:  # the browser keeps it until it can be stored
            _PROBLEM.set(f"Not stored yet; it is tried again with your next drawing. {error}")
            break
        except NothingDrawn:
            _PROBLEM.set("Nothing was on that sheet, so nothing was kept.")
        except DigitLabError as error:
            _PROBLEM.set(f"Your last drawing was not kept. {error}")
        done.append(each.id)
    return done
