"""From a photograph of digits on paper to clean ink: light, shadows, lines and grain taken away.

A camera sees more than what was written: the lamp makes one corner darker, a hand throws a
shadow, the paper is ruled, its rim and the table are in the picture. Each stage here takes one of
these away. What is left is what a drawing on the canvas gives: ink on nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.errors import NothingDrawn
from core.ink import Ink, to_grey

WORKING_SIDE = 1000
# Smaller pictures than this come from data sets and drawing programs, not from cameras.
MIN_PHOTOGRAPH_SIDE = 64
# Nothing that was written has strokes wider than this share of the picture's longer side.
MAX_STROKE = 0.09
# Ink takes at least this share of the light that the paper around it sends back ...
MIN_CONTRAST = 0.12
# ... and so many times the spread of the paper's own grain.
MIN_SIGNAL = 6.0
# A camera's black is never quite 0; without this, its noise there would look like ink.
BLACK = 0.03
# A board for chalk is darker than this; on anything lighter, light writing must outweigh what is
# dark so many times.
BOARD, MUCH_MORE = 0.4, 5.0
# A surface whose grain is stronger than this is no paper.
ROUGH = 0.04
# However rough it looks around it, contrast above this is ink.
MAX_ROUGH = 0.6
# Ink is what has this share of the strongest contrast, with all that hangs on it above the second.
SURE, POSSIBLE = 0.6, 0.3
# A piece is ink if this share of it is sure to be.
MIN_DARK = 0.15
# Bits smaller than this share of the largest piece are specks.
SPECK = 0.12
# A piece inside the picture must have this share of its side to be what was meant, rather than
# a piece that runs off the edge.
MIN_DIGIT = 0.04
MIN_CUT_DIGIT = 0.12
MIN_SPECK = 0.01
# Printed lines are at most this thick, as a share of the picture's longer side, ...
MAX_LINE = 0.011
# ... at most so many degrees aslant, and cross at least this share of the picture.
MAX_SLANT = 14.0
MIN_SPAN = 0.55
# More lines than this are no ruled paper.
MAX_LINES = 80
# A drawing's paper has one shade over this share of the picture, and of its edge.
FLAT_PAPER, FLAT_EDGE = 0.35, 0.6
NOTHING = (
    "There is no writing to be seen in the picture. "
    "Dark, thick strokes on plain paper in good light work best."
)


def clean(image: NDArray[np.generic]) -> Ink:
    """Finds what is written in a photograph, and leaves everything else out.

    Args:
        image: as `core.images.decode` returns it: unsigned integers, shape (height, width) for
            grey or (height, width, 4) as RGBA. Ink may be dark on light paper, or light on a
            dark board.

    Returns:
        float32, shape (height, width), the longer side at most 1000 pixels, the picture's
        proportions; 0 for paper to 1 for ink. There is ink in it.

    Raises:
        NothingDrawn: if no ink stands out from the paper.
        UnreadableImage: if the array has no such form.
    """
    grey = to_grey(shrink(image))
    contrast = even_out(grey)
    grain = grain_of(contrast)
    return keep_writing(remove_lines(contrast, floor=max(0.03, 4 * grain)), grain=grain)


def looks_like_photograph(image: NDArray[np.generic]) -> bool:
    """Tells a photograph from a drawing or an even scan, which need no cleaning.

    A drawing program leaves paper of exactly one shade; a camera never does: there is grain, or
    the light falls off.

    Args:
        image: as in `clean`.

    Returns:
        Whether `clean` should read it; never for a picture with transparent parts, or one whose
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
    """Takes every n-th pixel as it is: a mean over areas would hide the grain."""
    step = max(1, max(image.shape[:2]) // WORKING_SIDE)
    return image[step // 2 :: step, step // 2 :: step]


def shrink(image: NDArray[np.generic]) -> NDArray[np.generic]:
    """Brings the longer side to at most 1000 pixels; the mean over areas also calms the grain."""
    import cv2

    scale = WORKING_SIDE / max(image.shape[:2])
    if scale >= 1:
        return image
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA))  # type: ignore


def even_out(grey: Ink) -> Ink:
    """Divides the picture by the paper's shade at each place, so that light and shadow vanish.

    The paper's shade is found by closing: over a window wider than any stroke, strokes vanish,
    while the edge of a shadow stays where it is.

    Args:
        grey: float32, shape (height, width), 0 for black to 1 for white.

    Returns:
        float32, shape (height, width): the share of the paper's light that is missing (for light
        ink on a dark board, of the ink's light), about 0 on paper and below 1.
    """
    calm = _calm(grey)
    if is_light_on_dark(calm):
        # What is light is made dark and the other way round; ratios between shades stay.
        calm = BLACK / (calm + BLACK) * (1 + BLACK) - BLACK
    share = (calm + BLACK) / (_paper(calm) + BLACK)
    return np.asarray(1 - share / max(float(np.median(share)), 1e-6), dtype=np.float32)


def _calm(grey: Ink) -> Ink:
    """Takes away single odd pixels and the finest grain."""
    import cv2

    spread = max(grey.shape) / WORKING_SIDE
    return np.asarray(cv2.GaussianBlur(cv2.medianBlur(grey, 3), (0, 0), max(0.4, spread)))


def _paper(grey: Ink) -> Ink:
    import cv2

    side = _odd(MAX_STROKE * max(grey.shape) * 1.3)
    window = cv2.getStructuringElement(cv2.MORPH_RECT, (side, side))
    return np.asarray(cv2.morphologyEx(grey, cv2.MORPH_CLOSE, window), dtype=np.float32)


def is_light_on_dark(grey: Ink) -> bool:
    """Tells a chalkboard from paper: is the writing light, or dark?

    Whatever vanishes in a window of some width, and not in a narrower one, counts by how much
    longer it is than wide (its area by the window's). Strokes and lines are long and narrow,
    and so outweigh the inside of a 0 or the bands between ruled lines.

    Args:
        grey: float32, shape (height, width), 0..1.
    """
    import cv2

    scale = min(1.0, 500 / max(grey.shape))
    size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
    # Logarithms, so that a stroke in the shade weighs as much as one in the light.
    shade = np.log(cv2.resize(grey, size, interpolation=cv2.INTER_AREA) + BLACK)
    sides = [_odd(share * max(size)) for share in (0.012, 0.025, 0.05, 0.1)]
    window_areas = np.square(sides)
    hats = [
        [cv2.morphologyEx(shade, how, np.ones((side, side), np.uint8)) for side in sides]
        for how in (cv2.MORPH_BLACKHAT, cv2.MORPH_TOPHAT)
    ]
    # Both sides are measured alike, or the stronger would count only its strongest parts.
    least = max(MIN_CONTRAST, 0.2 * min(float(group[-1].max()) for group in hats))
    dark, light = (
        float(
            (np.diff([0, *((hat[hat > least] ** 2).sum() for hat in group)]) / window_areas).sum()
        )
        for group in hats
    )
    # A board is dark. In a bright picture, light writing would have to be very plain.
    return light > dark * (MUCH_MORE if float(np.median(grey)) > BOARD else 1)


def grain_of(contrast: Ink) -> float:
    """Estimates the standard deviation of the paper's grain; what is written hardly counts."""
    middle = float(np.median(contrast))
    return 1.4826 * float(np.median(np.abs(contrast - middle)))


def local_grain(contrast: Ink) -> Ink:
    """Estimates the grain around each pixel: a table of wood is rougher than the paper on it.

    Args:
        contrast: float32, shape (height, width), about 0 on paper.

    Returns:
        float32, the same shape: standard deviation; 0 where it is no more than fine grain.
    """
    import cv2

    step = max(1, max(contrast.shape) // 250)
    # Against the shade close by, so that the inside of a broad stroke is as smooth as paper.
    near = cv2.blur(contrast, (_odd(0.04 * max(contrast.shape)),) * 2)
    few = np.abs(contrast - near)[::step, ::step]
    levels = np.round(few.clip(0, 1) * 255).astype(np.uint8)
    around = cv2.medianBlur(levels, min(_odd(0.22 * max(levels.shape)), 255))
    grain = 1.4826 * around.astype(np.float32) / 255
    grain[grain < ROUGH] = 0
    size = (contrast.shape[1], contrast.shape[0])
    return np.asarray(cv2.resize(grain, size, interpolation=cv2.INTER_LINEAR))


@dataclass(frozen=True)
class _Line:
    """A printed line across the sheet, as seen from above: row by column.

    Args:
        rows: float64, shape (width,), its middle at each column.
        profile: float32, shape (2 * reach + 1,), its contrast across, strongest in the middle.
        span: share of the picture's width in which it is seen, broad strokes on it left out.
    """

    rows: NDArray[np.float64]
    profile: Ink
    span: float


def remove_lines(contrast: Ink, *, floor: float) -> Ink:
    """Takes the lines of ruled and squared paper away; strokes that cross them stay whole.

    Args:
        contrast: float32, shape (height, width), about 0 on paper and below 1.
        floor: contrast below which there is nothing.

    Returns:
        float32, the same shape.
    """
    found = [
        (find_lines(np.ascontiguousarray(contrast.T if turned else contrast), floor=floor), turned)
        for turned in (False, True)
    ]
    lines = [(line, turned) for group, turned in found for line in group]
    if not lines:
        return contrast
    covers = [np.zeros(contrast.shape, np.uint8), np.zeros(contrast.shape, np.uint8)]
    for line, turned in lines:
        _paint(line, covers[turned].T if turned else covers[turned])
    outside = contrast[(covers[0] | covers[1]) == 0]
    outside = outside[outside > 2 * floor]
    ink = float(np.percentile(outside, 90)) if outside.size else 0.0
    left = contrast.copy()
    for line, turned in lines:
        _wipe(line, left.T if turned else left, ink)
    bridged = np.maximum(_bridge(left, covers[0], False), _bridge(left, covers[1], True))
    return np.maximum(left, np.minimum(bridged, contrast))


def find_lines(contrast: Ink, *, floor: float) -> list[_Line]:
    """Finds thin lines that run from left to right, up to 14 degrees aslant.

    One line must cross nearly the whole picture to count, or it may be somebody's stroke; several
    that are parallel need only cross most of it.

    Args:
        contrast: float32, shape (height, width).
        floor: contrast below which there is nothing.
    """
    import cv2

    height, width = contrast.shape
    thickest = _odd(MAX_LINE * max(height, width))
    upright = np.ones((thickest + 2, 1), np.uint8)
    thin = contrast - cv2.morphologyEx(contrast, cv2.MORPH_OPEN, upright)
    mask = (thin > floor).astype(np.uint8)
    dash = np.ones((1, 7), np.uint8)
    mask = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, dash), dtype=np.uint8)
    slant = np.deg2rad(MAX_SLANT)
    votes = cv2.HoughLines(
        mask,
        1.5,
        np.deg2rad(0.25),
        round(0.25 * width),
        min_theta=np.pi / 2 - slant,
        max_theta=np.pi / 2 + slant,
    )
    lines: list[_Line] = []
    ends = np.zeros((0, 3))
    for rho, theta in votes[:3000, 0] if votes is not None else ():
        at = np.array([0, width / 2, width])
        rows = (rho - at * np.cos(theta)) / np.sin(theta)
        # The same line is voted for many times, a little turned each time.
        if len(ends) and (np.sort(np.abs(ends - rows), axis=1)[:, 1] < 2 * thickest).any():
            continue
        ends = np.vstack([ends, rows])
        line = _follow(contrast, mask, rows, thickest)
        if line is None or line.span < MIN_SPAN:
            continue
        # Two guesses may have been led to the same line.
        if all(np.abs(line.rows - other.rows).mean() > thickest for other in lines):
            lines.append(line)
        if len(lines) >= MAX_LINES:
            break
    return lines if len(lines) >= 3 else [line for line in lines if line.span > 0.95]


def _follow(
    contrast: Ink, mask: NDArray[np.uint8], ends: NDArray[np.float64], thickest: int
) -> _Line | None:
    """Lays a curve along the traces near a straight line, or returns None if there is no line."""
    import cv2

    height, width = contrast.shape
    columns = np.arange(width)
    rows = np.interp(columns, (0, width), (ends[0], ends[2]))
    for reach in (thickest, max(2, thickest // 2)):
        offsets = np.arange(-reach, reach + 1)[:, np.newaxis]
        near = (rows + offsets).round().astype(int)
        weights = np.where(
            (near >= 0) & (near < height), mask[near.clip(0, height - 1), columns], 0
        )
        total = weights.sum(axis=0)
        used = total > 0
        if used.sum() < 0.25 * width:
            return None
        middle = (weights * offsets).sum(axis=0)[used] / total[used] + rows.round()[used]
        rows = np.polyval(np.polyfit(columns[used], middle, 2), columns)
    offsets = np.arange(-thickest, thickest + 1)[:, np.newaxis]
    near = (rows + offsets).round().astype(int)
    inside = (near >= 0) & (near < height)
    seen = contrast[near.clip(0, height - 1), columns] * inside
    traced = (mask[near.clip(0, height - 1), columns] * inside)[thickest - 2 : thickest + 3]
    hit = traced.any(axis=0).astype(np.uint8)[np.newaxis]
    # Short gaps are where a stroke crosses; longer ones end the line.
    hit = cv2.morphologyEx(hit, cv2.MORPH_CLOSE, np.ones((1, _odd(0.06 * width)), np.uint8))
    hit = cv2.morphologyEx(hit, cv2.MORPH_OPEN, np.ones((1, _odd(0.06 * width)), np.uint8))[0]
    where = np.flatnonzero(hit)
    if len(where) < 0.25 * width:
        return None
    profile = np.median(seen[:, where], axis=1)
    peak = float(profile[thickest - 1 : thickest + 2].max())
    wide = np.flatnonzero(profile > max(0.2 * peak, 1e-3))
    reach = int(np.clip(np.abs(wide - thickest).max(initial=1), 1, thickest // 2 + 1)) + 1
    # Under a broad stroke nobody can see whether the line goes on.
    hidden = (seen[thickest] > 0.5 * peak) & ~traced.any(axis=0) & (hit == 0)
    span = len(where) / max(1, width - int(hidden.sum()))
    return _Line(rows, profile[thickest - reach : thickest + reach + 1], span)


def _paint(line: _Line, cover: NDArray[np.uint8]) -> None:
    """Marks the line's pixels."""
    for _, rows, columns in _pixels(line, cover.shape):
        cover[rows, columns] = 1


def _wipe(line: _Line, contrast: Ink, ink: float) -> None:
    """Sets the line's pixels to 0, but for those so dark that a stroke must lie on them."""
    margin = max(0.08, 0.4 * (ink - float(line.profile.max())))
    for offset, rows, columns in _pixels(line, contrast.shape):
        middle = offset + len(line.profile) // 2
        # Half a pixel more or less: the line's edge may be where its middle was expected.
        expected = float(line.profile[max(0, middle - 1) : middle + 2].max())
        here = contrast[rows, columns]
        contrast[rows, columns] = np.where(here > expected + margin, here, 0)


def _pixels(
    line: _Line, shape: tuple[int, ...]
) -> Iterator[tuple[int, NDArray[np.int64], NDArray[np.int64]]]:
    """Yields each of the line's rows in turn: its offset, and where its pixels are."""
    reach = len(line.profile) // 2
    columns = np.arange(shape[1])
    for offset in range(-reach, reach + 1):
        rows = np.round(line.rows + offset).astype(np.int64)
        inside = (rows >= 0) & (rows < shape[0])
        yield offset, rows[inside], columns[inside]


def _bridge(left: Ink, mask: NDArray[np.uint8], turned: bool) -> Ink:
    """Joins what a line's removal has cut: from one bank to the other, straight or aslant."""
    import cv2

    if not mask.any():
        return np.zeros_like(left)
    steps = np.diff(mask.astype(np.int8), axis=1 if turned else 0)
    crossings = max(1, int((steps == 1).sum()))
    length = _odd(int(mask.sum()) / crossings + 5)  # a line's thickness, and both banks
    ahead = np.eye(length, dtype=np.uint8)
    straight = np.zeros_like(ahead)
    straight[:, length // 2] = 1
    straight = straight.T if turned else straight
    ways = [
        cv2.morphologyEx(left, cv2.MORPH_CLOSE, np.ascontiguousarray(way))
        for way in (straight, ahead, ahead[::-1])
    ]
    return np.asarray(np.where(mask > 0, np.maximum.reduce(ways), 0), dtype=np.float32)


@dataclass(frozen=True)
class _Pieces:
    """Connected pieces of possible ink, and for each what decides whether it stays.

    Args:
        labels: int32, shape (height, width), 0 for paper, else the piece's number.
        extent: int64, shape (pieces,), longer side of its box; 0 for paper.
        inside: bool, shape (pieces,), whether it keeps clear of the picture's edge.
        cut: bool, shape (pieces,), whether it could be a digit that the edge has cut.
    """

    labels: NDArray[np.int32]
    extent: NDArray[np.int64]
    inside: NDArray[np.bool_]
    cut: NDArray[np.bool_]


def keep_writing(contrast: Ink, *, grain: float) -> Ink:
    """Keeps the strokes of what is written, and brings them to full strength.

    Args:
        contrast: float32, shape (height, width), about 0 on paper and below 1.
        grain: standard deviation of the contrast on plain paper.

    Returns:
        float32, shape (height, width), 0..1.

    Raises:
        NothingDrawn: if there is none.
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
    # From the faintest trace that counts to the middle of a stroke, ink rises from 0 to 1.
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
    """Says of each piece whether it was written: bool, shape (pieces,)."""
    side = max(pieces.labels.shape)
    for allowed, least in ((pieces.inside, MIN_DIGIT), (pieces.cut, MIN_CUT_DIGIT)):
        largest = int((pieces.extent * allowed).max())
        # What runs off the edge is the table or a finger, unless that is all there is.
        if largest >= least * side:
            return np.asarray(allowed & (pieces.extent >= max(2, SPECK * largest)))
    return np.asarray(pieces.inside & (pieces.extent >= max(3, MIN_SPECK * side)))


def _odd(length: float) -> int:
    return max(3, int(length) // 2 * 2 + 1)
