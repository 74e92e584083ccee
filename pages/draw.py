"""Lesson 2: a drawing becomes 28 by 28 numbers, and a network reads them."""

import numpy as np
import streamlit as st

from core.errors import DigitLabError, NothingDrawn
from core.images import SUFFIXES, decode
from core.ink import to_network_input
from core.store import SavedModel
from core.task import task
from ui import cache
from ui.components.canvas import canvas
from ui.pickers import choose_model
from ui.prediction import show_no_prediction, show_prediction, show_probabilities
from ui.settings import Setting, restore, share
from ui.teaching import ask_if_right

TASK = task("handwritten")
MODEL = Setting("handwriting_model", lambda: TASK.default_model, "model")
SETTINGS = (MODEL,)
PAPER = 1.0  # the canvas is white, whatever the theme
MAGNIFICATION = 6


@st.fragment
def lesson(model: SavedModel) -> None:
    left, right = st.columns([5, 6], gap="large")
    with left:
        drawing = canvas(key="canvas")
        upload = st.file_uploader(
            "Or read a picture of one digit", type=list(SUFFIXES), key="picture"
        )
        if upload is not None:
            st.caption("The picture is read instead of the drawing until you remove it.")
    with right:
        try:
            if upload is not None:
                network_input = to_network_input(decode(upload.getvalue()))
            elif drawing is not None:
                network_input = to_network_input(drawing, background=PAPER)
            else:
                raise NothingDrawn("Nothing is drawn yet.")
        except NothingDrawn:
            show_no_prediction(
                "Nothing is drawn yet. Draw a digit from 0 to 9 in the white square, as large or"
                " small as you like."
            )
        except DigitLabError as error:
            show_no_prediction(str(error))
        else:
            show_reading(model, network_input)


def show_reading(model: SavedModel, network_input: np.ndarray) -> None:
    """Shows the network's answer, and beside it what the network saw."""
    prediction = cache.predictor(model).predict_one(network_input)
    answer, seen = st.columns([3, 2])
    with answer:
        show_prediction(prediction, TASK.classes)
    show_probabilities(prediction, TASK.classes, key="drawing_probabilities")
    with seen:
        show_network_input(network_input)
    ask_if_right(network_input, prediction, key="drawing")


def show_network_input(network_input: np.ndarray) -> None:
    picture = TASK.picture(network_input)
    enlarged = np.kron(picture, np.ones((MAGNIFICATION, MAGNIFICATION), np.uint8))
    st.image(
        enlarged,
        caption="What the network sees: 28 by 28 pixels, the ink scaled to 20 and centred",
    )


st.title("Draw a digit, have it read")
st.markdown(
    "Draw with mouse, pen or finger. After every stroke your drawing is shrunk to **28 by 28"
    " pixels**, just like the digits that the network learned from, and read anew."
)
restore("draw", SETTINGS)
chosen = choose_model(MODEL, TASK)
if chosen:
    lesson(chosen)
share(SETTINGS)
