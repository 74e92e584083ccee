"""One way to offer a file, for all pages."""

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
    """Shows a button that downloads a file, which is made when somebody presses it.

    A file that is handed over at every run of the page lives at an address of its own until the
    next run with other contents. A browser that is a run behind asks for an address that is gone.

    Args:
        label: what the button says.
        contents: makes the file; called in a thread of the server.
        file_name: what the file is called at the person's.
        mime: the file's media type.
        where: the part of the page that it stands in; else where the page is.
        width: as `st.download_button` takes it.
        disabled: whether there is nothing to download.
        help: words shown beside the pointer.
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
