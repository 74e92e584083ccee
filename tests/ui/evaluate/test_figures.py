import numpy as np
import pytest

from core.evaluation.evaluation import ClassScores
from core.metrics.reliability import ReliabilityBin
from ui.evaluate.figures import cell_texts, confusion_figure, reliability_figure
from ui.evaluate.view import class_table, hardest

COUNTS = np.array([[1999, 1], [0, 0]])


def test_cells_tell_counts_and_leave_zeros_out():
    assert cell_texts(COUNTS, as_rates=False) == [["1,999", "1"], ["", ""]]


def test_cells_tell_rates_of_their_row():
    assert cell_texts(COUNTS, as_rates=True) == [["99.9", "0.1"], ["", ""]]
    assert cell_texts(np.array([[9, 0], [1, 9999]]), as_rates=True) == [["100", ""], ["", "99.9"]]


def test_the_chosen_cell_is_framed():
    figure = confusion_figure(COUNTS, "ab", as_rates=False, selected=(0, 1), title="t")
    (frame,) = figure["layout"]["shapes"]
    assert (frame["x0"], frame["x1"], frame["y0"], frame["y1"]) == (0.5, 1.5, -0.5, 0.5)


def test_the_mouse_reads_count_and_share():
    figure = confusion_figure(COUNTS, "ab", as_rates=True, selected=(0, 0), title="t")
    (cells,) = figure["data"]
    assert cells["customdata"][0] == ["1,999 of 2,000, over 99.9 %", "1 of 2,000, 0.1 %"]
    assert cells["z"][0, 1] == pytest.approx(100 * 0.0005 ** (1 / 3))


def test_dots_lie_at_their_confidence_and_accuracy():
    bins = [ReliabilityBin(0.6, 0.7, 0.65, 1, 2), ReliabilityBin(0.9, 1, 0.99, 96, 96)]
    _, dots = reliability_figure(bins, title="t")["data"]
    assert dots["x"] == [65, 99]
    assert dots["y"] == [50, 100]
    assert dots["error_y"]["array"][1] == pytest.approx(0)
    assert dots["marker"]["size"][0] < dots["marker"]["size"][1]
    assert (
        dots["text"][0] == "2 answers, on average 65.0 % confident: 50.0 % right (9.5 % to 90.5 %)"
    )


def test_the_table_has_a_dash_where_nothing_can_be_divided():
    scores = [ClassScores(0.5, None, 0.0, 0, 2), ClassScores(None, None, None, 0, 0)]
    table = class_table(scores, ["a", "b"])
    assert table["Precision"] == ["50.0\N{NO-BREAK SPACE}%", "–"]
    assert table["Recall"] == ["–", "–"]
    assert table["Answers"] == ["2", "0"]


def test_the_hardest_digit_is_named_with_its_reason():
    scores = [ClassScores(0.9, 0.8, 0.85, 10, 9), ClassScores(1, 1, 1, 10, 10)]
    told = hardest(scores, ["a", "b"])
    assert "**a**" in told
    assert "20.0 % of all examples of a are missed" in told
    assert "10.0 % of the answers “a” are wrong" in told
    assert hardest(scores[1:], ["b"]) == "Every digit is read perfectly."
