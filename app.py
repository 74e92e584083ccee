"""Digit Lab: learn how neural networks read digits, by doing.

`streamlit run app.py` starts it. This file holds what all pages share; each lesson is in `pages/`.

It is run in two ways. The server imports it once, as a module, to find `app`. Then it runs it as a
script for every visitor, which shows the page that the address names. What takes long to import
is imported inside the functions, so that the server answers before it is loaded.
"""

import contextlib
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

ICON = Path(__file__).parent / "static" / "icon.svg"


def show_page() -> None:
    """Shows the page that the visitor is on, under the menu of all pages."""
    from ui.services import server
    from ui.widgets.style import STYLE

    # A picture: for an emoji Streamlit builds a pattern of all there are, a tenth of a second.
    st.set_page_config(page_title="Digit Lab", page_icon=ICON, layout="wide")
    page = st.navigation(
        {
            "Read digits": [
                # The start page has the address /; the second entry keeps /seven_segment good too.
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
                st.Page(
                    "pages/handwriting.py", title="Your handwriting", icon=":material/edit_note:"
                ),
            ],
            "Train networks": [
                st.Page(
                    "pages/dataset.py", title="Data", icon=":material/dataset:", url_path="data"
                ),
                st.Page("pages/train.py", title="Train", icon=":material/model_training:"),
                st.Page("pages/runs.py", title="Compare runs", icon=":material/compare_arrows:"),
            ],
            "Understand them": [
                st.Page("pages/atlas.py", title="Atlas", icon=":material/grid_view:"),
                st.Page("pages/noise.py", title="Noise", icon=":material/show_chart:"),
                st.Page("pages/evaluate.py", title="Evaluate", icon=":material/fact_check:"),
                st.Page("pages/inside.py", title="Inside", icon=":material/biotech:"),
            ],
            "Models": [
                st.Page("pages/compare.py", title="Compare models", icon=":material/balance:"),
                st.Page("pages/models.py", title="Models", icon=":material/inventory_2:"),
            ],
        },
        position="top",
    )
    st.html(STYLE)
    page.run()
    server.prepare_server()


def load_ahead() -> None:
    """Loads what the first answer needs while the first visitor's browser is still loading."""
    # The start page's own imports; a page is a script, which Streamlit runs from its source.
    from ui.components import segment_display  # noqa: F401
    from ui.services import server
    from ui.seven_segment import explanation  # noqa: F401
    from ui.widgets import drawn_digit, noise_picker, pickers, prediction  # noqa: F401

    server.load_ahead()


@contextlib.asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    """Spans the server's life: nothing that takes time comes before it answers."""
    threading.Thread(target=load_ahead, name="load-ahead", daemon=True).start()
    yield
    from ui.services import server

    server.close()


if __name__ == "__main__":
    show_page()
else:
    # Until a visitor's run has called `st.navigation`, Streamlit takes the folder `pages/` for an
    # app of its older kind, and a first visitor who follows a link to /draw gets that page bare.
    PagesManager.uses_pages_directory = False
    app = st.App(__file__, lifespan=lifespan)
