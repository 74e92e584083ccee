"""Small pictures side by side, with captions; a click can open one."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.imaging.image_files import to_png
from ui.components.gallery import gallery_component, opened

_mount = gallery_component("picture_gallery")


@dataclass(frozen=True, eq=False)
class Picture:
    """One picture of a gallery.

    Args:
        name: what `picture_gallery` returns when it is opened; unique in the gallery.
        pixels: uint8, shape (height, width) or (height, width, channels).
        label: what a screen reader says and the tooltip shows, as plain text.
        captions: lines of small text under it. Defaults to none.
        wrong: whether its first line stands out. Defaults to False.
    """

    name: str
    pixels: NDArray[np.uint8]
    label: str
    captions: tuple[str, ...] = ()
    wrong: bool = False


def picture_gallery(
    pictures: Sequence[Picture], *, key: str, on_open: bool = False, label: str = "Pictures"
) -> str | None:
    """Shows pictures side by side, as many in a row as fit.

    Args:
        pictures: the pictures, in this order.
        key: the component's key in the session.
        on_open: whether a picture is a button. Defaults to False.
        label: what a screen reader calls them all. Defaults to "Pictures".

    Returns:
        The name of a picture just opened, in one run only; else None.
    """
    result = _mount(
        key=key,
        data={
            "pictures": tuple(_content(picture) for picture in pictures),
            "opens": on_open,
            "label": label,
        },
        on_opened_change=lambda: None,
    )
    return opened(result, {picture.name for picture in pictures}) if on_open else None


def _content(picture: Picture) -> dict[str, Any]:
    return {
        "name": picture.name,
        "png": base64.b64encode(to_png(picture.pixels)).decode("ascii"),
        "label": picture.label,
        "captions": list(picture.captions),
        "wrong": picture.wrong,
    }
