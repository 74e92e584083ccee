import numpy as np
import pytest

from core.errors import InvalidInput
from core.evaluation.robustness import NoisePoint
from core.metrics.accuracy import Accuracy
from core.models.loader import load_classifier
from core.models.store import ModelStore
from core.noise.base import GAUSSIAN
from core.noise.bits import FLIPPED
from core.noise.corruptions import ROTATE
from core.segments import bayes
from core.segments.channels import BIT_FLIP, EXTRA
from core.tasks.base import get_task
from ui.noise.figures import Line, limits, noise_figure, rates_figure, trade_figure
from ui.noise.readings import readings
from ui.noise.table import noise_table, to_csv
from ui.noise.theory import (
    EVEN,
    confidence_verdict,
    parse_weights,
    study_of,
    write_weights,
)

SEGMENTS = get_task("seven-segment")


@pytest.fixture(scope="module")
def models():
    store = ModelStore()
    return [store.get("seven-segment"), store.get("seven-segment-extra")]


@pytest.fixture(scope="module", autouse=True)
def _no_cache_left():
    import streamlit as st

    yield
    st.cache_resource.clear()


def test_theory_is_shown_for_displays_only(models):
    assert study_of(get_task("handwritten"), GAUSSIAN, [], EVEN) is None
    study = study_of(SEGMENTS, EXTRA, models, EVEN)
    assert list(study.networks) == ["seven-segment", "seven-segment-extra"]
    here = EXTRA.levels.index(0.3)
    assert study.best.values[here] == pytest.approx(0.7365, abs=0.00005)
    assert study.networks["seven-segment-extra"][here] == pytest.approx(study.best.values[here])
    assert study.networks["seven-segment"][here] < study.best.values[here]
    for values in (*study.networks.values(), *(line.values for line in study.baselines)):
        assert len(values) == len(EXTRA.levels)
        assert all(v <= b + 1e-12 for v, b in zip(values, study.best.values, strict=True))


def test_a_prior_changes_the_ceiling_and_the_best_confusions(models):
    here = BIT_FLIP.levels.index(0.3)
    even = study_of(SEGMENTS, BIT_FLIP, models, EVEN)
    mostly_eights = study_of(SEGMENTS, BIT_FLIP, models, (1, 1, 1, 1, 1, 1, 1, 1, 99, 1))
    assert mostly_eights.best.values[here] > even.best.values[here]
    best = mostly_eights.confusions(here)["best possible, exact"]
    assert best[:, 8].min() > even.confusions(here)["best possible, exact"][:, 8].max()


def test_confusions_are_those_of_each_network(models):
    study = study_of(SEGMENTS, EXTRA, models, EVEN)
    found = study.confusions(EXTRA.levels.index(0.1))
    names = ["best possible, exact", "seven-segment, exact", "seven-segment-extra, exact"]
    assert list(found) == names
    diagonal = np.diag(found["seven-segment-extra, exact"]).mean()
    assert diagonal == pytest.approx(study.networks["seven-segment-extra"][EXTRA.levels.index(0.1)])


@pytest.mark.parametrize(
    "text",
    ["", "1,2", "1,1,1,1,1,1,1,1,1,x", ",".join(["0"] * 10), "100" + ",1" * 9, "-1" + ",1" * 9],
)
def test_wrong_weights_in_a_link_get_a_sentence(text):
    with pytest.raises(InvalidInput, match=r"Expected"):
        parse_weights(text)


def test_weights_are_read_as_they_are_written():
    weights = tuple(range(10))
    assert parse_weights(write_weights(weights)) == weights


def points(*correct):
    return [
        NoisePoint(level, Accuracy("made", number, 100), np.zeros((2, 2), np.int64), 0.75)
        for level, number in zip(BIT_FLIP.levels, correct, strict=False)
    ]


def test_the_table_has_a_line_for_each_level():
    best = [1.0] * len(BIT_FLIP.levels)
    table = noise_table(
        BIT_FLIP, {"one": points(90, 80), "none": []}, {"one": best}, [Line("ceiling", best)]
    )
    assert list(table) == [
        "level",
        "ceiling",
        "one, exact",
        "one, measured",
        "one, 95 % from",
        "one, 95 % to",
        "one, examples",
        "one, mean confidence",
        "one, refused",
    ]
    assert table["one, measured"][:3] == [0.9, 0.8, None]
    assert table["one, 95 % from"][0] == pytest.approx(0.8256, abs=0.0001)
    lines = to_csv(table).splitlines()
    assert len(lines) == 1 + len(BIT_FLIP.levels)
    assert lines[0].startswith('level,ceiling,"one, exact"')
    assert lines[1].startswith("0,1,1,0.9,0.825")
    assert lines[3] == "0.05,1,1,,,,,,"


def test_the_figure_has_dots_with_intervals_and_exact_lines():
    exactly = [0.5] * len(BIT_FLIP.levels)
    figure = noise_figure(
        {"one": points(90, 80)},
        level=0.1,
        noise=BIT_FLIP,
        exact={"one": exactly},
        baselines=[Line("ceiling", exactly, "dash")],
    )
    line, dots, ceiling = figure["data"]
    assert line["y"] == [50] * len(BIT_FLIP.levels)
    assert line["mode"] == "lines"
    assert dots["y"] == [90, 80]
    assert dots["mode"] == "markers"
    low, high = points(90)[0].accuracy.interval
    assert dots["error_y"]["array"][0] == pytest.approx(100 * high - 90)
    assert dots["error_y"]["arrayminus"][0] == pytest.approx(90 - 100 * low)
    assert ceiling["line"]["dash"] == "dash"
    alone = noise_figure({"one": points(90)}, level=0.1, noise=BIT_FLIP, exact={})
    assert alone["data"][0]["mode"] == "lines+markers"


def test_heat_maps_hold_per_cents():
    shares = np.array([[0.996, 0.004], [0.25, 0.75]])
    figure = rates_figure(shares, "ab", title="t")
    assert figure["data"][0]["z"].tolist() == [[99.6, 0.4], [25, 75]]
    assert figure["data"][0]["text"] == [["100", ""], ["25", "75"]]
    trade = trade_figure(shares, ["one", "two"], ["flip", "extra"])
    assert trade["data"][0]["text"][0] == ["99.6", "0.4"]


def test_a_share_of_the_ceiling_is_1_where_nothing_is_lost(models):
    rule = bayes.rule_of(load_classifier(models[1]).predict(bayes.ALL_PATTERNS))
    assert bayes.share_of_ceiling(rule, EXTRA.likelihood(0.2)) == 1


@pytest.mark.parametrize(
    ("correct", "confidence", "refused", "refused_right", "words", "not_said"),
    [
        (95, 0.96, 2, 0, "", "."),
        (10, 0.11, 100, 10, "would refuse 100 % of these", "still gives"),
        (16, 0.20, 90, 7, "It **knows that it does not know**.", "too careful"),
        (75, 0.46, 62, 37, "60 % of the answers that it withholds would", "knows"),
        (20, 0.30, 90, 17, "Of the answers that it still gives, 70 % are wrong", "**knows"),
        (
            38,
            0.82,
            10,
            2,
            "is 82 % confident on average, but right only 38 % of the time",
            "refuse",
        ),
        (60, 0.30, 0, 0, "", "."),
    ],
)
def test_whether_a_network_notices_the_noise_is_told(
    correct, confidence, refused, refused_right, words, not_said
):
    none = np.zeros((10, 10), np.int64)
    accuracy = Accuracy("made", correct, 100)
    told = confidence_verdict(
        "one", NoisePoint(0.2, accuracy, none, confidence, refused, refused_right)
    )
    assert words in told
    assert not_said not in told


def test_the_figure_says_below_each_level_what_it_comes_to():
    x = noise_figure({}, level=0.2, noise=ROTATE, exact={})["layout"]["xaxis"]
    assert x["ticktext"][:3] == ["0", "0.1<br>12°", "0.2<br>24°"]
    assert x["tickvals"] == list(ROTATE.levels)
    assert (
        "ticktext" not in noise_figure({}, level=0.2, noise=GAUSSIAN, exact={})["layout"]["xaxis"]
    )


def test_the_best_possible_is_drawn_and_told_where_the_points_know_it():
    levels = FLIPPED.levels
    known = [
        NoisePoint(
            level,
            Accuracy("bits", 50, 100, best=1 - level),
            np.zeros((2, 2), np.int64),
            0.9,
        )
        for level in levels
    ]
    (line,) = limits({"one": known}, FLIPPED)
    assert list(line.values) == [1 - level for level in levels]
    assert limits({"one": known[:-1]}, FLIPPED) == ()
    *_, last = readings({"one": known}, None, FLIPPED, levels[2], limited=True)
    assert (last.name, last.value) == ("Best possible", "95.0 %")
    *_, last = readings({"one": []}, None, FLIPPED, levels[2], limited=True)
    assert (last.name, last.value) == ("Best possible", "…")
