"""The steps from a picture to what the network sees, side by side."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.imaging.extraction import Ink
from core.inference.reading import Reading
from ui.widgets.tiles import show_tiles

SHOWN = 160  # pixels of the longer side


def show_stages(reading: Reading) -> None:
    """Shows how the ink became the network's input."""
    stages, picture = reading.stages, reading.extraction.picture
    ink = shown(stages.ink)
    if reading.plain is not None:
        pictures = [picture, ink, shown(reading.plain.network_input[..., 0])]
        labels = [
            "1. What you wrote",
            "2. Ink found",
            "What the network sees: the whole picture, shrunk",
        ]
    else:
        pictures = [
            picture,
            ink,
            shown(stages.fitted),
            shown(stages.network_input[..., 0]),
        ]
        labels = [
            "1. What you wrote",
            "2. Ink found",
            f"3. Cut out and scaled: {stages.fitted.shape[1]} by {stages.fitted.shape[0]}",
            "4. What the network sees: 28 by 28, centred",
        ]
    show_tiles(pictures, labels, key="stages", large=True)


def shown(ink: Ink) -> NDArray[np.uint8]:
    """Returns ink as a picture of bounded size: uint8, bright on black."""
    import cv2

    scale = SHOWN / max(ink.shape)
    if scale < 1:
        size = (max(1, round(ink.shape[1] * scale)), max(1, round(ink.shape[0] * scale)))
        ink = np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_AREA))
    return (ink * 255).round().astype(np.uint8)
