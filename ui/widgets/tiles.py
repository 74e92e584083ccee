"""A row of small pictures with their labels."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from html import escape

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.imaging.image_files import to_png

_STYLE = """
<style>
.digit-lab-tiles { display: flex; flex-wrap: wrap; gap: 0.6rem; margin: 0; padding: 0; }
.digit-lab-tiles figure { margin: 0; text-align: center; font-size: 0.85rem; }
.digit-lab-tiles img { height: 4.5rem; image-rendering: pixelated; display: block; margin: auto;
  border: 1px solid rgba(128, 128, 128, 0.4); border-radius: 4px; }
.digit-lab-large figure { flex: 1 1 7.5rem; max-width: 11rem; }
/* Grey, so that see-through pictures show whether their ink is black or white. */
.digit-lab-large img { height: 7.5rem; max-width: 100%; object-fit: contain; background: #8a9396; }
</style>
"""


def show_tiles(
    pictures: Sequence[NDArray[np.uint8]],
    labels: Sequence[str],
    *,
    key: str,
    large: bool = False,
) -> None:
    """Shows pictures side by side, enlarged without smoothing.

    Args:
        pictures: uint8, shape (height, width) or (height, width, channels) each.
        labels: the text under each, which a screen reader says too.
        key: unique on the page.
        large: whether they are shown large. Defaults to False.
    """
    show_pngs([_base64_png(picture) for picture in pictures], labels, key=key, large=large)


def show_pngs(
    pictures: Sequence[str], labels: Sequence[str], *, key: str, large: bool = False
) -> None:
    """Shows pictures as `show_tiles` does, each a PNG in base64."""
    tiles = "".join(
        f'<figure><img src="data:image/png;base64,{escape(picture)}" alt="{escape(label)}">'
        f"<figcaption>{escape(label)}</figcaption></figure>"
        for picture, label in zip(pictures, labels, strict=True)
    )
    with st.container(key=key):
        size = " digit-lab-large" if large else ""
        st.html(f'{_STYLE}<div class="digit-lab-tiles{size}">{tiles}</div>')


def _base64_png(picture: NDArray[np.uint8]) -> str:
    return base64.b64encode(to_png(picture)).decode("ascii")
