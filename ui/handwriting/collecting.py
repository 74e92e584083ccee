"""The sheet on which a person writes samples, digit after digit, and signs of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import streamlit as st

from core.errors import DatabaseUnavailable, DigitLabError, NothingDrawn, PasswordRequired
from core.handwriting.arrays import DIGITS, LABELS, Picture
from core.handwriting.config import MIN_TO_HOLD_BACK
from core.imaging.extraction import ink_of
from core.imaging.normalize import normalise
from core.imaging.strokes import PAPER, draw
from core.tasks.base import get_task
from core.tasks.handwritten import to_inputs, to_picture
from ui.components.sheet import COLLECTING, Collecting, Kept, SampleClass, drawing_sheet
from ui.services import saved_models, server
from ui.session.settings import switch
from ui.session.state import Key
from ui.wording.articles import article, class_name

TASK = get_task("handwritten")
SURE = 0.9  # confidence of a network that says a person drew another digit than was asked for
GOAL = 10  # samples of each digit or sign, a good start
SIGNS = switch("teach_signs", "signs")
_PROBLEM: Key[str] = Key("collecting_problem", str)  # shown once


def show_collecting(owner: str, *, on_signs: Callable[[], None]) -> None:
    """Shows the sheet, which says what to draw next and stores what is kept, and SIGNS below it.

    Args:
        owner: who gets the samples.
        on_signs: called when the person has switched SIGNS.
    """

    def classes() -> list[SampleClass]:
        counts = server.samples().counts(owner)
        return [
            SampleClass(label, class_name(label)[-1], article(label), counts[label])
            for label in range(LABELS if SIGNS.get() else DIGITS)
        ]

    drawing_sheet(COLLECTING, Collecting(classes, GOAL, partial(_take, owner)))
    if _PROBLEM.get():
        st.warning(_PROBLEM.get(), icon=":material/info:")
        _PROBLEM.set("")
    st.toggle("Teach two signs of your own as well", on_change=on_signs, **SIGNS.widget)
    if SIGNS.get():
        st.caption(
            "Choose two signs that no network here knows, such as a star and a tick, and keep to"
            f" them. A sign needs at least {MIN_TO_HOLD_BACK} samples; {GOAL} are a good start."
            " One sign is enough: leave the other out."
        )


def picture_of(kept: Kept) -> Picture:
    """Returns a drawing as a sample: uint8, shape (28, 28), ink bright on black.

    Raises:
        NothingDrawn: if all of it lies beside the sheet.
    """
    drawing = draw(kept.strokes, width=COLLECTING.width, height=COLLECTING.height)
    return to_picture(normalise(ink_of(drawing, background=PAPER / 255)).network_input)


def slip(picture: Picture, label: int) -> str:
    """Returns a sentence if a network is sure that a sample shows another digit; else nothing.

    Args:
        picture: uint8, shape (28, 28).
        label: what it was kept as.
    """
    model = next(iter(saved_models.models(TASK.name)), None)
    if model is None or label >= DIGITS:
        return ""
    read = saved_models.predictor(model).predict_one(to_inputs(picture[np.newaxis])[0])
    if read.digit == label or read.confidence < SURE or not read.recognised:
        return ""
    return (
        f"Kept as {article(label)}, but “{model.name}” reads {article(read.digit)}. If it was a"
        " slip, use “Change” under its picture."
    )


def _take(owner: str, kept: Sequence[Kept]) -> list[int]:
    done = []
    for each in kept:
        try:
            picture = picture_of(each)
            server.samples().add(owner, picture, each.label)
            if words := slip(picture, each.label):
                _PROBLEM.set(words)
        except (
            DatabaseUnavailable,
            PasswordRequired,
        ) as error:  # the browser keeps it until it can be stored
            _PROBLEM.set(f"Not stored yet; it is tried again with your next drawing. {error}")
            break
        except NothingDrawn:
            _PROBLEM.set("Nothing was on that sheet, so nothing was kept.")
        except DigitLabError as error:
            _PROBLEM.set(f"Your last drawing was not kept. {error}")
        done.append(each.id)
    return done
