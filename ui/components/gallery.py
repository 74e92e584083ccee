"""The shared part of all galleries.

A gallery is one component and one tab stop: Tab enters and leaves it, and the arrow keys move from
tile to tile.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import streamlit as st

from ui.components.source import source


def gallery_component(name: str, *scripts: str) -> Any:
    """Registers a gallery.

    Args:
        name: of the component and of its JS and CSS files.
        scripts: further files that its script builds on, besides those that all galleries share.
    """
    return st.components.v2.component(
        f"digit_lab_{name}",
        js=source(*scripts, "gallery.js", f"{name}.js"),
        css=source("buttons.css", "gallery.css", f"{name}.css"),
    )


def opened(result: Mapping[str, Any], names: Collection[str]) -> str | None:
    """Returns the name of the tile that the browser opened, if it is one of those shown."""
    name = result.get("opened")
    return name if isinstance(name, str) and name in names else None
