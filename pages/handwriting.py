"""Lesson 2, continued: a network that reads well learns to read one person (transfer learning)."""

import streamlit as st

from core.errors import DigitLabError
from ui.handwriting.fine_tuning_form import SETTINGS, show_fine_tuning
from ui.handwriting.samples import show_samples
from ui.session.settings import restore, share
from ui.session.visitor import visitor

st.title("Teach it your handwriting")
st.markdown(
    "A network that has seen thousands of digits need not begin anew for you. Its first layers know"
    " strokes and bows already; only the last ones have to learn how *you* put them together. That"
    " is **transfer learning**, and a few samples of your handwriting are enough for it."
)
person = visitor()
restore("handwriting", SETTINGS)
try:
    st.header("Your samples")
    total = show_samples(person)
    st.header("Teach a network")
    st.markdown(
        "About a quarter of your samples are **kept aside**: the network never learns from them,"
        " so they tell honestly whether it has got better. The others are mixed with digits of"
        " other people, or it would soon **forget** how those write."
    )
    show_fine_tuning(person, total)
except DigitLabError as error:
    st.error(str(error))
share(SETTINGS)
