"""A button and a text: the least that a click in Streamlit costs."""

import itertools

import streamlit as st

if "count" not in st.session_state:
    st.session_state.count = itertools.count()


@st.fragment
def lesson() -> None:
    """Shows a text that every click changes."""
    st.button("Click")
    with st.container(key="prediction"):
        st.html(f'<div class="digit-lab-answer">{next(st.session_state.count)}</div>')


lesson()
