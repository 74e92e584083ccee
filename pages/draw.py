"""Lesson 2: ink becomes 28 by 28 numbers, and a network reads them."""

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.errors import DigitLabError, NothingDrawn
from core.imaging.image_files import SUFFIXES
from core.inference.predictor import Prediction
from core.inference.reading import InkExtraction, Reading, extract_drawn_ink, read
from core.metrics.accuracy import percent
from core.models.saved_model import SavedModel
from core.tasks.base import get_task
from ui.components.sheet import SQUARE, WIDE, drawing_of, drawing_sheet
from ui.draw.camera import camera_is_allowed
from ui.draw.feedback import ask_if_number_right, ask_if_right
from ui.draw.number import show_digits
from ui.draw.part import choose_part
from ui.draw.stages import show_stages
from ui.services import pictures, saved_models
from ui.session.settings import Setting, one_of, restore, share
from ui.widgets.drawn_digit import DRAWN_DIGIT, link_inside
from ui.widgets.pickers import choose_model
from ui.widgets.prediction import (
    show_no_prediction,
    show_number_prediction,
    show_prediction,
    show_probabilities,
    what_is_read,
)

TASK = get_task("handwritten")
WITH_SIGNS = get_task("handwritten-signs")
ORIGINS = {"draw": "Draw", "file": "Picture file", "camera": "Camera"}
WHOLES = {"digit": "One digit", "number": "A number"}
MODEL = Setting("handwriting_model", lambda: TASK.default_model, "model")
ORIGIN = Setting("ink_origin", lambda: "draw", "from", one_of(list(ORIGINS)))
WHOLE = Setting("read_as", lambda: "digit", "as", one_of(list(WHOLES)))
PLAIN = Setting(
    "shrink_plainly", lambda: False, "plain", lambda text: text == "1", lambda on: str(int(on))
)
SETTINGS = (MODEL, ORIGIN, WHOLE, PLAIN)
PAPER = 1.0  # the canvas is white, whatever the theme
EMPTY = {
    "draw": "Nothing is drawn yet. Draw {what} on the white sheet, as large or small as you like.",
    "file": "No picture yet. Choose one of {what}: a photo, a scan or a drawing.",
    "camera": "No photo yet. Write {what} large and dark on paper and hold it up to the camera.",
}
WHAT = {"digit": "a digit from 0 to 9", "number": "a number of up to 20 digits"}
NO_CAMERA = (
    "Browsers open the camera only over https or on the computer that runs Digit Lab"
    " (localhost). Take a photo with your phone's own camera and choose it under “Picture file”."
)


# Answer, sheet, details: on a phone the answer stays above the sheet while one draws, on a wide
# screen it stands beside it. Streamlit puts each container into a wrapper of its own.
LAYOUT = """
<style>
.st-key-ink_source { min-height: 2.5rem; }  /* before its code has loaded, too */
.st-key-reading { display: grid; gap: 1rem 3rem; align-items: start; grid-template-rows: auto 1fr;
  grid-template: "sheet answer" auto "sheet details" 1fr / minmax(0, COLUMNS); }
.st-key-reading > :has(> .st-key-answer_place) { grid-area: answer; }
.st-key-reading > :has(> .st-key-sheet_place) { grid-area: sheet; }
.st-key-reading > :has(> .st-key-details_place) { grid-area: details; }
.st-key-answer_place { min-height: 8.5rem; }
@media (max-width: 640px) {
  .st-key-ink_source { min-height: 6rem; }
  .st-key-reading { gap: 0.5rem;
    grid-template: "answer" auto "sheet" auto "details" auto / minmax(0, 1fr); }
  .st-key-reading > :has(> .st-key-answer_place) { position: sticky; top: 3.75rem; z-index: 2;
    background: var(--lab-ground); }
  .st-key-answer_place { height: 6.75rem; overflow: auto; }
  .st-key-answer_place [role=status] { display: flex; align-items: center; gap: 1rem; }
  .st-key-answer_place .digit-lab-answer { font-size: 4rem; }
}
</style>
"""
COLUMNS = {"digit": "5fr) minmax(0, 6fr", "number": "4fr) minmax(0, 3fr"}


@st.fragment
def render(model: SavedModel) -> None:
    st.html(LAYOUT.replace("COLUMNS", COLUMNS[WHOLE.get()]))
    with st.container(horizontal=True, key="ink_source"):
        st.segmented_control(
            "Where from?",
            list(ORIGINS),
            format_func=ORIGINS.__getitem__,
            required=True,
            label_visibility="collapsed",
            **ORIGIN.widget,
        )
        st.segmented_control(
            "What is it?",
            list(WHOLES),
            format_func=WHOLES.__getitem__,
            required=True,
            label_visibility="collapsed",
            **WHOLE.widget,
        )
    share(SETTINGS)
    with st.container(key="reading"):
        answer = st.container(key="answer_place")
        with st.container(key="sheet_place"):
            taken = take_ink()
        details = st.container(key="details_place")
    if isinstance(taken, str):
        with answer:
            show_no_prediction(taken)
    elif WHOLE.get() == "number":
        reading = read(taken, saved_models.predictor(model), number="always")
        show_number(answer, details, model, reading)
    else:
        reading = read(taken, saved_models.predictor(model), plain=PLAIN.get())
        show_digit(answer, details, model, reading)


def take_ink() -> InkExtraction | str:
    """Shows the chosen input; returns its ink, or a sentence that says why there is none."""
    empty = EMPTY[ORIGIN.get()].format(what=WHAT[WHOLE.get()])
    try:
        if ORIGIN.get() == "draw":
            sheet = WIDE if WHOLE.get() == "number" else SQUARE
            drawing_sheet(sheet)
            drawing = drawing_of(sheet)
            return empty if drawing is None else extract_drawn_ink(drawing, paper=PAPER)
        if ORIGIN.get() == "file":
            picture = st.file_uploader("A picture file", type=list(SUFFIXES), key="picture")
        elif not camera_is_allowed(st.context.url):
            return NO_CAMERA
        else:
            picture = st.camera_input("A photo of your handwriting", key="camera")
        if picture is None:
            return empty
        data = picture.getvalue()
        return pictures.extract_ink(data, choose_part(data))
    except NothingDrawn as error:
        return empty if ORIGIN.get() == "draw" else str(error)
    except DigitLabError as error:
        return str(error)


def show_digit(
    answer: DeltaGenerator, details: DeltaGenerator, model: SavedModel, reading: Reading
) -> None:
    """Shows the network's answer and how the ink became its input."""
    plain = reading.plain
    seen = reading.stages.network_input if plain is None else plain.network_input
    prediction = reading.prediction if plain is None else plain.prediction
    classes = model.task.classes
    DRAWN_DIGIT.set(seen)
    with answer:
        show_prediction(prediction, classes)
    with details:
        if number := reading.likely_number:
            st.caption(
                f"This may be a number: {number.text}. Choose “A number” above to read all its"
                " digits."
            )
        show_probabilities(prediction, classes, key="drawing_probabilities")
        show_stages(reading)
        st.toggle(
            "Skip the clean-up",
            help="Only shrinks the whole picture to 28 by 28 pixels.",
            **PLAIN.widget,
        )
        if plain is None:
            recognised = prediction if prediction.recognised else None
            ask_if_right(seen, recognised, classes=classes, key="drawing")
        else:
            st.caption(f"With the clean-up, {in_words(reading.prediction, classes)}.")
        link_inside({"model": model.name, "from": "drawn"})


def in_words(prediction: Prediction, classes: Sequence[str]) -> str:
    """Returns an answer for the middle of a sentence."""
    if not prediction.recognised:
        return f"this does not look like {what_is_read(classes)}"
    answer, confidence = classes[prediction.digit], percent(prediction.confidence, 1)
    return f"the answer is {answer} ({confidence} confident)"


def show_number(
    answer: DeltaGenerator, details: DeltaGenerator, model: SavedModel, reading: Reading
) -> None:
    """Shows the number that the network reads, digit by digit."""
    if reading.number is None:
        with answer:
            show_no_prediction(reading.refusal)
        return
    with answer:
        show_number_prediction(reading.number)
    with details:
        show_digits(reading.number, reading.extraction)
        ask_if_number_right(reading.number, classes=model.task.classes, key="number")


st.title("Draw a digit, have it read")
restore("draw", SETTINGS)
lesson = st.container()
st.markdown(
    "Draw with a mouse, pen or finger, choose a picture, or use the camera. Digit Lab finds the"
    " digit, cleans it up and shrinks it to **28 by 28 pixels**, like the digits that the network"
    " learned from. Then the network reads it."
)
chosen = choose_model(MODEL, TASK, also=(WITH_SIGNS,))
if chosen:
    with lesson:
        render(chosen)
else:
    share(SETTINGS)
