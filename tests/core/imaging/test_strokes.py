import numpy as np
import pytest

from core.imaging.strokes import INK, MAX_POINTS, MAX_WIDTH, PAPER, Stroke, draw, strokes_from


def test_a_line_is_as_wide_as_it_says_and_its_ends_are_round():
    picture = draw([Stroke(20, ((60, 50), (140, 50)))], width=200, height=100)
    assert (picture.shape, picture.dtype) == ((100, 200), np.uint8)
    ink = picture < 128
    assert abs(ink[:, 100].sum() - 20) <= 1
    rows, columns = np.nonzero(ink)
    assert (columns.min(), columns.max()) == pytest.approx((50, 150), abs=1)
    assert (rows.min(), rows.max()) == pytest.approx((40, 60), abs=1)
    assert picture[42, 51] == PAPER  # a corner that a square end would fill


@pytest.mark.parametrize("points", [((50, 40),), ((50, 40), (50, 40))])
def test_a_tap_leaves_a_dot(points):
    ink = draw([Stroke(30, points)], width=100, height=100) < 128
    assert ink.sum() == pytest.approx(np.pi * 15**2, rel=0.1)
    assert np.mean(np.nonzero(ink), axis=1) == pytest.approx((40, 50), abs=0.6)


def test_strokes_add_up_and_no_stroke_is_white():
    both = draw(
        [Stroke(4, ((0, 10), (99, 10))), Stroke(4, ((0, 80), (99, 80)))], width=100, height=100
    )
    assert both[10, 50] == both[80, 50] == INK
    assert (draw([], width=30, height=20) == PAPER).all()


def test_strokes_from_outside_are_read():
    (stroke,) = strokes_from([{"width": 12, "points": [1, 2.5, 3, 4]}])
    assert stroke == Stroke(12, ((1, 2.5), (3, 4)))


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        "text",
        7,
        {},
        ["text"],
        [{}],
        [{"width": 12}],
        [{"width": 12, "points": []}],
        [{"width": 12, "points": [1]}],
        [{"width": 12, "points": "1234"}],
        [{"width": 12, "points": [1, None]}],
        [{"width": 12, "points": [1, float("nan")]}],
        [{"width": 12, "points": [float("inf"), 1]}],
        [{"width": 12, "points": [10**400, 1]}],
        [{"width": True, "points": [1, 2]}],
        [{"width": "12", "points": [1, 2]}],
    ],
)
def test_what_is_no_stroke_is_left_out(wrong):
    assert strokes_from(wrong) == ()


def test_sizes_are_bounded():
    (stroke,) = strokes_from([{"width": 1e6, "points": [-1e8, 1e8]}])
    assert stroke == Stroke(MAX_WIDTH, ((-1e4, 1e4),))
    draw([stroke], width=320, height=320)
    sent = [{"width": 2, "points": [1, 2] * MAX_POINTS}, {"width": 2, "points": [1, 2]}]
    assert [len(stroke.points) for stroke in strokes_from(sent)] == [MAX_POINTS]
