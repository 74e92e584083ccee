import contextlib
from functools import cache
from typing import Any

import cv2
import numpy as np
import pytest

from core.errors import NothingDrawn, UnreadableImage
from core.imaging.extraction import ink_of
from core.imaging.normalize import crop, fit, place, thicken
from core.imaging.photograph import (
    WORKING_SIDE,
    clean,
    even_out,
    grain_of,
    is_light_on_dark,
    local_grain,
    looks_like_photograph,
    shrink,
)
from core.imaging.ruled_lines import find_lines, remove_lines
from core.models.loader import load_classifier
from core.models.store import ModelStore
from tests.core.tasks.test_people import FIVE
from tests.support.photographs import Scene, photograph, written

SHEET = (480, 640)
CAMERA: dict[str, Any] = {"blur": 0.8, "grain": 0.015, "quality": 85, "texture": 0.01}
CHALK: dict[str, Any] = {"paper": (0.13, 0.2, 0.16), "pen": (0.85, 0.86, 0.8), "opacity": 0.9}
DARK_SQUARES: dict[str, Any] = {
    "rule": "squares",
    "spacing": 35,
    "rule_width": 2,
    "rule_colour": (0.3, 0.3, 0.5),
}
SCENES = {
    "even light": Scene(**CAMERA),
    "hard shadow": Scene(gradient=0.3, shadow=0.5, **CAMERA),
    "soft shadow": Scene(shadow=0.6, softness=40, **CAMERA),
    "lines": Scene(rule="lines", spacing=45, rule_width=2, turn=3, tilt=0.05, **CAMERA),
    "dark squares": Scene(turn=-2, gradient=0.3, **DARK_SQUARES, **CAMERA),
    "table": Scene(table=0.1, turn=6, tilt=0.1, gradient=0.3, **CAMERA),
    "finger": Scene(finger=True, shadow=0.3, softness=20, **CAMERA),
    "pencil": Scene(pen=(0.35, 0.35, 0.37), opacity=0.5, gradient=0.4, **CAMERA),
    "red pen": Scene(pen=(0.8, 0.2, 0.2), paper=(0.9, 0.8, 0.5), gradient=0.4, **CAMERA),
    "chalk": Scene(gradient=0.3, shadow=0.4, **CHALK, **CAMERA),
    "grain": Scene(gradient=0.4, grain=0.06, blur=1, quality=60),
}


@cache
def predictor():
    return load_classifier(ModelStore().get("handwritten-cnn"))


def as_input(ink):
    return place(fit(thicken(crop(ink))))


def sheet(digit=4, **options):
    return written(digit, size=SHEET, width=8, **options)


def grey(shade, scene, random_state=0):
    picture = photograph(shade, scene, random_state=random_state)
    return cv2.cvtColor(picture[..., :3], cv2.COLOR_RGB2GRAY).astype(np.float32) / 255


@pytest.mark.parametrize("name", SCENES)
def test_a_photograph_reads_as_the_ink_alone_does(name):
    inks = [sheet(digit) for digit in (2, 4, 5, 8)]
    alone = np.stack([as_input(ink_of(ink, background=0)) for ink in inks])
    cleaned = np.stack(
        [
            as_input(clean(photograph(ink, SCENES[name], random_state=index)))
            for index, ink in enumerate(inks)
        ]
    )
    answers = [predictor().predict(x).argmax(axis=1).tolist() for x in (alone, cleaned)]
    assert answers[1] == answers[0]


@pytest.mark.parametrize(
    "scene",
    [
        Scene(**CAMERA),
        Scene(gradient=0.5, shadow=0.4, **CAMERA),
        Scene(gradient=0.3, turn=3, **DARK_SQUARES, **CAMERA),
        Scene(finger=True, **CAMERA),
        Scene(paper=(0.02, 0.02, 0.02), grain=0.02),
        Scene(paper=(0.13, 0.2, 0.16), gradient=0.5, **CAMERA),
        Scene(paper=(1, 1, 1)),
        Scene(paper=(0, 0, 0)),
    ],
    ids=["plain", "shadow", "squares", "finger", "lens cap", "board", "white", "black"],
)
def test_a_sheet_without_writing_is_nothing_drawn(scene):
    with pytest.raises(NothingDrawn, match="no writing"):
        clean(photograph(np.zeros(SHEET, np.float32), scene))


def test_every_digit_on_the_sheet_stays():
    places = (0.2, 0.5, 0.8)
    ink = np.maximum.reduce(
        [
            sheet(digit, height=0.3, centre=(x, 0.5))
            for digit, x in zip((3, 7, 8), places, strict=True)
        ]
    )
    cleaned = clean(photograph(ink, SCENES["hard shadow"]))
    assert ((cleaned > 0.5) & (ink > 0.5)).sum() > 0.9 * (ink > 0.5).sum()
    assert ((cleaned > 0.5) & (ink == 0)).sum() < 0.2 * (ink > 0.5).sum()


def test_a_digit_that_the_edge_cuts_is_read_if_it_is_all_there_is():
    ink = sheet(1, height=0.9, centre=(0.5, 0.7))
    cleaned = clean(photograph(ink, SCENES["even light"]))
    assert ((cleaned > 0.5) & (ink > 0.5)).sum() > 0.9 * (ink > 0.5).sum()


@pytest.mark.parametrize("form", ["grey", "16 bits", "grey and 16 bits", "clear paper"])
def test_every_form_of_picture_is_cleaned(form):
    picture = photograph(sheet(), SCENES["hard shadow"])
    expected = as_input(clean(picture))
    if form.startswith("grey"):
        picture = cv2.cvtColor(picture[..., :3], cv2.COLOR_RGB2GRAY)
    if form.endswith("16 bits"):
        picture = picture.astype(np.uint16) * 257
    if form == "clear paper":
        picture = np.dstack([np.zeros((*SHEET, 3), np.uint8), (sheet() * 255).astype(np.uint8)])
    assert np.abs(as_input(clean(picture)) - expected).mean() < 0.03


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (500, 1), (3, 3), (2, 40, 4), (64, 64)])
def test_a_picture_of_any_shape_is_cleaned_or_refused(shape):
    picture = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    with contextlib.suppress(NothingDrawn):
        assert clean(picture).shape == shape[:2]


def test_what_is_no_picture_is_refused():
    with pytest.raises(UnreadableImage):
        clean(np.zeros((50, 50, 5), np.uint8))


@pytest.mark.parametrize("width", [4, 20])
@pytest.mark.parametrize(("height", "centre"), [(0.7, (0.5, 0.5)), (0.12, (0.1, 0.1))])
def test_a_flat_drawing_is_known_and_would_come_to_no_harm(width, height, centre):
    ink = written(3, size=(320, 320), height=height, centre=centre, width=min(width, height * 60))
    drawing = 255 - np.round(ink * 255).astype(np.uint8)
    assert not looks_like_photograph(drawing)
    cleaned = clean(drawing)
    assert ((cleaned > 0.5) & (ink > 0.6)).sum() > 0.9 * (ink > 0.6).sum()
    assert (cleaned[ink == 0] > 0.5).mean() < 0.01


@pytest.mark.parametrize("name", SCENES)
def test_photographs_are_known(name):
    assert looks_like_photograph(photograph(sheet(), SCENES[name]))


def test_small_and_partly_clear_pictures_are_no_photographs():
    noise = np.random.default_rng(0).integers(0, 256, (100, 100, 4), dtype=np.uint8)
    assert not looks_like_photograph(noise)
    assert not looks_like_photograph(noise[:28, :28, 0])
    assert not looks_like_photograph(np.full((100, 100), 255, np.uint8))
    enlarged = cv2.resize(noise[40:60, 40:60, 0], (160, 160), interpolation=cv2.INTER_CUBIC)
    assert not looks_like_photograph(np.pad(enlarged, 60))


def test_shrinking_takes_the_mean_over_areas():
    large = np.zeros((2000, 4000), np.uint8)
    large[::2] = 200
    small = shrink(large)
    assert small.shape == (500, WORKING_SIDE)
    assert (small == 100).all()


def test_uneven_light_becomes_even():
    scene = Scene(gradient=0.6, shadow=0.5)
    contrast = even_out(grey(np.zeros(SHEET, np.float32), scene, random_state=3))
    assert np.percentile(np.abs(contrast), 98) < 0.03
    ink = sheet(8)
    contrast = even_out(grey(ink, scene, random_state=3))
    assert np.median(contrast[ink == 1]) > 0.7


@pytest.mark.parametrize("digit", range(10))
@pytest.mark.parametrize("width", [4, 40])
def test_light_writing_is_told_from_dark(digit, width):
    ink = written(digit, size=SHEET, width=width)
    assert not is_light_on_dark(0.9 - 0.7 * ink)
    assert is_light_on_dark(0.1 + 0.7 * ink)


def test_grain_is_estimated_as_it_was_made():
    noise = np.random.default_rng(0).normal(0, 0.05, SHEET).astype(np.float32)
    noise[:, 500:] *= 3
    assert grain_of(noise) == pytest.approx(0.06, abs=0.01)
    assert local_grain(noise)[:, :300].mean() == pytest.approx(0.05, abs=0.01)
    assert local_grain(noise)[:, 600:].mean() == pytest.approx(0.15, abs=0.02)


def test_printed_lines_are_found_where_they_are():
    contrast = even_out(grey(np.zeros(SHEET, np.float32), Scene(rule="lines", spacing=40)))
    lines = find_lines(contrast, floor=0.03)
    assert len(lines) in (11, 12)
    middles = np.sort([line.rows.mean() for line in lines])
    assert np.diff(middles) == pytest.approx(40, abs=1)


def test_the_strokes_of_a_digit_are_no_printed_lines():
    for digit in range(10):
        ink = sheet(digit, height=0.5)
        np.testing.assert_array_equal(remove_lines(ink, floor=0.03), ink)


def test_strokes_that_cross_a_line_stay_whole():
    ink = sheet(8)
    lines = np.zeros(SHEET, np.float32)
    lines[20::40] = lines[21::40] = lines[22::40] = 0.5
    left = remove_lines(np.maximum(0.85 * ink, lines), floor=0.03)
    assert (left[ink > 0.9] > 0.5).mean() > 0.95
    assert (left[cv2.dilate(ink, np.ones((9, 9))) == 0] > 0.1).mean() < 0.002


def test_the_bright_inside_of_thick_writing_is_no_chalk():
    """A bold five under a shadow was once taken for light writing on a dark board."""
    down, across = np.mgrid[:750, :1000]
    paper = np.where(across + 0.35 * down < 420, 0.5, 0.78).astype(np.float32)
    paper[30::62] *= 0.8  # ruled lines
    grey = (paper * 255).astype(np.uint8)
    for stroke in FIVE:
        path = (np.array(stroke) * 180 + (380, 260)).astype(np.int32)
        cv2.polylines(grey, [path], False, 45, 60, cv2.LINE_AA)
    assert not is_light_on_dark(grey.astype(np.float32) / 255)
