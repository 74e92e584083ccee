"""The plot and the table of the Compare models page, by their numbers."""

import pytest

from core.evaluation.model_comparison import Compared
from core.metrics.accuracy import Accuracy
from tests.support.compared import exactly
from ui.compare.figures import compare_figure, description, label_places, marks
from ui.compare.table import compare_columns

DENSE = Compared("d", "dense", Accuracy("all", 80, 100), False, 1000, 4.0, 10.0, 0.5)
CNN = Compared("c", "convolutional", Accuracy("some", 90, 100), True, 100_000, 40.0, 100.0)
BARE = Compared("b", "ensemble")


def traces(across, up):
    figure = compare_figure([DENSE, CNN, BARE], across=across, up=up, name="task")
    return {trace["name"]: trace for trace in figure["data"]}, figure["layout"]


def test_each_kind_has_its_symbol_and_a_card_s_figure_a_hollow_one():
    found, layout = traces("parameters", "accuracy")
    assert list(found) == ["dense", "convolutional, from its card"]
    assert found["dense"]["marker"]["symbol"] == "circle"
    assert found["convolutional, from its card"]["marker"]["symbol"] == "square-open"
    dense = found["dense"]
    assert (dense["x"], dense["y"], dense["text"]) == ([1000], [80], ["d"])
    low, high = Accuracy("all", 80, 100).interval
    assert dense["error_y"]["array"] == [pytest.approx(100 * high - 80)]
    assert dense["error_y"]["arrayminus"] == [pytest.approx(80 - 100 * low)]
    assert "error_x" not in dense
    assert layout["xaxis"]["type"] == "log"
    assert layout["xaxis"]["range"][0] < 3 < 5 < layout["xaxis"]["range"][1]
    assert "10,000" in layout["xaxis"]["ticktext"]
    assert "type" not in layout["yaxis"]


def test_what_is_not_known_is_left_out():
    assert [mark.model.name for mark in marks([DENSE, CNN, BARE], "parameters", "answer")] == ["d"]
    found, _ = traces("answer", "robustness")
    assert found == {}
    assert "No model has both numbers" in description([DENSE], "answer", "robustness")
    # Without accuracy on an axis nothing is a card's estimate of it.
    found, _ = traces("parameters", "size")
    assert list(found) == ["dense", "convolutional"]
    assert description([DENSE], "parameters", "accuracy") == (
        "d (dense): parameters 1,000, accuracy (%) 80.00."
    )


def test_labels_of_near_points_take_different_sides():
    near = [((5.0, 5.0), (5.0, 5.0)), ((5.2, 5.2), (5.0, 5.0)), ((9.9, 9.9), (1.0, 1.0))]
    first, second, edge = label_places(near, ((0.0, 10.0), (0.0, 10.0)), [10, 10, 10])
    assert first == "middle left"
    assert second == "middle right"
    assert edge.endswith("left")
    assert label_places([], ((0, 1), (0, 1)), []) == []


def test_the_table_says_which_figure_is_from_where():
    columns = compare_columns([DENSE, CNN, BARE])
    assert columns["model"] == ["d", "c", "b"]
    assert columns["accuracy (%)"] == [80, 90, None]
    assert columns["known from"] == ["measured here", "its card", "–"]
    assert columns["accuracy measured"] == [
        "on 100 test examples: all",
        "on 100 test examples: some",
        None,
    ]
    assert columns["95 % interval"][0] == "71.12 to 86.66"
    assert columns["answer time (ms)"] == [0.5, None, None]


def test_an_exact_accuracy_is_called_exact_everywhere():
    columns = compare_columns([exactly("e", 0.62, parameters=10)])
    assert columns["known from"] == ["theory"]
    assert columns["95 % interval"] == ["exact"]
    assert columns["accuracy measured"] == ["exact, bit flip at 0.15"]
    figure = compare_figure(
        [exactly("e", 0.62, parameters=10)], across="parameters", up="accuracy", name="task"
    )
    assert "accuracy (%): 62.00, exact" in figure["data"][0]["hovertext"][0]
