"""The input that the API page asks about: lamps, a drawing, or a test example."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from core.data import Inputs
from core.errors import DigitLabError, NothingDrawn
from core.imaging.normalize import normalise
from core.inference.reading import extract_drawn_ink
from core.segments.patterns import DIGIT_PATTERNS, parse_pattern, to_inputs
from core.tasks.base import Task
from ui.api.snippets import FORMS, LANGUAGES
from ui.components.segment_display import pattern, segment_display, set_pattern
from ui.components.sheet import SQUARE, drawing_of, drawing_sheet
from ui.services import datasets
from ui.session.settings import Setting, note, one_of, whole_number
from ui.widgets.drawn_digit import DRAWN_DIGIT
from ui.widgets.tiles import show_tiles
from ui.wording.articles import article
from ui.wording.phrases import plain

DISPLAY = "api_display"
START_TASK = "seven-segment"
DRAWN = (28, 28, 1)  # shape of what a drawing becomes
EXAMPLES = 500  # test examples to choose from
PAPER = 1.0  # the sheet is white, whatever the theme


class PatternSetting(Setting[str]):
    """The pattern on the display, which the display itself stores."""

    def get(self) -> str:
        """Returns the pattern shown."""
        return pattern(DISPLAY, self.default_factory())

    def set(self, value: str) -> None:
        """Shows a pattern."""
        set_pattern(DISPLAY, value)


ORIGINS = {"drawn": "Draw", "test": "A test example"}
PATTERN = PatternSetting("api_pattern", lambda: DIGIT_PATTERNS[3], "pattern", parse_pattern)
ORIGIN = Setting("api_origin", lambda: "drawn", "from", one_of(list(ORIGINS)))
INDEX = Setting("api_test", lambda: 0, "test", whole_number(0, EXAMPLES - 1))
FORM = Setting("api_form", lambda: "v1", "form", one_of(list(FORMS)))
LANGUAGE = Setting("api_language", lambda: "curl", "language", one_of(list(LANGUAGES)))


def settings_of(task: Task) -> tuple[Setting[Any], ...]:
    """Returns the settings that decide the input of a task."""
    if task.channel is not None:
        return (PATTERN,)
    return (ORIGIN, INDEX) if task.input_shape == DRAWN else (INDEX,)


def choose_input(task: Task) -> Inputs | str:
    """Shows what a task's input is chosen by; returns it, or a sentence that says what is missing.

    Returns:
        float32 of the task's input_shape.
    """
    if task.channel is not None:
        digits = {str(digit): shape for digit, shape in enumerate(DIGIT_PATTERNS)}
        shown = segment_display(key=DISPLAY, digits=digits, default=DIGIT_PATTERNS[3])
        return np.asarray(to_inputs(shown)[0], np.float32)
    if task.input_shape == DRAWN:
        st.segmented_control(
            "What is asked about?",
            list(ORIGINS),
            format_func=ORIGINS.__getitem__,
            required=True,
            label_visibility="collapsed",
            **ORIGIN.widget,
        )
        if ORIGIN.get() == "drawn":
            return _drawing()
    return _test_example(task)


def _drawing() -> Inputs | str:
    """Shows the sheet of the Draw page; returns what a network sees of the drawing."""
    drawing_sheet(SQUARE)
    drawing = drawing_of(SQUARE)
    wanted = "Draw a digit: the request is filled with its 28 by 28 pixels."
    if drawing is None:
        return wanted
    try:
        seen = normalise(extract_drawn_ink(drawing, paper=PAPER).ink).network_input
    except NothingDrawn:
        return wanted
    DRAWN_DIGIT.set(seen)
    return seen


def _test_example(task: Task) -> Inputs | str:
    source = task.available_source()
    try:
        examples = datasets.examples(task.name, source.name, EXAMPLES)
    except DigitLabError as error:
        return str(error)
    if INDEX.get() >= len(examples):
        note(f"There are {len(examples)} test examples here, so the last one is asked about.")
        INDEX.set(len(examples) - 1)
    st.number_input(
        f"Test example, 0 to {len(examples) - 1}",
        0,
        len(examples) - 1,
        step=1,
        help="Of the data kept for testing: no network has learned from it.",
        **INDEX.widget,
    )
    x, label = examples.x[INDEX.get()], int(examples.y[INDEX.get()])
    words = f"It is {article(task.classes[label])}" if 0 <= label < len(task.classes) else ""
    if task.written is not None:
        words = f"{task.written(x)}, {words}"
    show_tiles([task.picture(x)], [plain(words)], key="api_example", large=True)
    return np.asarray(x, np.float32)
