"""The download button of all pages."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.elements.lib.layout_utils import Width


def offer_file(
    label: str,
    contents: Callable[[], str | bytes],
    file_name: str,
    mime: str,
    *,
    where: DeltaGenerator | None = None,
    width: Width = "content",
    disabled: bool = False,
    help: str | None = None,
) -> None:
    """Shows a button that downloads a file; the file is made when somebody presses the button.

    If every run of the page made the file, each new version would get a new address and the old
    one would vanish. A browser that is one run behind would ask for an address that is gone.

    Args:
        label: of the button.
        contents: makes the file; called in a thread of the server.
        file_name: its name on the person's computer.
        mime: its media type.
        where: the container of the button. Defaults to the page.
        width: as `st.download_button` takes it.
        disabled: whether there is nothing to download. Defaults to False.
        help: its tooltip. Defaults to none.
    """
    (where or st).download_button(
        label,
        contents,
        file_name,
        mime,
        icon=":material/download:",
        on_click="ignore",
        width=width,
        disabled=disabled,
        help=help,
    )
