"""A heading and nothing else: the least that a start costs."""

import streamlit as st

st.title("Empty")
