"""Simple methods beside a network on each page: asked for by a click, and said in words."""

import json

import numpy as np
import pytest

from core.baselines.learning import NAMES, TITLES, LearnedFrom
from core.evaluation.evaluation import scores_of
from core.jobs.baselines import (
    BaselineCurves,
    BaselineCurvesJob,
    BaselinePoint,
    BaselinesJob,
    NetworkAnswers,
    NetworkAnswersJob,
)
from core.jobs.evaluation import EvaluationJob, MeasuredPart, ShownPart, TestDataJob
from core.jobs.noise_curve import NoiseCurveJob
from core.models.store import ModelStore
from core.training.events import Finished
from tests.pages.conftest import jobs_of, measured_points
from tests.pages.test_compare import finish as measure_all
from tests.pages.test_compare import plotted
from tests.pages.test_noise import readings
from tests.pages.test_runs import add_run
from tests.pages.test_train import MODEL, STARTED, epoch, finish, press, start, tell, texts
from tests.support.baselines import measured_baselines, methods_tables, right

FLIP = LearnedFrom("seven-segment", "generated", "flip", 0.15)
PARTS = (
    ("bit flip at 0.15, 1 in 11 clean", (600, 450, 300, 100), False),
    ("clean patterns", (1000, 1000, 900, 100), True),
)


def said(app):
    return "\n".join(element.value for element in app.markdown)


def lines(app):
    """The names of the lines in the accuracy curve."""
    for element in app.get("bidi_component"):
        data = json.loads(element.proto.json or "{}")
        if data.get("label") == "Accuracy by epoch":
            return [trace["name"] for trace in data["figure"][0]["data"]]
    raise AssertionError("there is no accuracy curve")


def test_on_train_they_are_trained_when_a_person_asks_and_not_before(open_page, submitted):
    app = open_page("train")
    run = start(app, submitted)
    tell(app, run, STARTED, epoch(1))
    assert not app.toggle(key="train_simple_methods").value
    assert len(submitted) == 1
    finish(app, run)
    assert "Do you need a network?" in [heading.value for heading in app.subheader]
    assert len(submitted) == 1
    press(app, "Train four simple methods")
    assert not app.exception
    assert app.toggle(key="train_simple_methods").value
    methods, network = submitted[1:]
    assert methods.job.spec == BaselinesJob(FLIP)
    assert network.job.spec == NetworkAnswersJob(FLIP, MODEL.files["model.tflite"])
    assert "Waiting …" in texts(app)
    methods.finish(measured_baselines(*PARTS))
    app.run()
    assert lines(app)[3:8] == [
        "best possible on average, 65.57 %",
        "logistic regression",
        "decision tree",
        "nearest neighbours",
        "majority guess",
    ]
    assert "Grey lines: validation" in texts(app)
    network.finish(NetworkAnswers((right(600), right(1000)), 0.001))
    app.run()
    assert not app.exception
    assert (
        "**Perhaps not.** This data does not show that the network is better than logistic"
        " regression, nor that they are equally good." in said(app)
    )
    first, clean = methods_tables(app)
    assert "<caption>The network and four simple methods, judged on 1,000 test examples" in first
    assert (
        "Only the network is right on 150 examples, only this method on 0. This is hardly" in first
    )
    assert "exact</td>" in clean
    assert "the decision tree are right exactly as often as the network." in said(app)
    # Whoever does not want to see them any more, switches them off.
    app.toggle(key="train_simple_methods").set_value(False).run()
    assert not methods_tables(app)
    assert "logistic regression" not in lines(app)
    assert len(submitted) == 3


def test_on_train_their_lines_come_while_a_run_is_under_way(open_page, submitted):
    app = open_page("train")
    run = start(app, submitted)
    tell(app, run, STARTED, epoch(1))
    app.toggle(key="train_simple_methods").set_value(True).run()
    (methods,) = jobs_of(submitted, BaselinesJob)
    assert methods.job.asked
    methods.fail("The worker processes were lost.")
    app.run()
    assert "The worker processes were lost." in texts(app)
    assert not app.exception
    tell(app, run, Finished("complete", 1, 1))
    finish(app, run)
    press(app, "Try again")
    again = jobs_of(submitted, BaselinesJob)[1]
    again.finish(measured_baselines(*PARTS))
    app.run()
    assert "majority guess" in lines(app)


def captions(app):
    return "\n".join(element.value for element in app.caption)


def test_on_noise_a_display_has_their_exact_curves(open_page, submitted):
    app = open_page("noise")
    assert len(submitted) == 1
    submitted[0].finish(measured_points(1000))
    app.toggle(key="noise_simple_methods").set_value(True).run()
    assert not app.exception
    card = ModelStore().get("seven-segment").card
    (methods,) = jobs_of(submitted, BaselinesJob)
    assert methods.job.spec.data == LearnedFrom(
        "seven-segment", "generated", card.noise, card.noise_level, card.seed
    )
    methods.finish(measured_baselines(*PARTS))
    app.run()
    rows = readings(app)
    # Those of the nearest pattern, which is best at equal probabilities.
    assert rows[1:3] == [
        ["Best possible", "62.1 %", "the limit"],
        ["Logistic regression", "62.1 %", "100.0 %"],
    ]
    assert (
        "simple methods, trained once on 500 examples of “Generated patterns” with mixed faults"
        " at 0.3, as “seven-segment” was." in captions(app)
    )
    app.select_slider(key="noise_level").set_value(0.3).run()
    assert readings(app)[2][1] == readings(app)[1][1]
    assert len(submitted) == 2


def test_on_noise_pictures_have_measured_curves(open_page, submitted):
    app = open_page("noise", task="handwritten", noise="gaussian", models="handwritten-dense")
    app.toggle(key="noise_simple_methods").set_value(True).run()
    (curves,) = jobs_of(submitted, BaselineCurvesJob)
    assert (curves.job.spec.noise, curves.job.spec.data.noise) == ("gaussian", "none")
    points = measured_points(900)
    curves.emit(BaselinePoint("logistic", points[0]))
    app.run()
    assert [row[0] for row in readings(app)] == ["handwritten-dense", "Logistic regression"]
    curves.finish(BaselineCurves(dict.fromkeys(NAMES, points), 3_826, 55_000))
    for network in jobs_of(submitted, NoiseCurveJob):
        network.finish(measured_points(990))
    app.run()
    assert not app.exception
    assert [row[0] for row in readings(app)][1:] == list(TITLES.values())
    assert "on 3,826 of 55,000 examples" in captions(app)
    assert "with no noise, as “handwritten-dense” was." in captions(app)


def test_on_evaluate_they_answer_the_examples_on_the_page(open_page, submitted):
    app = open_page("evaluate", model="handwritten-dense", data="built-in")
    (opened,), (answers,) = (jobs_of(submitted, kind) for kind in (TestDataJob, EvaluationJob))
    y = np.arange(1000) % 10
    opened.finish((ShownPart("made by hand", np.ones((1000, 28, 28), np.uint8), y, False, None),))
    given = np.where(right(950), y, (y + 1) % 10)
    probabilities = np.eye(10, dtype=np.float32)[given]
    answers.finish((MeasuredPart(probabilities, scores_of(probabilities, y)),))
    app.run()
    assert not app.exception
    assert len(submitted) == 2
    press(app, "Train four simple methods")
    (methods,) = jobs_of(submitted, BaselinesJob)
    assert methods.job.spec == BaselinesJob(LearnedFrom("handwritten", "built-in"))
    part = ("made by hand", (900, 800, 960, 100), False)
    methods.finish(measured_baselines(part, missing=(9,)))
    app.run()
    assert not app.exception
    assert "**Here, no.** Nearest neighbours are right more often than the network" in said(app)
    (table,) = methods_tables(app)
    assert "Only the network is right on 50 examples, only this method on 0." in table
    assert "None of these shows “9”, so they never give that answer." in captions(app)
    # It learned from MNIST, and they from what is shown.
    assert "“handwritten-dense” learned from other data." in captions(app)


def compare_rows(app):
    return app.dataframe[0].value.set_index("model")


def test_on_compare_pictures_are_measured_as_for_networks(open_page, submitted):
    app = open_page("compare")
    app.toggle(key="compare_simple_methods").set_value(True).run()
    (methods,) = jobs_of(submitted, BaselinesJob)
    (curves,) = jobs_of(submitted, BaselineCurvesJob)
    assert methods.job.spec.common
    assert methods.job.spec.data == curves.job.spec.data
    measure_all(submitted)  # dense 98 %, convolutional 99 % of 10,000
    part = ("test examples of “MNIST”", (9000, 8000, 9300, 1000), False)
    methods.finish(measured_baselines(part, total=10_000, numbers=784))
    curves.finish(BaselineCurves(dict.fromkeys(NAMES, measured_points(900)), 3_826, 55_000))
    app.run()
    assert not app.exception
    rows = compare_rows(app)
    assert rows["accuracy (%)"]["Nearest neighbours"] == 93
    assert rows["parameters"]["Nearest neighbours"] == 500 * 784
    assert rows["kind"]["Logistic regression"] == "simple"
    assert rows["robustness (%)"].notna()["Majority guess"]
    assert {"Decision tree", "handwritten-cnn"} <= plotted(app)
    assert "Majority guess" not in plotted(app)
    (table,) = methods_tables(app)
    assert ">handwritten-cnn<" in table
    assert "**Here, yes.** The network is right more often than all four" in said(app)
    # What is said of networks is said of them only.
    assert "Logistic regression** is the most" not in said(app)


def test_on_compare_displays_are_exact(open_page, submitted):
    app = open_page("compare", task="seven-segment")
    app.toggle(key="compare_simple_methods").set_value(True).run()
    assert not jobs_of(submitted, BaselineCurvesJob)
    (methods,) = jobs_of(submitted, BaselinesJob)
    assert (methods.job.spec.data, methods.job.spec.common) == (FLIP, True)
    methods.finish(measured_baselines(("sampled", (600, 450, 300, 100), False)))
    app.run()
    assert not app.exception
    rows = compare_rows(app)
    assert rows["accuracy (%)"]["Decision tree"] == pytest.approx(62.13, abs=0.01)
    assert rows["known from"]["Decision tree"] == "theory"
    (table,) = methods_tables(app)
    assert "points above the network, exactly." in table or "Exactly as often right" in table
    assert "hardly luck" not in table


def results(app):
    (table,) = [frame.value for frame in app.dataframe if "How it ended" in frame.value.columns]
    return table.set_index("Run")


def test_on_compare_runs_they_join_runs_of_the_same_data(open_page, submitted):
    app = open_page("runs")
    changes = {"noise": "flip", "noise_level": 0.15}
    for name, seed in (("one", 0), ("two", 0), ("other seed", 1)):
        add_run(app, submitted, name, seed=seed, **changes)
    app.run()
    assert app.toggle(key="runs_simple_methods").disabled
    assert "For runs that learn from the same data with the same seed." in captions(app)
    newest, *same = app.session_state["compared_runs"]
    app.multiselect(key="compared_runs").set_value(same).run()
    before = len(submitted)
    assert not app.toggle(key="runs_simple_methods").disabled
    app.toggle(key="runs_simple_methods").set_value(True).run()
    (methods,) = jobs_of(submitted, BaselinesJob)
    assert methods.job.spec == BaselinesJob(FLIP)
    assert list(results(app).index) == ["two", "one"]
    methods.finish(measured_baselines(*PARTS))
    app.run()
    assert not app.exception
    assert list(results(app).index) == ["two", "one", *TITLES.values()]
    tree = results(app).loc["Decision tree"]
    assert tree["Test accuracy (95 % interval)"] == "45.00 % (41.94 % to 48.10 %)"
    assert (tree["Best validation accuracy"], tree["Parameters"]) == ("50.00 %", "255 nodes")
    app.multiselect(key="compared_runs").set_value([newest, *same]).run()
    assert len(results(app)) == 3
    assert len(submitted) == before + 1
