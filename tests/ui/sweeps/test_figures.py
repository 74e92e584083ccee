"""The heat map of a noise sweep: its numbers, its frames and its table."""

import numpy as np

from core.evaluation.level_matrix import LevelMatrix
from core.segments.bayes import look_up_rule, nearest_rule
from core.segments.channels import BIT_FLIP
from ui.components.plot import figure_to_json
from ui.sweeps.figures import CEILING_ROW, marked, sweep_figure, table


def matrix(accuracy, spread=0.0):
    values = np.array(accuracy, float)
    levels = tuple(0.1 * n for n in range(values.shape[1]))
    trained = tuple(0.05 * (n + 1) for n in range(len(values)))
    return LevelMatrix(trained, levels, values, values - spread, values + spread)


def test_frames_are_around_the_best_of_each_column():
    found = matrix([[0.9, 0.5, 0.4], [0.9, 0.7, 0.6]])
    assert marked(found) == [(1, 1, 2)]  # at the first level both are as good
    assert marked(matrix([[0.9, 0.5, 0.4], [0.9, 0.7, 0.6]], spread=0.1)) == []
    assert marked(matrix([[0.9, 0.5, 0.9]])) == []


def test_a_network_that_is_not_there_has_no_frame_and_hides_none():
    nothing = [np.nan] * 3
    assert marked(matrix([nothing, [0.9, 0.7, 0.6]])) == []
    assert marked(matrix([nothing, [0.9, 0.7, 0.6], [0.8, 0.8, 0.6]])) == [(1, 0, 0), (2, 1, 1)]
    figure = figure_to_json(
        sweep_figure(matrix([nothing, [1.0, 0.7, 0.6]]), shown="lost", noise="x")
    )
    assert figure["data"][0]["z"][0] == [None] * 3
    assert figure["data"][0]["text"][0] == [""] * 3
    empty = sweep_figure(matrix([nothing, nothing]), shown="lost", noise="x")
    assert figure_to_json(empty)["data"][0]["zmax"] == 1


def test_exact_cells_stand_above_the_best_possible():
    exact = LevelMatrix.exact((0.05, 0.1), (look_up_rule(), nearest_rule()), BIT_FLIP)
    heat_map = sweep_figure(exact, shown="accuracy", noise="flip")["data"][0]
    assert heat_map["y"] == ["0.05", "0.1", CEILING_ROW]
    assert heat_map["text"][0][4] == "48"
    assert heat_map["text"][2][:2] == ["100", "93"]
    assert "exactly 47.83 %, best possible 74.00 %" in heat_map["hovertext"][0][4]
    lost = sweep_figure(exact, shown="lost", noise="flip")["data"][0]
    assert lost["y"] == ["0.05", "0.1"]
    assert lost["text"][0][4] == "26.2"
    assert set(lost["text"][1]) == {"0"}


def test_a_near_miss_is_not_written_as_all_right():
    heat_map = sweep_figure(matrix([[0.999, 1.0], [0.9, 0.5]]), shown="accuracy", noise="x")
    assert heat_map["data"][0]["text"] == [["99+", "100"], ["90", "50"]]


def test_the_table_has_a_column_for_each_network():
    found = table(matrix([[0.9, 0.5], [np.nan, np.nan]], spread=0.02))
    assert found == {
        "Tested at": ["0", "0.1"],
        "Trained at 0.05": ["90.00 % (88.00 % to 92.00 %)", "50.00 % (48.00 % to 52.00 %)"],
        "Trained at 0.1": ["–", "–"],
    }
