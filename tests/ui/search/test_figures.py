"""The figures of a search, from trials made by hand."""

from dataclasses import replace

import pytest

from core.search.best_possible import BestPossible
from core.search.config import SearchConfig
from core.search.results import best_trial
from core.search.space import Space
from core.search.trial import Trial
from tests.support.searches import RUN, complete, search
from ui.components.plot import figure_to_json
from ui.search.figures import courses_figure, front_figure, history_figure
from ui.search.setting_figures import importance_figure, parallel_figure, slice_figure

CONFIG = search("learning_rate=1e-4..1e-1:log", "hidden=8|32,16", "dropout=0..0.5")


def trial(number, loss, rate, hidden="8", **others):
    made = complete(number, loss, **others)
    return replace(made, parameters={"learning_rate": rate, "hidden": hidden, "dropout": 0.25})


PRUNED = Trial(
    2,
    {"learning_rate": 0.1, "hidden": "8", "dropout": 0.0},
    "pruned",
    losses=(2.5,),
    accuracies=(0.1,),
)
TRIALS = (
    trial(0, 2.0, 0.001, weights=100),
    trial(1, 0.5, 0.01, "32,16", weights=900),
    PRUNED,
    trial(3, 1.0, 0.02, weights=400),
    Trial(4, {"learning_rate": 0.03, "hidden": "8", "dropout": 0.5}, "running"),
)
FIGURES = (
    lambda trials: history_figure(CONFIG, trials, name="s"),
    lambda trials: courses_figure(CONFIG, trials, name="s"),
    lambda trials: slice_figure(CONFIG, trials, "learning_rate", name="s"),
    lambda trials: slice_figure(CONFIG, trials, "hidden", name="s"),
    lambda trials: parallel_figure(CONFIG, trials, name="s"),
    lambda trials: front_figure(CONFIG, trials, cost="weights", name="s"),
    lambda trials: front_figure(CONFIG, trials, cost="seconds", name="s"),
    lambda trials: importance_figure({}, name="s"),
)


@pytest.mark.parametrize("make", FIGURES)
def test_each_stands_before_the_first_trial_and_after_some(make):
    for trials in ((), (PRUNED,), TRIALS):
        figure = figure_to_json(make(trials))
        assert figure["layout"]["title"]["text"]


def test_the_history_falls_with_every_better_run():
    points, best = history_figure(CONFIG, TRIALS, name="s")["data"]
    assert (points["x"], points["y"]) == ([1, 2, 4], [2.0, 0.5, 1.0])
    assert best["y"] == [2.0, 0.5, 0.5]
    assert "learning rate 0.01" in points["hovertext"][1]
    upwards = history_figure(replace(CONFIG, objective="accuracy"), TRIALS, name="s")
    assert upwards["data"][1]["y"] == [80, 95, 95]
    assert upwards["layout"]["yaxis"]["title"]["text"] == "Validation accuracy (%)"


def test_every_run_has_its_line_and_the_best_lies_on_top():
    lines = courses_figure(CONFIG, TRIALS, name="s")["data"]
    assert [line["name"] for line in lines] == ["others", "ended early", "others", "best"]
    assert lines[-1]["y"] == [2.5, 1.5, 0.5]
    assert [line["showlegend"] for line in lines] == [True, True, False, True]


def test_a_slice_has_the_complete_runs_by_one_setting():
    figure = slice_figure(CONFIG, TRIALS, "learning_rate", name="s")
    assert figure["data"][0]["x"] == [0.001, 0.02, 0.01]
    assert figure["data"][0]["marker"]["symbol"] == ["circle", "circle", "star"]
    axis = figure["layout"]["xaxis"]
    assert (axis["type"], axis["range"]) == ("log", [-4, -1])
    assert axis["ticktext"] == ["0.0001", "0.001", "0.01", "0.1"]
    sizes = slice_figure(CONFIG, TRIALS, "hidden", name="s")["layout"]["xaxis"]
    assert sizes["categoryarray"] == ["8", "32-16"]


def test_parallel_lines_go_through_every_setting_to_what_came_of_it():
    (trace,) = parallel_figure(CONFIG, TRIALS, name="s")["data"]
    rate, hidden, dropout, loss = trace["dimensions"]
    assert rate["values"] == pytest.approx([-3, -2, -1.69897], abs=1e-4)
    assert (hidden["values"], hidden["ticktext"]) == ([0, 1, 0], ["8", "32-16"])
    assert (dropout["range"], loss["values"]) == ([0, 0.5], [2.0, 0.5, 1.0])
    colors = [stop[1] for stop in trace["line"]["colorscale"]]
    other = parallel_figure(replace(CONFIG, objective="accuracy"), TRIALS, name="s")["data"][0]
    assert colors == [stop[1] for stop in other["line"]["colorscale"]][::-1]


def test_the_most_important_setting_is_on_top():
    (bars,) = importance_figure({"dropout": 0.1, "learning_rate": 0.9}, name="s")["data"]
    assert (bars["y"], bars["x"]) == (["Dropout", "Learning rate"], [10, 90])


def test_the_front_has_what_none_beats_at_its_cost():
    points, line = front_figure(CONFIG, TRIALS, cost="weights", name="s")["data"]
    assert len(points["x"]) == 3
    assert (line["x"], line["y"]) == ([100, 400, 900], [80, 90, 95])
    assert best_trial(CONFIG, TRIALS).number == 1


def test_runs_that_are_compared_have_a_colour_each_and_say_their_settings():
    config = SearchConfig.comparison(RUN, Space.parse(["seed=1|2"]))
    trials = [complete(0, 1.0, seed="1"), complete(1, 0.5, seed="2")]
    first, second = courses_figure(config, trials, name="x")["data"]
    assert (first["name"], second["name"]) == ("seed 1", "seed 2")
    assert first["line"]["color"] != second["line"]["color"]
    assert "run 2 (seed 2), epoch" in second["hovertemplate"]
    assert first["line"]["width"] == second["line"]["width"]  # none is the best
    (points,) = slice_figure(config, trials, "seed", name="x")["data"]
    assert points["marker"]["symbol"] == ["circle", "circle"]


def test_the_line_of_the_best_possible_is_drawn_where_it_is_known():
    by_loss, by_accuracy = search(), search(objective="accuracy")
    trials = [complete(0, 1.0)]
    for figure in (history_figure, courses_figure):
        for config, limit, count in (
            (by_loss, BestPossible(0.65, 1.02), 1),
            (by_accuracy, BestPossible(0.65), 1),
            (by_loss, BestPossible(0.65), 0),
            (by_loss, None, 0),
        ):
            data = figure(config, trials, name="x", limit=limit)["data"]
            lines = [trace for trace in data if trace["name"] == "best possible on average"]
            assert len(lines) == count
            if lines:
                assert lines[0]["y"] == [65, 65] if config.maximize else [1.02, 1.02]
