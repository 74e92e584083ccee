"""The Search page: asked, followed, steered, measured once."""

import json
from dataclasses import replace

import pytest

from core.jobs.judging import JudgingJob
from core.jobs.training import TrainingJob
from core.metrics.accuracy import FIGURES, Accuracy
from core.schema import dump
from core.search.jobs import ImportanceJob
from core.training.card import TrainedModel
from core.training.events import Finished, Started
from tests.pages.conftest import notes, shared
from tests.support.models import card_of_network
from tests.support.patience import wait_until
from tests.support.searches import epochs
from ui.search.settings import VIEWS
from ui.services import server

MODEL = TrainedModel({"model.keras": b"k", "model.tflite": b"t"}, card_of_network(figures=[]))
JUDGED = replace(
    MODEL, card=card_of_network(figures=dump(FIGURES, [Accuracy("patterns", 60, 100)]))
)


def press(app, label):
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception


def labels(app):
    return [button.label for button in app.button]


def texts(app):
    kinds = ("info", "error", "warning", "caption", "markdown")
    return "\n".join(e.value for kind in kinds for e in app.get(kind))


def found(app):
    return server.searches().get(shared(app)["search"])


def figures(app):
    """The pictures of a search; the lesson has one of its own."""
    data = [json.loads(e.proto.json or "{}") for e in app.get("bidi_component")]
    found = [each for each in data if "figure" in each]
    return [each["figure"][0] for each in found if "number of runs" not in each["label"]]


def begin(app, submitted, *, trials=2):
    app.slider(key="search_trials").set_value(trials).run()
    app.number_input(key="search_parallel").set_value(1).run()
    before = len(submitted)
    press(app, "Start the search")
    wait_until(lambda: len(submitted) > before)
    app.run()
    assert not app.exception


def training(submitted):
    return [each for each in submitted if isinstance(each.job.spec, TrainingJob)]


def done(app, submitted, number, loss):
    """Has the search's run of this number end with this loss."""
    wait_until(lambda: len(training(submitted)) > number)
    job = training(submitted)[number]
    job.emit(Started(100, 1000, 10))
    for event in (*epochs(2.0, loss), Finished("complete", 2, 2)):
        job.emit(event)
    job.finish(MODEL)
    wait_until(lambda: found(app).trials[number].state == "complete")


def test_the_form_is_a_search_that_can_begin(open_page, submitted):
    app = open_page("search")
    assert not app.exception
    assert "Choose what may vary" in app.info[0].value
    begin(app, submitted, trials=7)
    info = found(app)
    assert info.config.space.texts == ["learning_rate=0.0001..0.1:log", "hidden=16|32|32,16|64,32"]
    assert (info.config.trials, info.config.sampler, info.config.pruner) == (7, "tpe", "median")
    assert info.name == "Fast: learning rate, hidden layers"
    assert not submitted[0].job.spec.test
    assert "0 of at most 7 runs have ended, 1 is under way." in app.get("progress")[0].proto.text


def test_what_varies_has_its_range_and_impossible_ones_are_a_sentence(open_page):
    app = open_page("search", vary="dropout,optimizer", dropout_from="0.5", dropout_to="0.1")
    assert not app.exception
    assert "from a smaller to a larger number" in app.error[0].value
    assert next(b for b in app.button if b.label == "Start the search").disabled
    app.selectbox(key="search_dropout_from").set_value(0.0).run()
    assert not app.error
    assert (shared(app)["dropout_from"], shared(app)["dropout_to"]) == ("0", "0.1")
    app.multiselect(key="search_optimizer").set_value(["adam"]).run()
    assert "Expected 2 to 50 values of optimizer" in app.error[0].value


def test_another_task_leaves_out_what_its_runs_do_not_have(open_page):
    app = open_page("search", task="handwritten", vary="rotation,dropout")
    assert not app.exception
    assert app.selectbox(key="search_rotation_from").value == 0
    app.selectbox(key="search_task").set_value("seven-segment").run()
    assert not app.exception
    assert app.multiselect(key="search_vary").value == ["dropout"]


def test_wrong_values_of_a_link_are_said_and_left_out(open_page):
    app = open_page("search", vary="speed", sampler="guess", search="0" * 16, dropout_to="7")
    assert not app.exception
    assert "“sampler”" in notes(app)
    assert "There is no search" in notes(app)


def test_a_search_is_followed_to_its_winner_who_alone_is_measured(open_page, submitted):
    app = open_page("search")
    begin(app, submitted)
    done(app, submitted, 0, 1.0)
    app.run()
    assert "Best so far: run 1 with a validation loss of 1.0000 nats" in texts(app)
    assert "The winner" not in [each.value for each in app.subheader]
    done(app, submitted, 1, 0.5)
    wait_until(lambda: found(app).settled)
    app.run()
    assert "The best: run 2" in texts(app)
    table = app.dataframe[0].value
    assert list(table["State"]) == ["complete", "★ best"]
    press(app, "Measure the winner on the test data")
    wait_until(lambda: isinstance(submitted[-1].job.spec, JudgingJob))
    submitted[-1].finish(JUDGED)
    wait_until(lambda: found(app).test)
    app.run()
    assert not app.exception
    assert [metric.value for metric in app.metric] == ["60.00 %"]
    assert not {"10 more runs", "Measure the winner on the test data", "Go on"} & set(labels(app))
    press(app, "Train the best one longer (3 times the epochs)")
    runs = [run for run in server.runs().of(app.session_state["visitor"]) if not run.search]
    assert [run.config.epochs for run in runs] == [3 * found_epochs(submitted)]


def found_epochs(submitted):
    return submitted[0].job.spec.config.epochs


@pytest.mark.parametrize("view", VIEWS)
def test_each_picture_stands_before_the_first_run_and_after_some(open_page, submitted, view):
    app = open_page("search", view=view)
    begin(app, submitted, trials=5)
    assert not app.exception
    for number in range(4):
        done(app, submitted, number, 1.0 / (number + 1))
    app.run()
    assert not app.exception
    assert len(figures(app)) == 1
    if view == "importance":
        jobs = [each for each in submitted if isinstance(each.job.spec, ImportanceJob)]
        jobs[-1].finish({"learning_rate": 0.75, "hidden": 0.25})
        app.run()
        assert "Learning rate explains 75 % of the differences" in texts(app)


def test_a_search_is_paused_goes_on_is_stopped_and_extended(open_page, submitted):
    app = open_page("search")
    begin(app, submitted, trials=3)
    press(app, "Pause")
    assert found(app).state == "paused"
    app.run()
    press(app, "Go on")
    assert found(app).state == "running"
    app.run()
    press(app, "Stop")
    assert found(app).state == "stopped"
    app.run()
    press(app, "10 more runs")
    assert (found(app).state, found(app).config.trials) == ("running", 13)


def test_a_reload_finds_the_search_and_a_stranger_may_only_look(open_page, submitted):
    app = open_page("search")
    begin(app, submitted)
    stranger = open_page("search", search=shared(app)["search"])
    assert "somebody else's" in texts(stranger)
    assert not {"Pause", "Stop", "10 more runs"} & set(labels(stranger))
    assert not any("Delete" in label for label in labels(stranger))


def test_a_deleted_search_is_gone_with_its_runs_or_without(open_page, submitted):
    app = open_page("search")
    begin(app, submitted)
    visitor = app.session_state["visitor"]
    press(app, "Delete the search alone")
    assert server.searches().of(visitor) == []
    assert len(server.runs().of(visitor)) == 1
    submitted[0].finish(MODEL)  # as it was told to
    begin(app, submitted)
    wait_until(lambda: len(server.runs().of(visitor)) == 2)
    press(app, "Delete its runs as well")
    assert len(server.runs().of(visitor)) == 1


def test_why_the_test_data_stays_closed_is_shown_with_exact_numbers(open_page):
    app = open_page("search")
    (table,) = [each.value for each in app.table if "Networks tried" in each.value.columns]
    assert table["Best test accuracy to be expected"].iloc[0] == "65.0 %"
    points = [float(words.split()[0]) for words in table["Too good by"]]
    assert points[0] == 0
    assert points == sorted(points)
    assert points[-1] > 4
