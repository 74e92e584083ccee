"""The ink in picture files."""

from __future__ import annotations

import streamlit as st

from core.inference import reading


@st.cache_resource(max_entries=8, show_spinner="Looking for ink in the picture …")
def extract_ink(data: bytes) -> reading.InkExtraction:
    """Returns the ink in a picture file."""
    return reading.extract_ink(data)
