"""The ink in picture files."""

from __future__ import annotations

import streamlit as st

from core.inference import reading
from core.inference.reading import WHOLE, InkExtraction, Part


@st.cache_resource(
    max_entries=8, show_spinner="Looking for ink in the picture …", hash_funcs={Part: repr}
)
def extract_ink(data: bytes, part: Part = WHOLE) -> InkExtraction:
    """Returns the ink in a picture file, or in a part of it."""
    return reading.extract_ink(data, part)
