"""Digit Lab: learn how neural networks read digits, by doing.

`streamlit run app.py` starts it. This file holds what all pages share; each lesson is in `pages/`.
"""

import streamlit as st

from ui import cache

st.set_page_config(page_title="Digit Lab", page_icon="🔢", layout="wide")

page = st.navigation(
    [
        # The start page has the address /; the second entry keeps /seven_segment good as well.
        st.Page(
            "pages/seven_segment.py",
            title="Seven segments",
            icon=":material/counter_7:",
            url_path="start",
            default=True,
        ),
        st.Page(
            "pages/seven_segment.py",
            title="Seven segments",
            url_path="seven_segment",
            visibility="hidden",
        ),
        st.Page("pages/draw.py", title="Draw", icon=":material/draw:"),
        st.Page("pages/train.py", title="Train", icon=":material/model_training:"),
        st.Page("pages/noise.py", title="Noise", icon=":material/show_chart:"),
    ],
    position="top",
)
page.run()

cache.prepare_server()
