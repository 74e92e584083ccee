"""Removes the printed lines of ruled and squared paper from a photograph.

A line is long, thin and nearly straight. Strokes that it crosses are repaired.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.imaging.extraction import Ink

# Printed lines are at most this thick, as a share of the image's longer side, ...
MAX_LINE = 0.011
# ... tilted by at most this many degrees, and span at least this share of the image.
MAX_SLANT = 14.0
MIN_SPAN = 0.55
# No ruled paper has more lines than this.
MAX_LINES = 80


@dataclass(frozen=True)
class _Line:
    """A printed line across the sheet.

    Args:
        rows: float64, shape (width,), the row of its middle at each column.
        profile: float32, shape (2 * reach + 1,), contrast across the line, strongest in the middle.
        span: share of the image's width in which it is visible, not counting broad strokes on it.
    """

    rows: NDArray[np.float64]
    profile: Ink
    span: float


def remove_lines(contrast: Ink, *, floor: float) -> Ink:
    """Removes the lines of ruled and squared paper; strokes that cross them stay whole.

    Args:
        contrast: float32, shape (height, width), about 0 on paper and below 1.
        floor: contrast up to this is paper.

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
    """Finds thin lines from left to right, tilted by up to 14 degrees (Hough transform).

    Fewer than three lines must each span nearly the whole image, or they may be strokes; three or
    more need only span most of it.

    Args:
        contrast: float32, shape (height, width).
        floor: contrast up to this is paper.
    """
    import cv2

    height, width = contrast.shape
    thickest = odd(MAX_LINE * max(height, width))
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
        # Each line gets many votes, at slightly different angles.
        if len(ends) and (np.sort(np.abs(ends - rows), axis=1)[:, 1] < 2 * thickest).any():
            continue
        ends = np.vstack([ends, rows])
        line = _follow(contrast, mask, rows, thickest)
        if line is None or line.span < MIN_SPAN:
            continue
        # Two candidates may have converged on the same line.
        if all(np.abs(line.rows - other.rows).mean() > thickest for other in lines):
            lines.append(line)
        if len(lines) >= MAX_LINES:
            break
    return lines if len(lines) >= 3 else [line for line in lines if line.span > 0.95]


def _follow(
    contrast: Ink, mask: NDArray[np.uint8], ends: NDArray[np.float64], thickest: int
) -> _Line | None:
    """Fits a curve to the traces near a straight line, or returns None if there is no line."""
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
    hit = cv2.morphologyEx(hit, cv2.MORPH_CLOSE, np.ones((1, odd(0.06 * width)), np.uint8))
    hit = cv2.morphologyEx(hit, cv2.MORPH_OPEN, np.ones((1, odd(0.06 * width)), np.uint8))[0]
    where = np.flatnonzero(hit)
    if len(where) < 0.25 * width:
        return None
    profile = np.median(seen[:, where], axis=1)
    peak = float(profile[thickest - 1 : thickest + 2].max())
    wide = np.flatnonzero(profile > max(0.2 * peak, 1e-3))
    reach = int(np.clip(np.abs(wide - thickest).max(initial=1), 1, thickest // 2 + 1)) + 1
    # Under a broad stroke the line cannot be seen.
    hidden = (seen[thickest] > 0.5 * peak) & ~traced.any(axis=0) & (hit == 0)
    span = len(where) / max(1, width - int(hidden.sum()))
    return _Line(rows, profile[thickest - reach : thickest + reach + 1], span)


def _paint(line: _Line, cover: NDArray[np.uint8]) -> None:
    """Marks the line's pixels."""
    for _, rows, columns in _pixels(line, cover.shape):
        cover[rows, columns] = 1


def _wipe(line: _Line, contrast: Ink, ink: float) -> None:
    """Sets the line's pixels to 0, except those so dark that a stroke must cross there."""
    margin = max(0.08, 0.4 * (ink - float(line.profile.max())))
    for offset, rows, columns in _pixels(line, contrast.shape):
        middle = offset + len(line.profile) // 2
        # Allow for half a pixel of error: the line's middle may be where its edge was expected.
        expected = float(line.profile[max(0, middle - 1) : middle + 2].max())
        here = contrast[rows, columns]
        contrast[rows, columns] = np.where(here > expected + margin, here, 0)


def _pixels(
    line: _Line, shape: tuple[int, ...]
) -> Iterator[tuple[int, NDArray[np.int64], NDArray[np.int64]]]:
    """Yields each row of the line: its offset, and its pixels' rows and columns."""
    reach = len(line.profile) // 2
    columns = np.arange(shape[1])
    for offset in range(-reach, reach + 1):
        rows = np.round(line.rows + offset).astype(np.int64)
        inside = (rows >= 0) & (rows < shape[0])
        yield offset, rows[inside], columns[inside]


def _bridge(left: Ink, mask: NDArray[np.uint8], turned: bool) -> Ink:
    """Reconnects strokes across a removed line, straight or diagonally."""
    import cv2

    if not mask.any():
        return np.zeros_like(left)
    steps = np.diff(mask.astype(np.int8), axis=1 if turned else 0)
    crossings = max(1, int((steps == 1).sum()))
    length = odd(int(mask.sum()) / crossings + 5)  # a line's thickness, and both sides
    ahead = np.eye(length, dtype=np.uint8)
    straight = np.zeros_like(ahead)
    straight[:, length // 2] = 1
    straight = straight.T if turned else straight
    closed = [
        cv2.morphologyEx(left, cv2.MORPH_CLOSE, np.ascontiguousarray(kernel))
        for kernel in (straight, ahead, ahead[::-1])
    ]
    return np.asarray(np.where(mask > 0, np.maximum.reduce(closed), 0), dtype=np.float32)


def odd(length: float) -> int:
    """Returns an odd window size in pixels, at least 3, so that the window has a centre."""
    return max(3, int(length) // 2 * 2 + 1)
