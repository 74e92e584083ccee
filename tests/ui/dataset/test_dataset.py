import numpy as np

from core.data import NO_CLASS
from core.datasets.summary import Part
from core.tasks.base import get_task
from ui.dataset.figures import balance_figure, clicked_place, map_figure, png_url
from ui.dataset.view import balance_words, shape_words


def test_bars_show_the_share_of_each_part():
    parts = [Part("training", (30, 10, 0)), Part("test", (1, 1, 0))]
    first, second = balance_figure(parts, ("a", "b"))["data"]
    assert (first["x"], first["y"], first["customdata"]) == (["a", "b"], [75, 25], [30, 10])
    assert second["y"] == [50, 50]


def test_examples_of_no_class_have_their_own_bar():
    (bars,) = balance_figure([Part("training", (2, 1, 1))], ("a", "b"))["data"]
    assert (bars["x"], bars["y"]) == (["a", "b", "none of them"], [50, 25, 25])


def test_an_empty_part_has_no_bars():
    (bars,) = balance_figure([Part("training", (0, 0, 0))], ("a", "b"))["data"]
    assert bars["y"] == [0, 0]


def test_balance_is_told_in_words():
    even = balance_words(Part("training", (10, 10, 0)), ("a", "b"))
    assert "**even**" in even
    assert "50.0 %" in even
    uneven = balance_words(Part("training", (30, 10, 5)), ("a", "b"))
    assert "30 examples of “a” but 10 of “b”, a ratio of 3.00." in uneven
    assert "right 75.0 % of the time" in uneven
    assert "5 examples show none" in uneven
    assert "0 of “b”." in balance_words(Part("training", (3, 0, 0)), ("a", "b"))
    assert "empty" in balance_words(Part("training", (0, 0, 0)), ("a", "b"))


def test_the_shape_is_told_in_words():
    assert "28 × 28 pixels: **784 numbers**" in shape_words(get_task("handwritten"))
    assert "**7 numbers** from 0 (dark)" in shape_words(get_task("seven-segment"))
    assert " 0 " not in shape_words(get_task("iris"))  # scaled, some are below and some above 1


def test_a_map_has_a_colour_and_a_shape_for_each_class_and_a_picture_for_each_point():
    points = np.array([[0.0, 1], [2, 3], [4, 5]])
    picture = png_url(np.zeros((2, 2), np.uint8))
    assert picture.startswith("data:image/png;base64,")
    figure = map_figure(
        points,
        np.array([1, NO_CLASS, 1]),
        classes=("a", "b"),
        pictures=[picture, "p1", "p2"],
        words=["w0", "w1", "w2"],
        axes=("x", "y"),
        chosen=1,
        sizes=[5, 6, 7],
    )
    of_b, of_none, ring = figure["data"]
    assert (of_b["name"], of_b["customdata"], of_b["text"]) == ("b", [picture, "p2"], ["w0", "w2"])
    assert of_b["x"].tolist() == [0, 4]
    assert of_b["marker"]["size"] == [5, 7]
    assert (of_none["name"], of_none["marker"]["symbol"]) == ("none of them", "x")
    assert of_b["marker"]["color"] != of_none["marker"]["color"]
    assert (ring["x"], ring["y"]) == ([2], [3])


def test_a_click_finds_its_point_among_all():
    labels = np.array([1, 0, 1, NO_CLASS, 0, 1])
    assert clicked_place({"curve": "1", "point": 2}, labels, "01") == 5
    assert clicked_place({"curve": "0", "point": 0}, labels, "01") == 1
    assert clicked_place(None, labels, "01") is None
    for wrong in ({"curve": "1", "point": 9}, {"curve": "2", "point": 0}, {"point": [1, 2]}, {}):
        assert clicked_place(wrong, labels, "01") is None
