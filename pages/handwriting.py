"""Lesson 2, continued: a trained network learns one person's handwriting (transfer learning)."""

import streamlit as st

from core.errors import DigitLabError
from ui.handwriting.collecting import SIGNS, show_collecting
from ui.handwriting.fine_tuning_form import RATE, show_fine_tuning, take_usual_rate
from ui.handwriting.fine_tuning_form import SETTINGS as FORM
from ui.handwriting.samples import show_samples
from ui.session.settings import restore, share
from ui.session.visitor import visitor
from ui.wording.phrases import plain

SETTINGS = (SIGNS, *FORM)

st.title("Teach it your handwriting")
st.markdown("First draw each digit ten times. Then, below, teach a network how **you** write.")
person = visitor()
given = restore("handwriting", SETTINGS)
if SIGNS.name in given and RATE.name not in given:
    take_usual_rate(signs=SIGNS.get())
try:
    sheet, samples = st.columns([2, 3], gap="large")
    with sheet:
        # The sheet stores what was kept before it is drawn, so the counts come after it.
        show_collecting(person, on_signs=lambda: take_usual_rate(signs=SIGNS.get()))
    with samples:
        st.header("Your samples")
        counts = show_samples(person, signs=SIGNS.get())
    st.header("Teach a network")
    st.markdown(
        "A network that has seen thousands of digits does not have to start from scratch for you."
        " Its first layers already know strokes and curves; only the last ones must learn how"
        " *you* put them together. This is **transfer learning**, and a few samples of your"
        " handwriting are enough for it."
    )
    st.markdown(
        "About a quarter of your samples are **kept aside**: the network never learns from them,"
        " so they show honestly whether it has got better. The rest are mixed with other people's"
        " digits; without those, the network would soon **forget** how others write."
    )
    show_fine_tuning(person, counts, signs=SIGNS.get())
except DigitLabError as error:
    st.error(plain(str(error)))
share(SETTINGS)
