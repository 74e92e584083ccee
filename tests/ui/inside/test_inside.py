import numpy as np
import pytest

from core.explain.forward import Column, ForwardPass
from ui.figures.colours import picture_of
from ui.inside.figures import diagram_figure, map_figure, signed
from ui.inside.input import next_index
from ui.inside.layers import bars_html, strongest_maps
from ui.inside.maps import strongest_place


def array(*rows):
    return np.array(rows, np.float32)


def test_signs_are_written_as_people_read_them():
    assert [signed(value) for value in (1.234, -0.5, -0.001)] == ["+1.23", "−0.50", "0.00"]


def test_zero_is_dark_and_the_largest_is_bright_on_both_sides():
    picture = picture_of(array([0, 2], [-2, 9]), 2)
    assert picture.shape == (2, 2, 3)
    assert picture[0, 0].tolist() == [12, 20, 22]
    assert picture[0, 1].tolist() == picture[1, 1].tolist() == [205, 244, 237]
    assert picture[1, 0].tolist() == [255, 217, 194]


def test_a_picture_of_nothing_but_zeros_is_dark():
    assert (picture_of(np.zeros((2, 2), np.float32), 0) == [12, 20, 22]).all()


def test_even_cells_of_a_map_cover_the_picture():
    heat = map_figure(array([0, 2], [-4, 0]), np.zeros((4, 8), np.float32))["data"][0]
    assert heat["x"] == [1.5, 5.5]
    assert heat["y"] == [0.5, 2.5]
    assert (heat["zmin"], heat["zmax"]) == (-4, 4)
    assert heat["text"][1][0] == "rows 3–4, columns 1–4: −4.000"


def test_a_swept_square_covers_its_own_pixels_and_tells_the_answer():
    heat = map_figure(
        array([1, 2, 3]),
        np.zeros((4, 8), np.float32),
        sweep=(2, 4),
        answers=np.array([[0, 1, 0]]),
        classes=("zero", "one"),
    )["data"][0]
    assert heat["x"] == [1.5, 3.5, 5.5]
    assert heat["text"][0][1] == "rows 1–4, columns 3–6: +2.000, then read as one"


def test_the_diagram_draws_each_line_and_tells_its_numbers():
    flow = ForwardPass(
        (Column("input", array(1, 2)), Column("scores", array(3, -4))),
        (array([1, 0], [1, -2]),),
    )
    data = diagram_figure(flow, flow.strongest(60), [["a", "b"], ["0", "1"]])["data"]
    lines = [trace for trace in data if trace["mode"] == "lines"]
    assert sum(trace["x"].count(None) for trace in lines) == 3
    assert {trace["line"]["dash"] for trace in lines} == {"solid", "dot"}
    texts = next(trace for trace in data if trace["mode"] == "markers")["text"]
    assert "b → 1: 2.00 × weight −2.00 = −4.00" in texts
    scores = data[-1]
    assert scores["customdata"] == ["0: +3.00", "1: −4.00"]
    assert list(scores["marker"]["symbol"]) == ["circle", "diamond"]


def test_bars_tell_their_numbers():
    html = bars_html(array(3, -1))
    assert 'title="unit 1: +3.00"' in html
    assert 'class="below" style="height:25.0%"' in html
    assert "the largest is unit 1" in html


def test_the_strongest_maps_come_first():
    maps = np.zeros((2, 2, 3), np.float32)
    maps[..., 2], maps[0, 0, 1] = -1, 2
    assert strongest_maps(maps) == [2, 1, 0]


def test_the_strongest_place_is_told_in_words():
    assert strongest_place(array([0, 1], [-2, 0])) == (
        "Highest: +1.00 at row 1, column 2; lowest: −2.00 at row 2, column 1,"
        " of 2 rows and 2 columns."
    )


@pytest.mark.parametrize(
    ("index", "direction", "expected"),
    [(0, 1, 3), (3, 1, 7), (7, 1, 3), (3, -1, 7), (5, -1, 3), (5, 0, 7), (3, 0, 3), (9, 0, 3)],
)
def test_going_on_stays_with_what_fits_and_goes_round(index, direction, expected):
    assert next_index(np.array([3, 7]), index, direction) == expected
