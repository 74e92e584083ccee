"""What galleries share. A gallery is one component and, for the keyboard, one stop: Tab enters it
and leaves it again, the arrow keys go from tile to tile.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import streamlit as st

from ui.components.source import source


def gallery_component(name: str, *scripts: str) -> Any:
    """Registers a gallery, whose style is in a file of its name.

    Args:
        name: of the component and its files.
        scripts: files that its own script builds upon, besides what all galleries share.
    """
    return st.components.v2.component(
        f"digit_lab_{name}",
        js=source(*scripts, "gallery.js", f"{name}.js"),
        css=source("buttons.css", "gallery.css", f"{name}.css"),
    )


def opened(result: Mapping[str, Any], names: Collection[str]) -> str | None:
    """Returns the name of the tile that the browser opened, if it is one that it was shown."""
    name = result.get("opened")
    return name if isinstance(name, str) and name in names else None
