"""Digit Lab: learn how neural networks read digits, by doing.

`streamlit run app.py` starts it. This file holds what all pages share; each lesson is in `pages/`.

It runs in two ways. The server imports it once, as a module, to find `app`. Then it runs it as a
script for every visitor and shows the page in the address. Slow imports stand inside the functions:
the server answers before they are loaded.
"""

import contextlib
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from streamlit.runtime.pages_manager import PagesManager

from core.api.hosts import HostGuard
from core.api.mounting import WithApi
from ui.services.nested_fragments import redraw_inner_fragments
from ui.services.training_api import PageManagers

ICON = Path(__file__).parent / "static" / "icon.svg"


def show_page() -> None:
    """Shows the page that the visitor is on, under the menu of all pages."""
    from core.errors import InvalidInput
    from ui.services import server
    from ui.widgets.footer import show_footer
    from ui.widgets.password import show_password
    from ui.widgets.style import style

    # A picture, because for an emoji Streamlit compiles a pattern of all emojis, which takes 0.1 s.
    # It comes before the menu, or the browser would fetch the page's icon from another host.
    st.set_page_config(
        page_title="Digit Lab",
        page_icon=ICON,
        layout="wide",
        initial_sidebar_state="collapsed",  # the menu of a phone
    )
    page = st.navigation(
        {
            "Read digits": [
                # The start page's address is /; the second entry keeps /seven_segment working.
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
                st.Page("pages/table.py", title="Your table", icon=":material/table:"),
                st.Page("pages/train.py", title="Train", icon=":material/model_training:"),
                st.Page("pages/runs.py", title="Compare runs", icon=":material/compare_arrows:"),
                st.Page("pages/search.py", title="Search", icon=":material/manage_search:"),
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
                st.Page("pages/api.py", title="API", icon=":material/api:"),
            ],
        },
        position="top",
    )
    st.set_page_config(page_title=f"{page.title} – Digit Lab")
    st.html(style())
    try:
        server.configuration()
    except InvalidInput as error:
        st.error(f"This server's settings are wrong. {error}", icon=":material/settings:")
        st.stop()
    show_password(page.title)
    page.run()
    show_footer(page.title)
    server.prepare_server()


def load_ahead() -> None:
    """Loads what the first answer needs while the first visitor's browser is still loading."""
    # The start page's imports: Streamlit runs a page from its source and never imports it.
    from core.api import mounting
    from ui.components import segment_display  # noqa: F401
    from ui.services import server
    from ui.seven_segment import damage_box, explanation, layout, play  # noqa: F401
    from ui.widgets import drawn_digit, noise_picker, pickers, prediction  # noqa: F401

    server.load_ahead()
    mounting.api(PageManagers())  # last: no visitor waits for it


@contextlib.asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    """Spans the server's life. Slow work runs in a thread, to let the server answer at once."""
    threading.Thread(target=load_ahead, name="load-ahead", daemon=True).start()
    from core.api.sockets import send_at_once
    from ui.services.address import room_address

    send_at_once(int(st.get_option("server.port")))
    if address := room_address():
        print(f"\n  For the others in the room: {address}", flush=True)
    yield
    from ui.services import server

    server.close()


if __name__ == "__main__":
    show_page()
else:
    # Before the first call of `st.navigation`, Streamlit treats `pages/` as an old-style app. A
    # first visitor who follows a link to /draw would get that page without its menu.
    PagesManager.uses_pages_directory = False
    redraw_inner_fragments()
    app = st.App(
        __file__,
        lifespan=lifespan,
        middleware=[
            Middleware(HostGuard),
            Middleware(WithApi, managers=PageManagers(), base=st.get_option("server.baseUrlPath")),
        ],
    )
