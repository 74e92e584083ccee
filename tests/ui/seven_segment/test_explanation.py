import re

import numpy as np
import pytest

from core.segments.patterns import SEGMENTS
from core.segments.shapley import Attribution, Flip, flip_effects
from ui.components.plot import figure_to_json
from ui.seven_segment.explanation import equation, flip_sentence, shapley_sentence
from ui.seven_segment.figures import flip_figure, points, shapley_figure, weights_figure

FOUND = Attribution(9, np.array([0.1, 0.2, 0.0, -0.05, 0.3, 0.0001, 0.0499]), 0.1, 0.7)


def test_points_are_written_with_a_sign_and_zero_without_one():
    assert [points(v) for v in (0.123, -0.004, 0.0, -1e-17, 0.0004, -0.0004)] == [
        *("+12.3", "−0.4", "0.0", "0.0", "0.0", "0.0")
    ]
    assert points(-0.00456, 2) == "−0.46"


def test_the_equation_adds_up():
    text = equation(FOUND).replace("− ", "-").replace("+ ", "")
    base = float(text.split(" % (base value)")[0])
    terms = [float(term) for term in re.findall(r"(-?[\d.]+) \([a-g]\)", text)]
    assert len(terms) == 7
    assert base + sum(terms) == pytest.approx(70, abs=0.05)
    assert "= **70.00 %**, the probability of a 9" in text


def test_the_sentence_names_what_speaks_most_for_and_against():
    sentence = shapley_sentence(FOUND, "1111011")
    assert sentence.startswith("Segment **e** (dark) speaks most **for** a 9 (+30.0 points)")
    assert "segment **d** (lit) speaks most **against** a 9 (−5.0 points)." in sentence


def test_where_nothing_counts_the_sentence_says_so():
    nothing = Attribution(8, np.array([1e-17, 0, 0, -1e-17, 0, 0, 0]), 0.7, 0.7)
    assert "No segment counts" in shapley_sentence(nothing, "1111111")


def test_the_waterfall_goes_from_the_base_value_to_the_answer():
    figure = shapley_figure(FOUND)
    figure_to_json(figure)
    (bars,) = figure["data"]
    assert bars["x"] == ["base", *SEGMENTS, "answer"]
    assert sum(bars["y"]) == pytest.approx(70)
    assert bars["text"][:3] == ["10.0", "+10.0", "+20.0"]
    assert bars["text"][-1] == "70.0"
    low, high = figure["layout"]["yaxis"]["range"]
    assert (low, high) == (0, 112)


def test_steps_below_nothing_and_above_all_stay_in_the_figure():
    found = Attribution(1, np.array([-0.3, 1.4, 0, 0, 0, 0, -0.3]), 0.1, 0.9)
    low, high = shapley_figure(found)["layout"]["yaxis"]["range"]
    assert low < -20
    assert high > 120


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ("", "No single flip changes the answer: it stays an 8."),
        ("e", "One flip is enough to change the answer: **e** (to a 9, 60.0 %)."),
        (SEGMENTS, "Any flip changes the answer: it is no longer an 8."),
    ],
)
def test_the_sentence_of_flips_tells_which_change_the_answer(changed, words):
    flips = [
        Flip(s, "0000000", 9 if s in changed else 8, 0.6, -0.3 if s == "e" else -0.1)
        for s in SEGMENTS
    ]
    sentence = flip_sentence(flips, 8)
    assert sentence.startswith(words)
    assert "Flipping **e** would lower the probability of an 8 most (−30.0 points)." in sentence
    assert "raise" not in sentence


def test_a_flip_that_helps_is_told():
    table = np.full((128, 10), 0.1, np.float32)
    table[0b0110001, 1] = 0.2
    table[0b0110000, 1] = 0.9
    flips = flip_effects(table, "0110001")
    told = flip_sentence(flips, 1)
    assert "Flipping **g** would raise the probability of a 1 most (+70.0 points)" in told
    bars = flip_figure(flips, 1)["data"][0]
    assert bars["x"][6] == "g → 1"
    assert bars["y"] == pytest.approx([-10] * 6 + [70])
    assert len(set(bars["marker"]["color"])) == 2


def test_weights_are_drawn_in_per_cent():
    figure = weights_figure(np.array([0.4, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1]))
    assert figure["data"][0]["text"][0] == "40.0"
    assert figure["layout"]["yaxis"]["range"][1] > 40
