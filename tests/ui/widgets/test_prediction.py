import numpy as np
import pytest

from core.inference.predictor import Prediction
from ui.components.plot import figure_to_json
from ui.widgets.prediction import probabilities_figure, probabilities_in_words

CLASSES = tuple("0123456789")
PREDICTION = Prediction.of(np.eye(10, dtype=np.float32)[7] * 0.8 + np.float32(0.02))
EXACT = np.array([0, 0, 0, 0.25, 0, 0, 0, 0.75, 0, 0])


def test_a_bar_for_each_class_and_the_answers_in_the_accent_colour():
    figure = probabilities_figure(PREDICTION, CLASSES)
    (bars,) = figure["data"]
    assert bars["y"][7] == pytest.approx(82)
    assert bars["marker"]["color"].count("var(--st-primary-color)") == 1
    assert bars["marker"]["color"][7] == "var(--st-primary-color)"
    assert "showlegend" not in figure["layout"]


@pytest.mark.parametrize(
    ("classes", "title", "axis"),
    [
        (CLASSES, "How probable is each digit?", "digit"),
        (("setosa", "versicolor", "virginica"), "How probable is each class?", "class"),
        ((*CLASSES, "sign A"), "How probable is each digit and sign?", "digit or sign"),
    ],
)
def test_the_figure_speaks_of_what_the_classes_are(classes, title, axis):
    prediction = Prediction.of(np.full(len(classes), 1 / len(classes), np.float32))
    layout = probabilities_figure(prediction, classes)["layout"]
    assert (layout["title"]["text"], layout["xaxis"]["title"]["text"]) == (title, axis)


def test_exact_probabilities_are_marked_beside_and_named_in_a_legend():
    figure = probabilities_figure(PREDICTION, CLASSES, EXACT)
    bars, marks = figure["data"]
    assert marks["x"] == bars["x"]
    assert marks["y"] == [0, 0, 0, 25, 0, 0, 0, 75, 0, 0]
    assert (bars["name"], marks["name"]) == ("network", "exact (Bayes)")
    assert marks["mode"] == "markers"
    assert figure["layout"]["showlegend"]


def test_what_theory_says_nothing_of_has_no_marks():
    nothing = np.full(10, np.nan)
    marks = figure_to_json(probabilities_figure(PREDICTION, CLASSES, nothing))["data"][1]
    assert marks["y"] == [None] * 10
    assert "exactly" not in probabilities_in_words(PREDICTION, CLASSES, nothing)


def test_screen_readers_are_told_both():
    assert "7: 82.0 %, 8" in probabilities_in_words(PREDICTION, CLASSES)
    words = probabilities_in_words(PREDICTION, CLASSES, EXACT)
    assert "3: 2.0 %, exactly 25.0 %" in words
    assert "7: 82.0 %, exactly 75.0 %" in words


def test_twelve_classes_have_short_ticks_and_full_names_where_one_points():
    classes = (*CLASSES, "sign A", "sign B")
    prediction = Prediction.of(np.eye(12, dtype=np.float32)[10])
    figure = probabilities_figure(prediction, classes)
    assert figure["data"][0]["x"] == list(classes)
    assert figure["layout"]["xaxis"]["ticktext"][-2:] == ["A", "B"]
    assert figure["data"][0]["hovertemplate"].startswith("%{x}:")
    assert "tickvals" not in probabilities_figure(PREDICTION, CLASSES)["layout"]["xaxis"]
    assert "sign A: 100.0 %" in probabilities_in_words(prediction, classes)
