"""Glass blur, motion blur, and pictures reduced to their edges.

All of these take `(x, level, generator)`: `x` float32, shape (n, height, width, 1), values in
0..1, white ink on black; they return noisy pictures of the same shape and leave `x` as it is.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.data import Inputs

# Chosen to make a level of 0.5 hard, but not hopeless, for a person; see `core.noise.corruptions`.
GLASS = 0.18  # maximum shift of a pixel, as a share of the side, per level
SOFTNESS = 0.05  # standard deviation of the blur after it, likewise
MOTION = 0.6  # path of the camera shake, as a share of the side, per level
STEPS_PER_PIXEL = 8  # samples of that path


def glass_blur(x: Inputs, level: float, generator: np.random.Generator) -> Inputs:
    """Replaces each pixel by a random one nearby, then blurs the picture slightly."""
    import cv2

    count, height, width = x.shape[:3]
    side = max(height, width)
    down, across = np.mgrid[:height, :width].astype(np.float32)
    offsets = generator.random((count, 2, height, width), dtype=np.float32) * 2 - 1
    offsets *= np.float32(GLASS * level * side)
    sigma = SOFTNESS * level * side
    noisy = np.empty_like(x)
    for picture, (right, below), target in zip(x, offsets, noisy, strict=True):
        seen = cv2.remap(picture, across + right, down + below, cv2.INTER_LINEAR)
        target[..., 0] = cv2.GaussianBlur(seen, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT)
    return np.minimum(noisy, np.float32(1))


def motion_blur(x: Inputs, level: float, generator: np.random.Generator) -> Inputs:
    """Smears each picture along a straight path in a random direction."""
    import cv2

    length = MOTION * level * max(x.shape[1:3])
    noisy = np.empty_like(x)
    directions = generator.uniform(0, np.pi, len(x))
    for picture, direction, target in zip(x, directions, noisy, strict=True):
        kernel = motion_kernel(length, direction)
        target[..., 0] = cv2.filter2D(picture, -1, kernel, borderType=cv2.BORDER_CONSTANT)
    return np.clip(noisy, 0, 1)


def motion_kernel(length: float, direction: float) -> NDArray[np.float32]:
    """Returns the motion blur kernel of a straight path: the share of time at each pixel.

    Args:
        length: of the path, in pixels.
        direction: in radians, 0 for horizontal.

    Returns:
        float32, square with an odd side, the middle of the path at its centre; sums to 1.
    """
    reach = int(np.ceil(length / 2)) + 1
    count = max(1, round(length * STEPS_PER_PIXEL))
    steps = ((np.arange(count) + 0.5) / count - 0.5) * length  # the middle of each, in pixels
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    across, down = reach + steps * np.cos(direction), reach + steps * np.sin(direction)
    left, top = np.floor(across).astype(int), np.floor(down).astype(int)
    # A position between pixels counts for the four around it, the nearest most.
    for row, row_share in ((top, 1 - (down - top)), (top + 1, down - top)):
        for column, share in ((left, 1 - (across - left)), (left + 1, across - left)):
            np.add.at(kernel, (row, column), row_share * share)
    kernel /= kernel.sum()
    return kernel


def edges(x: Inputs, level: float, generator: np.random.Generator) -> Inputs:
    """Fades each picture into its outlines (Canny edge detection); 0.5 leaves only these."""
    import cv2

    share = np.float32(2 * level)
    noisy = np.empty_like(x)
    for picture, target in zip(x, noisy, strict=True):
        outlines = cv2.Canny((picture * 255).round().astype(np.uint8), 100, 200) / np.float32(255)
        target[..., 0] = (1 - share) * picture[..., 0] + share * outlines
    return np.minimum(noisy, np.float32(1))
