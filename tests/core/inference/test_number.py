import time

import cv2
import numpy as np
import pytest

from core.errors import LimitReached, NothingDrawn
from core.imaging.segmentation import Box, find_pieces
from core.inference.number import read_number
from core.models.loader import load_classifier
from core.models.store import ModelStore

# Strokes in a square from 0 to 100, y downwards; a four and a five are written in two.
STROKES = {
    "0": [
        [(50, 0), (25, 12), (18, 50), (25, 88), (50, 100), (75, 88), (82, 50), (75, 12), (50, 0)]
    ],
    "1": [[(50, 0), (50, 100)]],
    "2": [[(20, 20), (35, 3), (65, 3), (78, 22), (70, 45), (20, 100), (85, 100)]],
    "3": [
        [(22, 8), (50, 0), (75, 14), (70, 38), (45, 47), (75, 58), (80, 82), (50, 100), (18, 90)]
    ],
    "4": [[(35, 0), (15, 60), (85, 60)], [(65, 25), (65, 100)]],
    "5": [[(30, 4), (26, 45), (60, 42), (80, 65), (66, 94), (20, 98)], [(42, 0), (82, 0)]],
    "7": [[(18, 0), (82, 0), (45, 100)]],
}


@pytest.fixture(scope="module")
def predictor():
    return load_classifier(ModelStore().get("handwritten-cnn"))


def write(text, *, advance=110, brush=12, size=100, slope=0.0):
    """Ink of a number, one digit every `advance` pixels: float32, 0..1."""
    image = np.zeros((size + 160, advance * len(text) + size + 40), np.uint8)
    for place, digit in enumerate(text):
        for stroke in STROKES[digit]:
            points = np.array(stroke) * size / 100 + (20 + place * advance, 60)
            points[:, 1] += slope * place * advance
            cv2.polylines(image, [np.int32(points)], False, 255, brush, cv2.LINE_AA)
    return image.astype(np.float32) / 255


@pytest.mark.parametrize("digit", STROKES)
@pytest.mark.parametrize("brush", [8, 16])
def test_a_single_digit_stays_one(predictor, digit, brush):
    number = read_number(write(digit, brush=brush), predictor)
    assert len(number.digits) == 1
    assert number.confidence == number.digits[0].prediction.confidence


@pytest.mark.parametrize("text", ["407", "23", "10", "72031"])
def test_digits_side_by_side_are_read_from_left_to_right(predictor, text):
    number = read_number(write(text), predictor)
    assert number.text == text
    lefts = [digit.box.left for digit in number.digits]
    assert lefts == sorted(lefts)
    assert all(digit.network_input.shape == (28, 28, 1) for digit in number.digits)


def test_digits_on_a_slanted_line_and_close_together_are_told_apart(predictor):
    assert read_number(write("203", advance=85, slope=0.2), predictor).text == "203"


def test_digits_that_touch_are_cut_apart(predictor):
    ink = write("23", advance=64)
    assert cv2.connectedComponents((ink > 0.25).astype(np.uint8))[0] == 2  # paper and one ink
    assert read_number(ink, predictor).text == "23"


def test_boxes_are_in_pixels_of_the_picture(predictor):
    ink = write("23")
    big = cv2.resize(ink, None, fx=6, fy=6, interpolation=cv2.INTER_LINEAR)
    for box, large, scaled in zip(
        *(
            [digit.box for digit in number.digits]
            for number in (
                read_number(ink, predictor),
                read_number(big, predictor),
                read_number(ink, predictor, scale=6),
            )
        ),
        strict=True,
    ):
        for other in (large, scaled):
            assert other.left / 6 == pytest.approx(box.left, abs=3)
            assert other.top / 6 == pytest.approx(box.top, abs=3)
            assert other.right / 6 == pytest.approx(box.right, abs=3)


def test_specks_and_a_line_under_the_number_are_no_digits(predictor):
    ink = write("23")
    ink[30:34, 10:14] = ink[200:203, 50:52] = 1
    cv2.line(ink, (10, 190), (260, 192), 1.0, 6)
    assert read_number(ink, predictor).text == "23"


def test_pieces_cover_all_ink_and_a_wide_part_is_cut():
    pieces = find_pieces(write("23", advance=64))
    assert len(pieces.pieces) > 2
    assert set(np.unique(pieces.labels)) == set(range(len(pieces.pieces) + 1))
    assert pieces.height == pytest.approx(112, abs=4)


def test_the_smallest_box_around_others():
    assert Box.around([Box(1, 2, 3, 4), Box(10, 0, 2, 3)]) == Box(1, 0, 11, 6)


def test_paper_is_nothing_drawn(predictor):
    with pytest.raises(NothingDrawn):
        read_number(np.zeros((50, 50), np.float32), predictor)


def specks():
    ink = np.zeros((1200, 1200), np.float32)
    ink[::8, ::8] = ink[1::8, ::8] = 1
    return ink


def page():
    ink = np.zeros((1500, 1500), np.uint8)
    for row in range(40, 1500, 40):
        cv2.putText(ink, "Digits 0123456789 and words " * 3, (5, row), 0, 0.8, 255, 2)
    return ink.astype(np.float32) / 255


HOSTILE = {
    "thousands of parts": specks,
    "a page": page,
    "all ink": lambda: np.ones((2000, 2000), np.float32),
    "noise": lambda: np.random.default_rng(0).random((900, 900), np.float32),
    "a strip": lambda: np.ones((12, 200_000), np.float32),
    "a comb": lambda: np.tile(np.array([1] * 6 + [0] * 6, np.float32), (300, 60)),
    "a net": lambda: np.maximum(*np.meshgrid(*[np.float32(np.arange(600) % 20 < 3)] * 2)),
    "a pixel": lambda: np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]], np.float32),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pictures_are_answered_quickly(predictor, name):
    ink = HOSTILE[name]()
    start = time.thread_time()
    try:
        number = read_number(ink, predictor)
    except LimitReached:
        number = None
    assert time.thread_time() - start < 2
    assert number is None or 1 <= len(number.digits) <= 20


def test_more_than_a_number_is_refused_with_a_sentence(predictor):
    with pytest.raises(LimitReached, match="at most 20"):
        read_number(write("1" * 21, advance=60), predictor)
