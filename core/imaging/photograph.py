"""From a photograph of digits to clean ink, without shadows, ruled lines and grain.

A camera sees more than the writing: one corner is darker, a hand casts a shadow, the paper is
ruled, its edge and the table are in view. Each stage removes one of these. What remains is what a
drawing on the canvas gives: ink and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import NothingDrawn
from core.imaging.extraction import Ink, ink_of, to_grey
from core.imaging.ruled_lines import odd, remove_lines

WORKING_SIDE = 1000
# Smaller images come from data sets and drawing programs, not from cameras.
MIN_PHOTOGRAPH_SIDE = 64
# Maximum stroke width, as a share of the image's longer side.
MAX_STROKE = 0.09
# Ink absorbs at least this share of the light that the paper around it reflects ...
MIN_CONTRAST = 0.12
# ... and at least this many standard deviations of the paper's grain.
MIN_SIGNAL = 6.0
# A camera's black is never quite 0; without this offset, noise there would look like ink.
BLACK = 0.03
# A chalkboard is darker than the first; on anything lighter, the evidence for light writing must
# outweigh that for dark writing by the second.
BOARD, MUCH_MORE = 0.4, 5.0
# Paper has weaker grain than this.
ROUGH = 0.04
# Contrast above this is ink, however rough the surroundings.
MAX_ROUGH = 0.6
# Hysteresis thresholds, as shares of the strongest contrast.
SURE, POSSIBLE = 0.6, 0.3
# A piece is ink if at least this share of it is above the first.
MIN_DARK = 0.15
# Pieces smaller than this share of the largest are specks.
SPECK = 0.12
# Minimum size of the largest piece inside the image, then of the largest one cut by its edge, then
# of every piece if both are smaller: shares of the image's longer side.
MIN_DIGIT = 0.04
MIN_CUT_DIGIT = 0.12
MIN_SPECK = 0.01
# A drawing's paper has one shade over these shares of the image and of its edge.
FLAT_PAPER, FLAT_EDGE = 0.35, 0.6
NOTHING = (
    "There is no writing to be seen in the picture. "
    "Dark, thick strokes on plain paper in good light work best."
)


def clean(image: NDArray[np.generic]) -> Ink:
    """Extracts the writing from a photograph, and nothing else.

    Args:
        image: as `core.imaging.image_files.decode` returns it: unsigned integers, shape (height,
            width) for grey or (height, width, 4) as RGBA. Ink may be dark on light paper, or light
            on a dark board.

    Returns:
        float32, shape (height, width), the longer side at most 1000 pixels, the aspect ratio kept;
        0 for paper to 1 for ink. There is always some ink.

    Raises:
        NothingDrawn: if no ink stands out from the paper.
        UnreadableImage: if the shape or dtype is invalid.
    """
    grey = to_grey(shrink(image))
    contrast = even_out(grey)
    grain = grain_of(contrast)
    return keep_writing(remove_lines(contrast, floor=max(0.03, 4 * grain)), grain=grain)


def find_writing(image: NDArray[np.generic]) -> Ink:
    """Extracts the writing from any image, cleaning it only if it looks like a photograph.

    Args:
        image: as in `clean`.

    Raises:
        NothingDrawn: if there is no ink in it.
        UnreadableImage: if the shape or dtype is invalid.
    """
    return clean(image) if looks_like_photograph(image) else ink_of(image)


def looks_like_photograph(image: NDArray[np.generic]) -> bool:
    """Tells a photograph from a drawing or an evenly lit scan, which need no cleaning.

    A drawing program leaves paper of exactly one shade; a camera never does, because of grain and
    uneven light.

    Args:
        image: as in `clean`.

    Returns:
        Whether `clean` should read it; always False if the image has transparent parts or its
        shorter side is under 64 pixels.
    """
    if min(image.shape[:2]) < MIN_PHOTOGRAPH_SIDE or _has_clear_parts(image):
        return False
    grey = to_grey(_middle_of_each_block(image))
    levels = np.round(grey * 255).astype(np.uint8)
    paper = int(np.bincount(levels.ravel()).argmax())
    edge = np.concatenate([levels[0], levels[-1], levels[:, 0], levels[:, -1]])
    flat = [float((np.abs(part.astype(int) - paper) <= 1).mean()) for part in (levels, edge)]
    return not (flat[0] > FLAT_PAPER and flat[1] > FLAT_EDGE)


def _has_clear_parts(image: NDArray[np.generic]) -> bool:
    if image.ndim != 3 or image.shape[2] not in (2, 4):
        return False
    return bool(np.less(image[..., -1], np.iinfo(image.dtype.name).max).any())


def _middle_of_each_block(image: NDArray[np.generic]) -> NDArray[np.generic]:
    """Takes every n-th pixel as it is: averaging would hide the grain."""
    step = max(1, max(image.shape[:2]) // WORKING_SIDE)
    return image[step // 2 :: step, step // 2 :: step]


def shrink(image: NDArray[np.generic]) -> NDArray[np.generic]:
    """Shrinks the longer side to at most 1000 pixels; area averaging also reduces the grain."""
    import cv2

    scale = WORKING_SIDE / max(image.shape[:2])
    if scale >= 1:
        return image
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA))  # type: ignore


def even_out(grey: Ink) -> Ink:
    """Divides the image by the paper's local shade, which removes uneven light and shadows.

    The paper's shade is a morphological closing: its window, wider than any stroke, removes strokes
    but keeps the edges of shadows.

    Args:
        grey: float32, shape (height, width), 0 for black to 1 for white.

    Returns:
        float32, shape (height, width): contrast, the share of the paper's light that is missing (on
        a dark board, of the ink's light); about 0 on paper, below 1 everywhere.
    """
    calm = _calm(grey)
    if is_light_on_dark(calm):
        # Swap light and dark, keeping the ratios between shades.
        calm = BLACK / (calm + BLACK) * (1 + BLACK) - BLACK
    share = (calm + BLACK) / (_paper(calm) + BLACK)
    return np.asarray(1 - share / max(float(np.median(share)), 1e-6), dtype=np.float32)


def _calm(grey: Ink) -> Ink:
    """Removes outlier pixels and the finest grain."""
    import cv2

    spread = max(grey.shape) / WORKING_SIDE
    return np.asarray(cv2.GaussianBlur(cv2.medianBlur(grey, 3), (0, 0), max(0.4, spread)))


def _paper(grey: Ink) -> Ink:
    import cv2

    side = odd(MAX_STROKE * max(grey.shape) * 1.3)
    window = cv2.getStructuringElement(cv2.MORPH_RECT, (side, side))
    return np.asarray(cv2.morphologyEx(grey, cv2.MORPH_CLOSE, window), dtype=np.float32)


def is_light_on_dark(grey: Ink) -> bool:
    """Returns whether the writing is light on dark, as on a chalkboard.

    Black-hat and top-hat transforms with growing windows measure dark and light features. Each
    counts by its area over that of the first window that removes it, so long, narrow strokes
    outweigh the inside of a 0 or the bands between ruled lines.

    Args:
        grey: float32, shape (height, width), 0..1.
    """
    import cv2

    scale = min(1.0, 500 / max(grey.shape))
    size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
    # Logarithms, so that a stroke in shadow weighs as much as one in the light.
    shade = np.log(cv2.resize(grey, size, interpolation=cv2.INTER_AREA) + BLACK)
    sides = [odd(share * max(size)) for share in (0.012, 0.025, 0.05, 0.1)]
    window_areas = np.square(sides)
    hats = [
        [cv2.morphologyEx(shade, how, np.ones((side, side), np.uint8)) for side in sides]
        for how in (cv2.MORPH_BLACKHAT, cv2.MORPH_TOPHAT)
    ]
    # One threshold for both, or the stronger would count only its strongest parts.
    least = max(MIN_CONTRAST, 0.2 * min(float(group[-1].max()) for group in hats))
    dark, light = (
        float(
            (np.diff([0, *((hat[hat > least] ** 2).sum() for hat in group)]) / window_areas).sum()
        )
        for group in hats
    )
    # A board is dark. In a bright image, light writing needs much stronger evidence.
    return light > dark * (MUCH_MORE if float(np.median(grey)) > BOARD else 1)


def grain_of(contrast: Ink) -> float:
    """Estimates the standard deviation of the paper's grain, ignoring the writing (by the MAD)."""
    middle = float(np.median(contrast))
    return 1.4826 * float(np.median(np.abs(contrast - middle)))


def local_grain(contrast: Ink) -> Ink:
    """Estimates the grain around each pixel: a wooden table is rougher than the paper on it.

    Args:
        contrast: float32, shape (height, width), about 0 on paper.

    Returns:
        float32, the same shape: the standard deviation, or 0 where it is below ROUGH.
    """
    import cv2

    step = max(1, max(contrast.shape) // 250)
    # Relative to the local mean, so that the inside of a broad stroke is as smooth as paper.
    near = cv2.blur(contrast, (odd(0.04 * max(contrast.shape)),) * 2)
    few = np.abs(contrast - near)[::step, ::step]
    levels = np.round(few.clip(0, 1) * 255).astype(np.uint8)
    around = cv2.medianBlur(levels, min(odd(0.22 * max(levels.shape)), 255))
    grain = 1.4826 * around.astype(np.float32) / 255
    grain[grain < ROUGH] = 0
    size = (contrast.shape[1], contrast.shape[0])
    return np.asarray(cv2.resize(grain, size, interpolation=cv2.INTER_LINEAR))


@dataclass(frozen=True)
class _Pieces:
    """Connected pieces of possible ink, with what decides whether each is kept.

    Args:
        labels: int32, shape (height, width), 0 for paper, else the piece's index.
        extent: int64, shape (pieces,), longer side of its box; 0 for paper, or with too few dark
            pixels.
        inside: bool, shape (pieces,), whether it is clear of the image's edge.
        cut: bool, shape (pieces,), whether it could be a digit cut off by the edge.
    """

    labels: NDArray[np.int32]
    extent: NDArray[np.int64]
    inside: NDArray[np.bool_]
    cut: NDArray[np.bool_]


def keep_writing(contrast: Ink, *, grain: float) -> Ink:
    """Keeps the strokes of the writing and scales them to full strength.

    Args:
        contrast: float32, shape (height, width), about 0 on paper and below 1.
        grain: standard deviation of the contrast on plain paper.

    Returns:
        float32, shape (height, width), 0..1.

    Raises:
        NothingDrawn: if there is no writing.
    """
    floor = max(MIN_CONTRAST, MIN_SIGNAL * grain)
    rough = np.minimum(MIN_SIGNAL * local_grain(contrast), MAX_ROUGH)
    contrast = np.where(contrast > rough, contrast, 0)
    candidates = contrast[contrast > floor]
    if candidates.size < 4:
        raise NothingDrawn(NOTHING)
    strength = float(np.percentile(candidates, 95))
    possible = max(POSSIBLE * strength, floor * 0.7)
    pieces = _pieces(contrast, possible, max(SURE * strength, floor))
    kept = _choose(pieces)
    if not kept.any():
        raise NothingDrawn(NOTHING)
    # Ink rises from 0 at the faintest trace that counts to 1 in the middle of a stroke.
    low = 0.5 * possible
    ink = np.clip((contrast - low) / max(0.75 * strength - low, 1e-3), 0, 1)
    return np.asarray(ink * _with_rim(kept[pieces.labels]), dtype=np.float32)


def _with_rim(mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Adds the soft edge of the strokes, one pixel wide."""
    import cv2

    return np.asarray(cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8)))


def _pieces(contrast: Ink, possible: float, sure: float) -> _Pieces:
    import cv2

    mask = (contrast > possible).astype(np.uint8)
    count, labels, boxes, _ = cv2.connectedComponentsWithStats(mask)
    extent = boxes[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1).astype(np.int64)
    # A shadow has a few dark pixels; a stroke is dark along its whole middle.
    dark = np.bincount(labels[contrast > sure], minlength=count)
    extent[dark < MIN_DARK * boxes[:, cv2.CC_STAT_AREA]] = 0
    extent[0] = 0
    height, width = contrast.shape
    left, top = boxes[:, cv2.CC_STAT_LEFT], boxes[:, cv2.CC_STAT_TOP]
    right = left + boxes[:, cv2.CC_STAT_WIDTH]
    bottom = top + boxes[:, cv2.CC_STAT_HEIGHT]
    aside = (left <= 1) | (right >= width - 1)
    above = (top <= 1) | (bottom >= height - 1)
    # A finger or a shadow's corner is broad, and the end of a line runs along the edge.
    slender = boxes[:, cv2.CC_STAT_AREA] < 0.3 * extent.astype(np.float64) ** 2
    thin = 0.05 * max(height, width)
    along = (aside & (right - left < thin)) | (above & (bottom - top < thin))
    return _Pieces(labels.astype(np.int32), extent, ~aside & ~above, slender & ~along)


def _choose(pieces: _Pieces) -> NDArray[np.bool_]:
    """Returns which pieces are writing: bool, shape (pieces,)."""
    side = max(pieces.labels.shape)
    for allowed, least in ((pieces.inside, MIN_DIGIT), (pieces.cut, MIN_CUT_DIGIT)):
        largest = int((pieces.extent * allowed).max())
        # What runs off the edge is the table or a finger, unless there is nothing else.
        if largest >= least * side:
            return np.asarray(allowed & (pieces.extent >= max(2, SPECK * largest)))
    return np.asarray(pieces.inside & (pieces.extent >= max(3, MIN_SPECK * side)))
