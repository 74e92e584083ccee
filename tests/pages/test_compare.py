import json
import re

import numpy as np
import pytest

from core.evaluation.benchmark import Measured
from core.jobs.benchmark import BenchmarkJob
from core.jobs.noise_curve import NoiseCurveJob
from core.jobs.training import TrainingJob
from core.metrics.accuracy import Accuracy, percent
from core.models.store import ModelStore
from core.search.architecture_sweep import guide_sweep, guide_titles
from core.training.card import TrainedModel
from core.training.events import Finished, Started
from core.workers.progress import Progress
from tests.pages.conftest import jobs_of, measured_points, notes, shared
from tests.support.models import card_of_ensemble, card_of_network, save_copy
from tests.support.patience import wait_until
from tests.support.searches import runs_of_search
from ui.services import saved_models, server


def text(app):
    return "\n".join(element.value for element in app.markdown)


def figure(app, number=0):
    found = [json.loads(element.proto.json or "{}") for element in app.get("bidi_component")]
    return [each for each in found if "figure" in each][number]


def plotted(app):
    """The models in the plot."""
    return {name for trace in figure(app)["figure"][0]["data"] for name in trace["text"]}


def names(submitted, kind):
    """The models that the jobs of one kind are about."""
    return [producer.job.spec.name for producer in jobs_of(submitted, kind)]


def press(app, label):
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception


def table(app):
    return app.dataframe[0].value.set_index("model")


def finish(submitted, right=None):
    """Lets everything be measured: dense 98 %, convolutional 99 %, others 99.5 %."""
    right = right or {"handwritten-dense": 9800, "handwritten-cnn": 9900}
    for benchmark in jobs_of(submitted, BenchmarkJob):
        correct = right.get(benchmark.job.spec.name, 9950)
        answers = np.arange(10_000) < correct
        accuracy = Accuracy("test examples of “MNIST”", correct, 10_000)
        benchmark.finish(Measured(accuracy, 0.25, answers))
    for curve in jobs_of(submitted, NoiseCurveJob):
        curve.finish(measured_points(2000, 2000))


def test_dense_against_convolutional_first(open_page, submitted):
    app = open_page("compare")
    assert not app.exception
    two = ["handwritten-dense", "handwritten-cnn"]
    assert names(submitted, BenchmarkJob) == two
    assert names(submitted, NoiseCurveJob) == two
    rows = table(app)
    assert list(rows.index[:2]) == two
    assert set(rows.index) == {model.name for model in saved_models.models("handwritten")}
    assert set(rows["known from"]) == {"its card"}
    assert rows["robustness (%)"].isna().all()
    assert "waiting for a worker" in app.get("progress")[0].proto.text

    finish(submitted)
    app.run()
    assert not app.exception
    assert not app.get("progress")
    rows = table(app)
    assert list(rows["known from"][:3]) == ["measured here", "measured here", "its card"]
    assert rows["accuracy (%)"]["handwritten-cnn"] == pytest.approx(99)
    assert rows["answer time (ms)"]["handwritten-dense"] == 0.25
    assert rows["robustness (%)"]["handwritten-dense"] == pytest.approx(75)
    assert "1.00 points more accurate (99.00\N{NO-BREAK SPACE}% against" in text(app)
    assert "on 10,000 test digits of MNIST" in text(app)
    assert "Only **handwritten-cnn** is right on 100 examples, only **handwritten-dense**" in text(
        app
    )
    assert "This is hardly luck." in text(app)
    assert app.table[0].value["p"].tolist() == ["< 0.001"]
    # Only what was measured on the same examples is in one plot.
    assert plotted(app) == {"handwritten-dense", "handwritten-cnn"}
    assert any("have not been measured here are left out" in each.value for each in app.caption)
    app.selectbox(key="compare_up").set_value("size").run()
    assert len(plotted(app)) == 9
    app.run()
    assert len(jobs_of(submitted, BenchmarkJob)) == 2  # once and for all


def test_progress_is_told_while_measuring(open_page, submitted):
    app = open_page("compare")
    for benchmark in jobs_of(submitted, BenchmarkJob):
        benchmark.emit(Progress(5000, 10_000))
    app.run()
    told = app.get("progress")[0].proto.text
    assert re.search(r"25 %, about \d+ (s|min)", told)


def test_all_models_are_measured_by_one_button(open_page, submitted):
    app = open_page("compare")
    press(app, "Measure all 9 models")
    assert len(jobs_of(submitted, BenchmarkJob)) == 9
    assert len(shared(app)["models"].split(",")) == 9
    finish(submitted)
    app.run()
    assert set(table(app)["known from"]) == {"measured here"}
    assert "is the most accurate" in text(app)
    assert not [button for button in app.button if button.label.startswith("Measure all")]


def test_seven_segment_models_have_an_exact_robustness_at_once(open_page, submitted):
    app = open_page("compare", task="seven-segment", noise="missing", x="answer", y="robustness")
    assert not app.exception
    assert not jobs_of(submitted, NoiseCurveJob)
    rows = table(app)
    assert rows["robustness (%)"].idxmax() == "seven-segment-missing"
    assert rows["robustness (%)"].notna().all()
    assert figure(app)["figure"][0]["data"] == []  # no time for an answer is known yet
    finish(submitted)
    app.run()
    assert len(figure(app)["figure"][0]["data"][0]["x"]) == len(rows)
    assert "is the most robust to “Missing segments”" in text(app)


def test_seven_segment_models_have_exact_accuracies_and_no_luck(open_page, submitted):
    app = open_page("compare", task="seven-segment")
    finish(submitted)
    app.run()
    assert not app.exception
    rows = table(app)
    assert set(rows["known from"]) == {"theory"}
    assert set(rows["95 % interval"]) == {"exact"}
    assert set(rows["accuracy measured"]) == {"exact, bit flip at 0.15"}
    store = ModelStore()
    exact = {name: saved_models.exact_accuracy(store.get(name)).value for name in rows.index}
    assert (rows["accuracy (%)"] / 100).to_dict() == pytest.approx(exact)
    best = max(exact, key=exact.__getitem__)
    assert f"**{best}** is the most accurate: {percent(exact[best])} (exact" in text(app).replace(
        "\N{NO-BREAK SPACE}", " "
    )
    assert "luck" not in text(app)
    assert not app.table


def test_an_ensemble_whose_member_is_gone_and_a_failure_are_told(open_page, submitted):
    app = open_page("compare", models="handwritten-ensemble")
    assert names(submitted, BenchmarkJob) == ["handwritten-ensemble"]
    assert names(submitted, NoiseCurveJob) == ["handwritten-ensemble"]
    for producer in submitted:
        producer.fail("The worker process ended.")
    app.run()
    assert "handwritten-ensemble: The worker process ended." in [each.value for each in app.error]
    press(app, "Try again")
    assert not app.error
    assert names(submitted, BenchmarkJob) == ["handwritten-ensemble"] * 2
    assert names(submitted, NoiseCurveJob) == ["handwritten-ensemble"] * 2
    rows = table(app)
    assert rows["kind"]["handwritten-ensemble"] == "ensemble"
    assert rows["parameters"]["handwritten-ensemble"] == 1_898_786


def test_wrong_links_get_a_note(open_page):
    app = open_page("compare", task="chess", noise="hum", models="nobody", x="beauty", sweep="no")
    assert not app.exception
    for value in ("task", "hum", "nobody", "x"):
        assert f"“{value}”" in notes(app)
    assert "no such runs" in notes(app)
    assert shared(app) == {
        "task": "handwritten",
        "noise": "gaussian",
        "models": "handwritten-dense,handwritten-cnn",
        "x": "parameters",
        "y": "accuracy",
    }


def test_a_quantity_is_not_plotted_against_itself(open_page):
    app = open_page("compare", x="size", y="size")
    assert "“size” is not a choice for “Vertical axis”" in notes(app)
    assert shared(app)["y"] == "parameters"
    assert "size (kB)" not in app.selectbox(key="compare_up").options


def test_a_task_without_models_says_so(open_page, monkeypatch, tmp_path):
    monkeypatch.setenv("DIGIT_LAB_MODELS", str(tmp_path / "none"))
    app = open_page("compare")
    assert not app.exception
    assert "no saved model" in app.info[0].value


def test_a_model_saved_meanwhile_is_there(open_page, submitted, monkeypatch, tmp_path):
    store = ModelStore(tmp_path / "some")
    one = save_copy(store, "seven-segment-flip", "one")
    two = save_copy(store, "seven-segment-extra", "two")
    monkeypatch.setenv("DIGIT_LAB_MODELS", str(tmp_path / "some"))
    app = open_page("compare", task="seven-segment")
    assert list(table(app).index) == ["one", "two"]
    card = card_of_ensemble(one, two, task="seven-segment", source="generated")
    store.save("both", {}, card)
    app.run()
    assert not app.exception
    assert list(table(app).index) == ["one", "two", "both"]


def runs_in(app):
    """The ids of the runs of the guide's five, in order, once all have begun."""
    return runs_of_search(shared(app)["sweep"])


def test_the_guide_s_five_are_queued_followed_and_compared(open_page, submitted):
    app = open_page("compare", task="seven-segment")
    assert "sweep" not in shared(app)
    press(app, "Train the guide's five")
    runs, ids = server.runs(), runs_in(app)
    assert [runs.get(run_id).config for run_id in ids] == guide_sweep().runs
    app.run()
    assert "0 of 5 networks are trained" in app.get("progress")[-1].proto.text
    networks = ["seven-segment", "seven-segment-flip", "seven-segment-extra"]
    for number, run_id in enumerate(ids):
        wait_until(lambda count=number: len(jobs_of(submitted, TrainingJob)) > count)
        run = jobs_of(submitted, TrainingJob)[number]
        run.emit(Started(100, 1000, 10))
        run.emit(Finished("complete", 2, 2))
        content = ModelStore().get(networks[number % 3]).read("model.tflite")
        card = card_of_network(training_seconds=30.0, ending="complete", figures=[])
        run.finish(TrainedModel({"model.tflite": content}, card))
        wait_until(lambda run=run_id: not runs.get(run).under_way)
    wait_until(lambda: server.searches().get(shared(app)["sweep"]).settled)
    finish(submitted)
    app.run()
    assert not app.exception
    assert "Depth" in text(app)
    five = app.dataframe[1].value
    assert list(five["network"]) == list(guide_titles().values())
    assert list(five["best possible"]) == ["65.573 %"] * 5
    points = figure(app, 1)["figure"][0]["data"][0]
    assert points["text"] == ["16", "32-16", "64-32", "64-32-16", "128-64-32"]
    assert points["y"][1] == pytest.approx(65.573, abs=0.01)
    # Somebody else with the link sees it, and can train their own.
    other = open_page("compare", sweep=",".join(ids))
    assert "Train five of your own" in [button.label for button in other.button]
    assert list(other.dataframe[1].value["network"]) == list(five["network"])


def test_what_failed_of_the_five_is_trained_again(open_page, submitted):
    app = open_page("compare", task="seven-segment")
    press(app, "Train the guide's five")
    ids = runs_in(app)
    for number, run_id in enumerate(ids):
        wait_until(lambda count=number: len(jobs_of(submitted, TrainingJob)) > count)
        jobs_of(submitted, TrainingJob)[number].fail("No memory.")
        wait_until(lambda run=run_id: not server.runs().get(run).under_way)
    wait_until(lambda: server.searches().get(shared(app)["sweep"]).settled)
    finish(submitted)
    app.run()
    told = "".join(each.value for each in app.error)
    assert "Hidden layers 16, Hidden layers 32-16" in told
    assert "No memory." in told
    press(app, "Train what is missing")
    again = runs_in(app)
    assert len(again) == 5
    assert not set(again) & set(ids)
