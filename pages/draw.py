"""Lesson 2: ink becomes 28 by 28 numbers, and a network reads them."""

import streamlit as st

from core.errors import DigitLabError, NothingDrawn
from core.imaging.image_files import SUFFIXES
from core.inference.predictor import Prediction
from core.inference.reading import InkExtraction, Reading, extract_drawn_ink, read
from core.metrics.accuracy import percent
from core.models.saved_model import SavedModel
from core.tasks.base import get_task
from ui.components.canvas import SQUARE, WIDE, canvas
from ui.draw.feedback import ask_if_right
from ui.draw.number import show_digits
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
)

TASK = get_task("handwritten")
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


@st.fragment
def render(model: SavedModel) -> None:
    left, right = st.columns(2)
    left.segmented_control(
        "Where from?",
        list(ORIGINS),
        format_func=ORIGINS.__getitem__,
        required=True,
        **ORIGIN.widget,
    )
    right.segmented_control(
        "What is it?", list(WHOLES), format_func=WHOLES.__getitem__, required=True, **WHOLE.widget
    )
    share(SETTINGS)
    source, right = st.columns([4, 3] if WHOLE.get() == "number" else [5, 6], gap="large")
    with source:
        taken = take_ink()
    with right:
        if isinstance(taken, str):
            show_no_prediction(taken)
        elif WHOLE.get() == "number":
            show_number(read(taken, saved_models.predictor(model), number="always"))
        else:
            show_digit(model, read(taken, saved_models.predictor(model), plain=PLAIN.get()))


def take_ink() -> InkExtraction | str:
    """Shows the chosen input; returns its ink, or a sentence that says why there is none."""
    empty = EMPTY[ORIGIN.get()].format(what=WHAT[WHOLE.get()])
    try:
        if ORIGIN.get() == "draw":
            drawing = canvas(WIDE if WHOLE.get() == "number" else SQUARE)
            if drawing is None:
                return empty
            return extract_drawn_ink(drawing, paper=PAPER)
        if ORIGIN.get() == "file":
            picture = st.file_uploader("A picture file", type=list(SUFFIXES), key="picture")
        else:
            picture = st.camera_input("A photo of your handwriting", key="camera")
        return empty if picture is None else pictures.extract_ink(picture.getvalue())
    except NothingDrawn as error:
        return empty if ORIGIN.get() == "draw" else str(error)
    except DigitLabError as error:
        return str(error)


def show_digit(model: SavedModel, reading: Reading) -> None:
    """Shows the network's answer and how the ink became its input."""
    plain = reading.plain
    seen = reading.stages.network_input if plain is None else plain.network_input
    prediction = reading.prediction if plain is None else plain.prediction
    DRAWN_DIGIT.set(seen)
    show_prediction(prediction, TASK.classes)
    if number := reading.likely_number:
        st.caption(
            f"This may be a number: {number.text}. Choose “A number” above to read all its digits."
        )
    show_probabilities(prediction, TASK.classes, key="drawing_probabilities")
    show_stages(reading)
    st.toggle(
        "Skip the clean-up",
        help="Only shrinks the whole picture to 28 by 28 pixels.",
        **PLAIN.widget,
    )
    if plain is None:
        ask_if_right(seen, prediction if prediction.recognised else None, key="drawing")
    else:
        st.caption(f"With the clean-up, {in_words(reading.prediction)}.")
    link_inside({"model": model.name, "from": "drawn"})


def in_words(prediction: Prediction) -> str:
    """Returns an answer for the middle of a sentence."""
    if not prediction.recognised:
        return "this does not look like a digit"
    answer, confidence = TASK.classes[prediction.digit], percent(prediction.confidence, 1)
    return f"the answer is {answer} ({confidence} confident)"


def show_number(reading: Reading) -> None:
    """Shows the number that the network reads, digit by digit."""
    if reading.number is None:
        show_no_prediction(reading.refusal)
        return
    show_number_prediction(reading.number)
    show_digits(reading.number, reading.extraction)


st.title("Draw a digit, have it read")
st.markdown(
    "Draw with a mouse, pen or finger, choose a picture, or use the camera. Digit Lab finds the"
    " digit, cleans it up and shrinks it to **28 by 28 pixels**, like the digits that the network"
    " learned from. Then the network reads it."
)
restore("draw", SETTINGS)
chosen = choose_model(MODEL, TASK)
if chosen:
    render(chosen)
else:
    share(SETTINGS)
