"""A canvas and a text: the least that a stroke costs."""

import streamlit as st
from streamlit_drawable_canvas import st_canvas


@st.fragment
def lesson() -> None:
    """Shows the number of strokes."""
    result = st_canvas(
        stroke_width=20,
        background_color="#ffffff",
        height=320,
        width=320,
        return_image_data=True,
        key="canvas",
    )
    strokes = len(result.json_data["objects"]) if result.json_data else 0
    if result.image_data is not None:
        with st.container(key="prediction"):
            st.html(f'<div class="digit-lab-answer">{strokes}</div>')


lesson()
