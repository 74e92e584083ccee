"""The input of the Inside page: which network, and which digit it reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.data import Inputs, Split
from core.datasets.course_matlab import to_course_size
from core.errors import DigitLabError
from core.imaging.compact import from_text, to_text
from core.segments.patterns import DIGIT_PATTERNS, parse_pattern, to_inputs, to_pattern
from core.tasks import course_lab, handwritten
from core.tasks.base import Task, get_task, tasks
from ui.components.segment_display import pattern, segment_display, set_pattern
from ui.components.stepper import Steps, stepper
from ui.inside.filter_view import COLUMN, OPEN, ROW
from ui.services import datasets, saved_models
from ui.session.settings import Setting, choose, note, one_of, restore, start_over, whole_number
from ui.session.state import ENTERED_PAGE, Key, component_state
from ui.widgets.drawn_digit import DRAWN_DIGIT
from ui.widgets.pickers import data_titles, task_titles
from ui.widgets.tiles import show_tiles
from ui.wording.articles import article
from ui.wording.phrases import plain

PAGE = "inside"
DISPLAY = "inside_display"
STEPS = "inside_steps"
MAX_INDEX = 1_000_000
MAX_PARTS = 10
ANY = "any"
ORIGINS = {"drawn": "The digit just drawn", "test": "A test example"}


class PatternSetting(Setting[str]):
    """The pattern on the display, which the display itself stores."""

    def get(self) -> str:
        """Returns the pattern shown."""
        return pattern(DISPLAY, self.default_factory())

    def set(self, value: str) -> None:
        """Shows a pattern."""
        set_pattern(DISPLAY, value)


@dataclass(frozen=True)
class Place:
    """The test example that is shown, and how it was reached; kept together to lose no click.

    Args:
        index: of the example.
        moves: how often something other than the number box has set it. The box in the browser is
            then out of date, and a new box replaces it.
        steps: how often Previous and Next had been clicked.
    """

    index: int = 0
    moves: int = 0
    steps: Steps = field(default_factory=Steps)

    def at(self, index: int, steps: Steps | None = None) -> Place:
        """Returns the place where another example is shown."""
        return Place(index, self.moves + 1, steps or self.steps)


_PLACE: Key[Place] = Key("inside_place", Place)


class IndexSetting(Setting[int]):
    """The number of the test example."""

    def get(self) -> int:
        """Returns the number shown."""
        return _PLACE.get().index

    def set(self, value: int) -> None:
        """Shows another example."""
        _PLACE.set(_PLACE.get().at(value))


class DrawnSetting(Setting[str]):
    """The digit drawn on the Draw page, as text: a link to this page holds it."""

    def get(self) -> str:
        """Returns the digit; empty if nothing is drawn."""
        drawn = DRAWN_DIGIT.get()
        return "" if drawn is None else to_text(drawn)

    def set(self, value: str) -> None:
        """Makes another digit the one that was drawn."""
        if value and value != self.get():
            DRAWN_DIGIT.set(from_text(value))


def parse_drawn(text: str) -> str:
    """Returns the text if it holds a digit; raises InvalidInput if not."""
    from_text(text)
    return text


TASK = Setting(
    "inside_task", lambda: handwritten.TASK.name, "task", lambda name: get_task(name).name
)
MODEL = Setting("inside_model", lambda: handwritten.TASK.default_model, "model")
ORIGIN = Setting("inside_origin", lambda: "test", "from", one_of(list(ORIGINS)))
DRAWN = DrawnSetting("inside_drawn", str, "digit", parse_drawn)
PATTERN = PatternSetting("inside_pattern", lambda: DIGIT_PATTERNS[3], "pattern", parse_pattern)
SOURCE = Setting("inside_source", str, "data", of=TASK)
PART = Setting("inside_part", lambda: 1, "part", whole_number(1, MAX_PARTS), of=SOURCE)
INDEX = IndexSetting("inside_test", lambda: 0, "test", whole_number(0, MAX_INDEX))
CLASS: Setting[str] = Setting("inside_class", str)
ONLY: Setting[str] = Setting("inside_only", lambda: ANY)
SETTINGS: tuple[Setting[Any], ...] = (
    *(TASK, MODEL, ORIGIN, DRAWN, PATTERN, SOURCE, PART, INDEX),
    *(OPEN, ROW, COLUMN),
)
# The last drawing that this page has seen: a newer one is what the person wants to see.
_SEEN: Key[bytes] = Key("inside_seen_drawing", bytes)


def take_address() -> None:
    """Applies the URL when the person enters the page, and makes the settings consistent."""
    entering = ENTERED_PAGE.get() != PAGE
    given = restore(PAGE, SETTINGS)
    if not entering:
        return
    drawn = DRAWN_DIGIT.get()
    found = next(
        (model for model in saved_models.survey().models if model.name == MODEL.get()), None
    )
    if MODEL.name in given and found is not None:
        if found.task.name != TASK.get() and SOURCE.name not in given:
            SOURCE.set("")
        TASK.set(found.task.name)
    elif TASK.name in given and MODEL.name not in given:
        MODEL.set(get_task(TASK.get()).default_model)
    elif PATTERN.name in given and MODEL.name not in given:
        _switch_to(next(name for name, each in tasks().items() if _has_segments(each)))
    if {SOURCE.name, PART.name, INDEX.name} & given and ORIGIN.name not in given:
        ORIGIN.set("test")
    if DRAWN.name in given and ORIGIN.name not in given:
        ORIGIN.set("drawn")
    if drawn is not None and not given and drawn.tobytes() != _SEEN.get():
        ORIGIN.set("drawn")
        if _has_segments(get_task(TASK.get())):
            _switch_to(handwritten.TASK.name)
    if drawn is not None:
        _SEEN.set(drawn.tobytes())
    if _has_segments(get_task(TASK.get())) and INDEX.name in given and PATTERN.name not in given:
        _show_test_pattern()


def _switch_to(name: str) -> None:
    TASK.set(name)
    start_over(TASK, SETTINGS)
    start_over(SOURCE, SETTINGS)
    MODEL.set(get_task(name).default_model)


def _has_segments(task: Task) -> bool:
    return task.channel is not None


def _show_test_pattern() -> None:
    task = get_task(TASK.get())
    try:
        source = task.source(SOURCE.get() or task.sources[0].name)
        examples = next(iter(source.tests().values()))()
    except DigitLabError as error:
        note(str(error))
        return
    PATTERN.set(to_pattern(examples.x[min(INDEX.get(), len(examples) - 1)]))


def address(task: Task) -> Mapping[str, str]:
    """Returns the URL parameters that lead back to what is shown."""
    shown = {TASK.parameter: TASK.get(), MODEL.parameter: MODEL.get()}
    if OPEN.get():
        for setting in (OPEN, ROW, COLUMN):
            shown[setting.parameter] = str(setting.get())
    if _has_segments(task):
        return shown | {PATTERN.parameter: PATTERN.get()}
    if ORIGIN.get() == "drawn":
        return shown | {ORIGIN.parameter: "drawn", DRAWN.parameter: DRAWN.get()}
    if PART.get() > 1:
        shown |= {PART.parameter: str(PART.get())}
    return shown | {SOURCE.parameter: SOURCE.get(), INDEX.parameter: str(INDEX.get())}


def choose_task() -> Task:
    """Shows the tasks and returns the chosen one."""
    titles = task_titles(also=TASK.get())
    if TASK.get() not in titles:
        TASK.set(handwritten.TASK.name)
    st.selectbox(
        "What is read?",
        list(titles),
        format_func=titles.__getitem__,
        on_change=lambda: _switch_to(TASK.get()),
        **TASK.widget,
    )
    return get_task(TASK.get())


def choose_input(task: Task, picture: DeltaGenerator, moves: DeltaGenerator) -> Inputs | None:
    """Lets the person choose the network's input and returns it: float32 of input_shape.

    A picture is shown in the place `picture`, and what leads to the next one in `moves`; a display
    is its own picture. Returns None, with an explanation on the page, if there is none.
    """
    if _has_segments(task):
        digits = {str(digit): shape for digit, shape in enumerate(DIGIT_PATTERNS)}
        shown = segment_display(key=DISPLAY, digits=digits, default=DIGIT_PATTERNS[3])
        return to_inputs(shown)[0]
    drawn = _drawn(task)
    if drawn is not None:
        st.segmented_control(
            "Which digit?",
            list(ORIGINS),
            format_func=ORIGINS.__getitem__,
            required=True,
            **ORIGIN.widget,
        )
    elif ORIGIN.get() == "drawn":
        ORIGIN.set("test")
        st.caption("You have not drawn anything on the Draw page in this visit.")
    if drawn is not None and ORIGIN.get() == "drawn":
        with picture:
            _show(task, drawn, "what you drew, as the network sees it")
        return drawn
    return _choose_test_example(task, picture, moves)


def _drawn(task: Task) -> Inputs | None:
    """Returns the digit just drawn, at the task's size; None without one, or if none fits."""
    drawn = DRAWN_DIGIT.get()
    if drawn is None or task.input_shape == drawn.shape:
        return drawn
    if task.input_shape == course_lab.TASK.input_shape:
        return to_course_size(drawn[np.newaxis])[0]
    return None


def _choose_test_example(
    task: Task, picture: DeltaGenerator, moves: DeltaGenerator
) -> Inputs | None:
    titles = data_titles(task, [SOURCE.get()])
    source = choose(
        SOURCE, "Data", list(titles), format_func=titles.__getitem__, on_change=_go_to_first
    )
    try:
        examples = datasets.clean_test(task.name, source, _choose_part(task, source))
    except DigitLabError as error:
        st.info(plain(str(error)), icon=":material/info:")
        return None
    place = _PLACE.get()
    steps = place.steps.heard(component_state(STEPS))
    if steps != place.steps:
        index = _stepped(examples, task, steps.count - place.steps.count)
        _PLACE.set(place.at(index, steps))
    if INDEX.get() >= len(examples):
        note(f"There are {len(examples):,} test examples, so the last one is shown.")
        INDEX.set(len(examples) - 1)
    wanted, number = st.columns([2, 3], vertical_alignment="bottom")
    wanted.selectbox(
        f"Only this {task.label}",
        [ANY, *task.classes],
        on_change=lambda: INDEX.set(_stepped(examples, task, 0)),
        **ONLY.widget,
    )
    shown = _PLACE.get()
    box: Key[int] = Key(f"inside_test_{shown.moves}", INDEX.get)

    def take_number() -> None:
        # A replaced box may still report: for example, after an interrupted run.
        if _PLACE.get().moves == shown.moves:
            _PLACE.set(replace(_PLACE.get(), index=box.get()))

    number.number_input(
        f"Test example, 0 to {len(examples) - 1:,}",
        0,
        len(examples) - 1,
        value=INDEX.get(),
        step=1,
        key=box.name,
        on_change=take_number,
    )
    with moves:
        stepper(shown.steps, key=STEPS, back="Previous", forth="Next")
    x = examples.x[INDEX.get()]
    label = int(examples.y[INDEX.get()])
    known = f", {article(task.classes[label])}" if 0 <= label < len(task.classes) else ""
    with picture:
        _show(task, x, f"test example {INDEX.get():,}{known}")
    return x


def _go_to_first() -> None:
    """Goes to the first example of the first part of another data set."""
    start_over(SOURCE, SETTINGS)
    INDEX.set(0)


def _choose_part(task: Task, source: str) -> str:
    """Shows the test parts of a data set if there are several; returns the chosen one."""
    parts = list(datasets.clean_tests(task.name, source))
    if PART.get() > len(parts):
        note("The part of the test examples in the link does not exist, so the first is shown.")
        PART.set(1)
    if len(parts) > 1:
        st.selectbox(
            "Test examples",
            range(1, len(parts) + 1),
            format_func=lambda place: parts[place - 1],
            on_change=INDEX.set,
            args=(0,),
            **PART.widget,
        )
    return parts[PART.get() - 1]


def _stepped(examples: Split, task: Task, steps: int) -> int:
    """Returns the index that many steps on among examples of the chosen digit, wrapping around."""
    only = ONLY.get()
    fitting = (
        np.arange(len(examples))
        if only not in task.classes
        else np.flatnonzero(examples.y == task.classes.index(only))
    )
    return next_index(fitting, INDEX.get(), steps) if len(fitting) else INDEX.get()


def next_index(fitting: np.ndarray, index: int, steps: int) -> int:
    """Returns the number in `fitting` that is `steps` steps from `index`, wrapping around.

    Args:
        fitting: int, the possible numbers, ascending.
        index: the number now.
        steps: positive goes forward, negative back, 0 stays or goes to the next possible one.
    """
    place = int(np.searchsorted(fitting, index, side="left"))
    if steps > 0 and fitting[place % len(fitting)] != index:
        steps -= 1  # from between two numbers, the next one is one step away
    return int(fitting[(place + steps) % len(fitting)])


def _show(task: Task, x: Inputs, words: str) -> None:
    if task.written is not None:
        words = f"{task.written(x)} ({words})"
    show_tiles([task.picture(x)], [words], key="inside_input", large=True)
