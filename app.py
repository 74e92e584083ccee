"""Digit Lab: learn how neural networks read digits, by doing.

`streamlit run app.py` starts it. This file holds what all pages share; each lesson is in `pages/`.
"""

import streamlit as st

from ui import cache

st.set_page_config(page_title="Digit Lab", page_icon="🔢", layout="wide")

page = st.navigation(
    [
        st.Page("pages/seven_segment.py", title="Seven segments", icon="🚦", default=True),
        st.Page("pages/draw.py", title="Draw", icon="✏️"),
        st.Page("pages/train.py", title="Train", icon="🏋️"),
        st.Page("pages/noise.py", title="Noise", icon="📉"),
    ],
    position="top",
)
page.run()

cache.prepare_server()
