"""The lesson about the samplers: its curves, its table and its words."""

import math

from tests.core.search.test_samplers import RACE
from ui.components.plot import figure_to_json
from ui.search.lesson import race_figure
from ui.wording.samplers import race_in_words, race_table


def test_a_line_is_the_median_and_a_band_all_seeds():
    figure = figure_to_json(race_figure(RACE, name="x"))
    lines = {trace["name"]: trace for trace in figure["data"] if trace.get("showlegend") is None}
    assert (lines["TPE"]["x"], lines["TPE"]["y"]) == ([1, 2], [0.3, 0.2])
    assert "0.2000 to nothing yet over 3 seeds" in lines["TPE"]["hovertext"][0]
    assert lines["best of the whole grid"]["y"] == [0.2, 0.2]
    band = next(trace for trace in figure["data"] if trace.get("showlegend") is False)
    assert band["x"] == [2, 2, 2, 2]  # before that, one seed has no network
    low, high = figure["layout"]["yaxis"]["range"]
    assert low < 0.1
    assert math.isfinite(high)


def test_the_table_says_how_far_and_how_soon():
    assert race_table(RACE) == {
        "Proposals": ["TPE", "Random", "Grid"],
        "Loss after 2 runs (nats)": ["0.2000", "0.3000", "0.2000"],
        "Luckiest to unluckiest": ["0.1000 to 0.3000", "0.2000 to 0.4000", "0.2000"],
        "Runs until the grid's best": ["2", "over 2 (1 of 3 met it)", "2"],
    }
    assert "whole grid of 6 has a validation loss of 0.2000 nats" in race_in_words(RACE)
    assert "After 2 runs, TPE usually has the lowest" in race_in_words(RACE)
