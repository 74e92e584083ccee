"""The default network on digits as people draw them: from picture to answer, the page's way."""

import cv2
import numpy as np
import pytest

from core.imaging.extraction import ink_of
from core.imaging.normalize import normalise
from core.models.loader import load_classifier
from core.models.store import ModelStore
from core.tasks.base import get_task

# Strokes in shares of a square of side 1.
CROSSED_SEVEN = [[(0.2, 0.1), (0.8, 0.1), (0.45, 0.95)], [(0.35, 0.5), (0.72, 0.5)]]
FOUR = [[(0.35, 0.1), (0.15, 0.6), (0.8, 0.6)], [(0.62, 0.3), (0.6, 0.95)]]
FIVE = [
    [(0.3, 0.1), (0.27, 0.45), (0.5, 0.42), (0.7, 0.6), (0.65, 0.85), (0.45, 0.95), (0.22, 0.88)],
    [(0.34, 0.08), (0.75, 0.07)],
]
PARTED_FIVE = [FIVE[0], [(0.4, 0.03), (0.78, 0.02)]]
ZERO = [[(0.5 + 0.3 * np.sin(a), 0.5 - 0.42 * np.cos(a)) for a in np.linspace(0, 6.4, 40)]]
EIGHT = [
    [
        (0.5 + 0.22 * np.sin(2 * a) * (1 if a < np.pi else 1.1), 0.5 - 0.42 * np.cos(a))
        for a in np.linspace(0, 2 * np.pi, 60)
    ]
]


def drawing(strokes, *, size=320, left=40.0, top=40.0, height=240.0, brush=20, ink=0, paper=255):
    """uint8, shape (size, size), or (size, size, 3) where ink and paper are colours."""
    shade = np.zeros((size, size), np.float32)
    for stroke in strokes:
        path = (np.array(stroke) * height + (left, top)).astype(np.int32)
        cv2.polylines(shade, [path], False, 1, brush, cv2.LINE_AA)
    if isinstance(ink, tuple):
        shade = shade[..., np.newaxis]
    return np.round(shade * np.array(ink) + (1 - shade) * np.array(paper)).astype(np.uint8)


@pytest.fixture(scope="module")
def read():
    predictor = load_classifier(ModelStore().get(get_task("handwritten").default_model))
    return lambda image: predictor.predict_one(normalise(ink_of(image)).network_input)


@pytest.mark.parametrize(
    ("strokes", "digit"),
    [(CROSSED_SEVEN, 7), (FOUR, 4), (FIVE, 5), (PARTED_FIVE, 5), (ZERO, 0), (EIGHT, 8)],
    ids=["crossed seven", "open four", "five", "five in two parts", "zero", "eight"],
)
@pytest.mark.parametrize(
    "how",
    [
        {},
        {"brush": 4},
        {"brush": 44},
        {"height": 70.0, "left": 5.0, "top": 5.0, "brush": 7},
        {"height": 70.0, "left": 240.0, "top": 235.0, "brush": 14},
        {"height": 300.0, "left": 10.0, "top": 10.0},
        {"ink": 150},
        {"ink": 255, "paper": 0},
        {"ink": (200, 30, 30), "paper": (250, 245, 220)},
        {"ink": (240, 230, 60), "paper": (255, 255, 255)},
        {"size": 1500, "height": 1200.0, "left": 150.0, "top": 150.0, "brush": 60},
    ],
    ids=[
        "usual",
        "thin",
        "thick",
        "tiny in a corner",
        "tiny and thick in another",
        "huge",
        "grey",
        "chalk",
        "red on cream",
        "yellow on white",
        "in a large picture",
    ],
)
def test_digits_are_read_however_they_are_drawn(read, strokes, digit, how):
    answer = read(drawing(strokes, **how))
    assert answer.digit == digit
    assert answer.recognised


@pytest.mark.parametrize("seed", range(5))
def test_specks_change_no_answer(read, seed):
    image = drawing(FIVE)
    for row, column in np.random.default_rng(seed).integers(0, 316, (6, 2)):
        image[row : row + 4, column : column + 4] = 0
    assert read(image).digit == 5


@pytest.mark.parametrize(
    "strokes",
    [
        [[(0.1, 0.1), (0.9, 0.9)], [(0.1, 0.9), (0.9, 0.1)], [(0.5, 0.05), (0.5, 0.95)]],
        [np.random.default_rng(4).uniform(0, 1, (30, 2)).tolist()],
        [[(0.1, 0.9), (0.1, 0.1), (0.5, 0.6), (0.9, 0.1), (0.9, 0.9)]],
    ],
    ids=["asterisk", "scribble", "letter M"],
)
def test_what_is_no_digit_is_told_so(read, strokes):
    assert not read(drawing(strokes)).recognised


def test_an_even_sheet_has_nothing_on_it(read):
    from core.errors import NothingDrawn

    with pytest.raises(NothingDrawn):
        read(np.full((320, 320), 255, np.uint8))
