"""Digits as a person would draw or photograph them."""

import cv2
import numpy as np
from numpy.typing import NDArray

# The pen's way on a canvas of 320 by 320 pixels.
SEVEN = [(90, 60), (230, 60), (150, 270)]
ONE = [(165, 40), (155, 280)]
ZERO = [(160 + 75 * np.sin(angle), 160 - 115 * np.cos(angle)) for angle in np.linspace(0, 6.28, 25)]


def photograph(points: list[tuple[int, int]]) -> NDArray[np.uint8]:
    """Returns a digit on lined paper in the light of a lamp: uint8, shape (480, 640, 3)."""
    down, across = np.mgrid[:480, :640]
    paper = 235 - 90 * across / 640 - 30 * down / 480
    paper[40::44] -= 35
    image = np.repeat(paper[..., np.newaxis], 3, axis=2)
    path = (np.array(points) * 1.1 + (140, 60)).astype(np.int32)
    ink = np.zeros((480, 640), np.float32)
    cv2.polylines(ink, [path], False, 1, 14, cv2.LINE_AA)
    image = image * (1 - 0.8 * ink[..., np.newaxis])
    grain = np.random.default_rng(0).normal(0, 3, image.shape)
    return np.clip(image + grain, 0, 255).astype(np.uint8)


def jpeg(image: NDArray[np.uint8]) -> bytes:
    """Returns a picture as a JPEG file."""
    return cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes()
