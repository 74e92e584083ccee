"""Controls large enough for a finger, on pages that ask for it."""

import streamlit as st

TOUCH_PIXELS = 40
_STYLE = f"""
<style>
@media (pointer: coarse), (max-width: 640px) {{
  [data-testid=stMain] :is(
    [data-testid=stPageLink-NavLink],
    [data-testid^=stBaseButton],
    [data-testid=stSelectbox] [data-baseweb=select] > div,
    [data-testid=stMultiSelect] [data-baseweb=select] > div,
    [data-testid=stTextInputRootElement],
    [data-testid=stExpander] summary,
    [data-testid=stMultiSelect] button,
    [data-testid=stSelectbox] button
  ) {{ min-height: {TOUCH_PIXELS}px; }}
  [data-testid=stMain] [data-testid=stMultiSelect] button {{ min-width: {TOUCH_PIXELS}px; }}
}}
</style>
"""


def enlarge_for_touch() -> None:
    """Makes the page's buttons, links and boxes TOUCH_PIXELS high where a finger is used."""
    st.html(_STYLE)
