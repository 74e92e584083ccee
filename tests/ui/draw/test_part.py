import pytest

from core.inference.reading import Part
from ui.draw.part import STRIP, part_of

WIDTH, HEIGHT = 320, 200


def box(left, top, right, bottom):
    return {"left": left, "top": top + STRIP, "width": right - left, "height": bottom - top}


def test_a_box_is_given_in_shares_of_the_picture():
    assert part_of(box(80, 50, 240, 150), WIDTH, HEIGHT) == Part(0.25, 0.25, 0.75, 0.75)


def test_what_lies_beside_the_picture_is_left_out():
    assert part_of(box(-50, -40, 160, 900), WIDTH, HEIGHT) == Part(0, 0, 0.5, 1)


@pytest.mark.parametrize("sides", [(10, 10, 13, 90), (10, 10, 90, 13), (10, -40, 90, -5)])
def test_a_tap_or_a_box_beside_the_picture_is_none(sides):
    assert part_of(box(*sides), WIDTH, HEIGHT) is None


def test_a_number_that_is_none_gives_no_part():
    assert part_of(box(float("nan"), 0, 50, 50), WIDTH, HEIGHT) is None


@pytest.mark.parametrize("sides", [(0, 0, 0, 1), (0.5, 0, 0.2, 1), (0, -0.1, 1, 1), (0, 0, 1, 1.1)])
def test_a_part_lies_inside_the_picture(sides):
    with pytest.raises(ValueError, match="inside the picture"):
        Part(*sides)
