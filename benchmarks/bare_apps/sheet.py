"""A sheet and a text: the least that a stroke costs."""

import streamlit as st

from ui.components.sheet import SQUARE, drawing_of, drawing_sheet


@st.fragment
def lesson() -> None:
    """Shows how much of the sheet is inked."""
    drawing_sheet(SQUARE)
    drawing = drawing_of(SQUARE)
    if drawing is not None:
        with st.container(key="prediction"):
            st.html(f'<div class="digit-lab-answer">{(drawing < 128).sum()}</div>')


lesson()
