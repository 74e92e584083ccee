"""Ink extraction from evenly lit images: drawings and scans."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.errors import NothingDrawn, UnreadableImage

MAX_PIXELS = 25_000_000
# Ink must differ from the paper by this share of the range between black and white.
MIN_CONTRAST = 0.12
# Larger images are reduced to grey first, which takes a third of the memory.
MAX_COLOURED = 4_000_000

Ink = NDArray[np.float32]


def ink_of(image: NDArray[np.generic], *, background: float | None = None) -> Ink:
    """Extracts the ink from an evenly lit image: a drawing or a scan.

    Args:
        image: as in `to_network_input`.
        background: as in `to_network_input`.

    Returns:
        float32, shape (height, width), 0 for paper to 1 for the strongest ink.
    """
    colours = _on_paper(image)
    if colours[..., 0].size > MAX_COLOURED:
        colours = _grey(colours)[..., np.newaxis]
    if background is not None:
        return _strength(colours - np.float32(background))
    edge = np.concatenate([colours[0], colours[-1], colours[:, 0], colours[:, -1]])
    return _strength(colours - np.median(edge, axis=0))


def _strength(difference: Ink) -> Ink:
    """Turns each pixel's difference from the paper, (height, width, 1 or 3), into ink strength."""
    darker = _grey(difference)
    ink = np.abs(difference).max(axis=2)  # yellow on white is hardly darker, but lacks blue
    # Ink is all lighter or all darker than the paper; the opposite is a highlight or a shadow.
    side = darker.max() >= -darker.min()
    ink[(darker < -ink / 2) if side else (darker > ink / 2)] = 0
    strongest = float(ink.max())
    if strongest < MIN_CONTRAST:
        raise NothingDrawn("Nothing is drawn yet: there is no ink in the picture.")
    return np.asarray(np.clip(ink / strongest, 0, 1), dtype=np.float32)


def to_grey(image: NDArray[np.generic]) -> Ink:
    """Converts an image to one grey channel; transparent parts become paper.

    Args:
        image: as in `to_network_input`.

    Returns:
        float32, shape (height, width), 0 for black to 1 for white.
    """
    return _grey(_on_paper(image))


def _grey(colours: Ink) -> Ink:
    if colours.shape[2] == 1:
        return colours[..., 0]
    weights = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601 luma
    return np.asarray(colours @ weights, dtype=np.float32)


def _on_paper(image: NDArray[np.generic]) -> Ink:
    """Checks an image and fills its transparent parts with paper: (height, width, 1 or 3)."""
    if image.ndim == 2:
        image = image[..., np.newaxis]
    if image.ndim != 3 or image.shape[2] not in (1, 2, 3, 4) or 0 in image.shape:
        raise UnreadableImage(
            "Expected a picture of (height, width) or (height, width, 1 to 4 channels). "
            f"Received: shape {image.shape}"
        )
    if image.shape[0] * image.shape[1] > MAX_PIXELS:
        raise UnreadableImage(
            f"The picture has {image.shape[0] * image.shape[1] / 1e6:.0f} million pixels; "
            f"at most {MAX_PIXELS / 1e6:.0f} million can be read."
        )
    if (
        image.shape[2] in (2, 4)
        and np.issubdtype(image.dtype, np.unsignedinteger)
        and image[..., -1].min() == np.iinfo(image.dtype.name).max
    ):
        image = image[..., :-1]  # opaque: less to convert
    values = _to_unit_range(image)
    if values.shape[2] not in (2, 4):
        return values
    colours, alpha = values[..., :-1], values[..., -1:]
    if alpha.min() == 1:
        return np.ascontiguousarray(colours)
    # Transparent paper gets the shade farther from the ink, so that white ink shows too.
    opaque = float((_grey(colours) * alpha[..., 0]).sum() / max(float(alpha.sum()), 1e-6))
    paper = np.float32(1.0 if opaque < 0.5 else 0.0)
    return np.ascontiguousarray(alpha * colours + (1 - alpha) * paper)


def _to_unit_range(image: NDArray[np.generic]) -> Ink:
    if image.dtype == np.bool_:
        return image.astype(np.float32)
    if np.issubdtype(image.dtype, np.unsignedinteger):
        values = image.astype(np.float32)
        values /= np.float32(np.iinfo(image.dtype.name).max)
        return values
    if np.issubdtype(image.dtype, np.floating):
        values = image.astype(np.float32)
        if np.isfinite(values).all() and values.min() >= 0 and values.max() <= 1:
            return values
        raise UnreadableImage("Expected floating-point pixels in 0..1.")
    raise UnreadableImage(
        f"Expected unsigned integer, bool or floating-point pixels. Received: {image.dtype}"
    )
