import dataclasses
import io
import json
import os
import re
from datetime import UTC, datetime
from html import unescape

import numpy as np
import pytest
import streamlit as st
from scipy.io import savemat
from streamlit.proto.WidgetStates_pb2 import WidgetStates

from core.database import Database, EventRow, FileRow, RunRow
from core.errors import DatabaseUnavailable
from core.jobs.download import DownloadJob
from core.jobs.tensorboard import TensorBoardJob
from core.jobs.training import TrainingJob
from core.metrics.accuracy import FIGURES, Accuracy
from core.networks.architecture import ARCHITECTURE, Architecture
from core.runs.records import CHECKPOINT
from core.runs.repository import RunRepository
from core.schema import dump
from core.tasks.base import get_task
from core.training.card import TrainedModel, parse_card
from core.training.checkpoint import Checkpoint, Position
from core.training.config import CONFIG, TrainingConfig
from core.training.events import (
    EVENT,
    BatchDone,
    EpochDone,
    Finished,
    LearningRateChanged,
    Paused,
    Sample,
    Started,
)
from core.workers.commands import SetLearningRate, Signal
from core.workers.pool import Workers
from core.workers.progress import Progress
from tests.pages.conftest import notes, shared
from tests.support.models import card_of_network
from tests.support.patience import wait_until
from tests.support.servers import PlayedServer
from ui.services import server
from ui.wording.runs import NO_WORKER, state_in_words

SAMPLE = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
)
STARTED = Started(1162, 22_000, 86, best_accuracy=0.65573, samples=(Sample(3, SAMPLE),))
CARD = card_of_network(
    architecture=dump(ARCHITECTURE, Architecture((64, 32))),
    seed=0,
    command="python -m core train seven-segment",
    figures=dump(FIGURES, [Accuracy("test patterns", 60, 100)]),
)
MODEL = TrainedModel({"model.keras": b"k", "model.tflite": b"t"}, CARD)


WIDGETS = ("selectbox", "select_slider", "slider", "number_input", "checkbox", "file_uploader")


def press(app, label):
    next(button for button in app.button if button.label == label).click().run()
    return app


def labels(app):
    return [button.label for button in app.button]


def texts(app):
    """All that the page says in boxes and small print."""
    return "\n".join(
        e.value for kind in ("info", "error", "warning", "caption") for e in app.get(kind)
    )


def start(app, submitted, count=1):
    press(app, "Start training")
    wait_until(lambda: len(submitted) == count)
    app.run()
    assert isinstance(submitted[-1].job.spec, TrainingJob)
    return submitted[-1]


def tell(app, run, *events):
    """Has the run's worker tell something, and shows the page again when that is known."""
    run_id = shared(app)["run"]
    for event in events:
        run.emit(event)
    wait_until(lambda: knows(server.runs().history(run_id), events[-1]))
    app.run()
    assert not app.exception


def knows(history, event):
    """Whether an event has been taken in; all before it have been then."""
    told = (history.started, *history.batches, *history.epochs, history.paused, history.finished)
    return event in told


def rate_slider(app):
    (slider,) = [each for each in app.select_slider if each.label == "Learning rate from now on"]
    return slider


def finish(app, run, ending="complete"):
    tell(app, run, Finished(ending, 1, 1))
    run.finish(MODEL)
    wait_until(lambda: not server.runs().get(shared(app)["run"]).under_way)
    app.run()
    assert not app.exception


def epoch(number, **changes):
    done = EpochDone(number, 1.2, 0.6, 1.1, 0.62, 4.0 * number, 0.01, ((3, 0.9),))
    return dataclasses.replace(done, **changes)


def test_first_visit_offers_the_first_recipe(open_page):
    app = open_page("train")
    assert not app.exception
    assert app.selectbox(key="train_recipe").value == "fast"
    assert app.select_slider(key="train_layer_1").value == 64
    assert app.select_slider(key="train_batch_size").value == 256
    assert app.selectbox(key="train_schedule").value == "one-cycle"
    assert app.select_slider(key="train_noise_level").value == 0.15


@pytest.mark.parametrize(
    ("task", "recipe"),
    [
        (t, r.name)
        for t in ("seven-segment", "handwritten", "course-lab")
        for r in get_task(t).recipes
    ],
)
def test_every_recipe_fills_the_form_and_starts_just_as_it_is(open_page, submitted, task, recipe):
    app = open_page(
        "train",
        task=task,
        recipe=recipe,
        data="built-in" if task != "seven-segment" else "generated",
    )
    assert not app.exception
    start(app, submitted)
    wanted = TrainingConfig.from_recipe(
        get_task(task), get_task(task).recipe(recipe), source=shared(app)["data"]
    )
    assert submitted[-1].job.spec.config == wanted


def test_another_task_brings_its_own_recipe(open_page):
    app = open_page("train")
    app.selectbox(key="train_task").set_value("handwritten").run()
    assert not app.exception
    assert app.select_slider(key="train_filters_1").value == 16
    assert app.selectbox(key="train_noise").value == "none"
    app.selectbox(key="train_recipe").set_value("first-digits").run()
    assert app.select_slider(key="train_rotation").value == 15
    assert app.select_slider(key="train_early_stopping").value == 3
    assert any('class="digit-lab-tiles"' in e.proto.body for e in app.get("html"))


def test_start_hands_exactly_the_settings_to_a_worker(open_page, submitted):
    app = open_page(
        "train",
        recipe="guide",
        epochs="3",
        batch_size="256",
        learning_rate="0.0123",
        seed="5",
        optimizer="sgd",
        momentum="0.5",
        l2="0.0002",
    )
    start(app, submitted)
    config = submitted[-1].job.spec.config
    assert config.architecture == Architecture((64, 32), 0.3, True, norm_position="after")
    assert (config.epochs, config.batch_size, config.learning_rate) == (3, 256, 0.0123)
    assert (config.optimizer, config.momentum, config.l2) == ("sgd", 0.5, 0.0002)
    assert (config.noise, config.noise_level, config.seed) == ("flip", 0.15, 5)


def test_a_link_may_change_single_settings_of_a_recipe(open_page):
    app = open_page("train", task="seven-segment", recipe="guide", layer_2="0", level="0.05")
    assert app.select_slider(key="train_layer_1").value == 64
    assert app.select_slider(key="train_layer_2").value == 0
    assert shared(app)["level"] == "0.05"


def test_wrong_values_in_a_link_become_the_defaults_with_a_note(open_page):
    wrong = {
        "task": "chess",
        "epochs": "1e9",
        "seed": "-1",
        "batch_size": "33.5",
        "level": "nan",
        "layer_1": "9999",
        "optimizer": "magic",
        "output": "<b>",
    }
    app = open_page(
        "train", **wrong, recipe="resnet", noise="fog", data="imagenet", run="no such run"
    )
    assert not app.exception
    for value in (*wrong, "resnet", "fog", "imagenet", "no such run"):
        assert f"“{value}”" in notes(app)
    assert shared(app)["epochs"] == "20"


def test_removing_a_layer_closes_the_gap(open_page):
    app = open_page("train", recipe="guide-64-32-16")
    app.select_slider(key="train_layer_2").set_value(0).run()
    assert [app.select_slider(key=f"train_layer_{n}").value for n in (1, 2, 3)] == [64, 16, 0]


def test_a_network_that_cannot_be_stored_yet_is_shown_said_and_stored_later(
    open_page, submitted, monkeypatch
):
    app = open_page("train")
    run = start(app, submitted)
    full = "The database that keeps the runs does not answer (database or disk is full)."
    save = RunRepository.save_result

    def fail(self, run_id, model):
        raise DatabaseUnavailable(full)

    monkeypatch.setattr(RunRepository, "save_result", fail)
    tell(app, run, STARTED, *map(epoch, range(1, 21)), Finished("complete", 20, 20))
    run.finish(MODEL)
    run_id = shared(app)["run"]
    wait_until(lambda: server.runs().get(run_id).unsaved)
    app.run()
    assert not app.exception
    assert f"This network is not stored yet. {full}" in notes(app)
    assert [metric.value for metric in app.metric] == ["60.00 %"]
    assert "Save model" in labels(app)
    assert "network is not stored yet" in state_in_words(server.runs().get(run_id))
    monkeypatch.setattr(RunRepository, "save_result", save)
    wait_until(lambda: not server.runs().get(run_id).unsaved)
    app.run()
    assert "not stored yet" not in notes(app)
    assert [metric.value for metric in app.metric] == ["60.00 %"]


def test_a_run_without_any_worker_process_names_no_time_left(open_page, submitted, monkeypatch):
    app = open_page("train")
    run = start(app, submitted)
    tell(app, run, STARTED, *(BatchDone(1, n, 1.5, 0.5, n / 10, 0.01) for n in (10, 20, 30)))
    assert "about" in app.get("progress")[0].proto.text
    monkeypatch.setattr(Workers, "training_slots", lambda self: 0)
    wait_until(lambda: server.runs().of(app.session_state["visitor"])[0].without_workers)
    app.run()
    assert app.get("progress")[0].proto.text == NO_WORKER
    compared = app.switch_page("pages/runs.py").run()
    states = [list(f.value["State"]) for f in compared.dataframe if "State" in f.value.columns]
    assert states == [["waiting: no worker process is running"]]


def test_progress_controls_result_and_saving(open_page, submitted):
    app = open_page("train")
    run = start(app, submitted)
    assert "Waiting for a worker" in app.get("progress")[0].proto.text
    tell(app, run, STARTED, *(BatchDone(1, n, 1.5, 0.5, n / 10, 0.01) for n in (10, 20, 30)))
    assert "Epoch 1 of 20, about" in app.get("progress")[0].proto.text
    assert "examples a second, learning rate 0.01" in texts(app)

    sent = []
    run.attach(sent.append)
    press(app, "Pause")
    tell(app, run, Paused(1, 31))
    assert "Paused: epoch 1 of 20, batch 31 of 86" in app.get("progress")[0].proto.text
    press(app, "Step a batch")
    press(app, "Step an epoch")
    rate_slider(app).set_value(0.1).run()
    press(app, "Resume")
    assert sent == [
        Signal("pause"),
        Signal("step_batch"),
        Signal("step_epoch"),
        SetLearningRate(0.1),
        Signal("resume"),
    ]

    tell(app, run, epoch(1))
    assert "1 of 1 right" in "".join(e.value for e in app.markdown)
    finish(app, run)
    assert "All epochs are done. 1 of 20 epochs" in texts(app)
    assert app.metric[0].value == "60.00 %"
    assert "95 % interval 50.20 % to 69.06 %" in texts(app)

    name = next(box for box in app.text_input if box.label == "Name")
    name.set_value("Not a Name")
    press(app, "Save model")
    assert "lower-case letters" in app.error[0].value
    next(box for box in app.text_input if box.label == "Name").set_value("seven-segment")
    press(app, "Save model")
    assert "already" in app.error[0].value


def test_tensorboard_logs_are_written_in_a_worker_when_they_are_wanted(open_page, submitted):
    app = open_page("train")
    run = start(app, submitted)
    tell(app, run, STARTED, epoch(1))
    finish(app, run)
    assert len(submitted) == 1
    press(app, "Make TensorBoard logs")
    assert not app.exception
    assert submitted[1].job.spec == TensorBoardJob((epoch(1),))
    (bar,) = app.get("progress")
    assert (bar.proto.value, bar.proto.text) == (50, "Writing the TensorBoard logs …")
    submitted[1].fail("The worker processes were lost.")
    app.run()
    assert [element.value for element in app.error] == ["The worker processes were lost."]
    press(app, "Try again")
    assert not app.exception
    assert submitted[2].job.spec == submitted[1].job.spec
    submitted[2].finish(b"zip")
    app.run()
    assert not app.exception
    assert not app.get("progress")
    downloads = [element.proto.label for element in app.get("download_button")]
    assert {"Download code", "Download notebook", "Download TensorBoard logs"} <= set(downloads)


def slow_motion(app):
    (switch,) = [each for each in app.toggle if each.label.startswith("Slow motion")]
    return switch


def test_slow_motion_is_on_at_first_where_epochs_are_short_and_a_choice_is_kept(
    open_page, submitted
):
    app = open_page("train")
    assert slow_motion(app).value
    app.selectbox(key="train_recipe").set_value("guide").run()
    assert not slow_motion(app).value
    app.selectbox(key="train_recipe").set_value("fast").run()
    run = start(app, submitted)
    assert run.job.spec.slow
    sent = []
    run.attach(sent.append)
    tell(app, run, STARTED, epoch(1))
    app.run()
    assert sent == []  # drawing the switch sends nothing
    slow_motion(app).set_value(False).run()
    assert sent == [Signal("fast")]
    slow_motion(app).set_value(True).run()
    slow_motion(app).set_value(False).run()
    finish(app, run)
    assert not slow_motion(app).value
    assert sent == [Signal("fast"), Signal("slow"), Signal("fast")]
    press(app, "Start training")
    wait_until(lambda: len(submitted) == 2)
    assert not submitted[1].job.spec.slow


def test_the_switch_shows_the_pace_of_the_run_under_way(open_page, submitted):
    app = open_page("train")
    run = start(app, submitted)
    sent = []
    run.attach(sent.append)
    tell(app, run, STARTED)
    slow_motion(app).set_value(False).run()
    server.runs().command(shared(app)["run"], Signal("slow"), owner=app.session_state["visitor"])
    again = open_page("train", run=shared(app)["run"])
    again.session_state["visitor"] = app.session_state["visitor"]
    again.run()
    assert slow_motion(again).value
    again.run()
    assert sent == [Signal("fast"), Signal("slow")]  # and nothing by being drawn


def test_before_the_first_run_the_place_of_the_curves_is_there(open_page, submitted):
    app = open_page("train")
    before = curves(app)
    assert [curve["label"] for curve in before] == ["Accuracy by epoch", "Loss by epoch"]
    for curve in before:
        (sentence,) = curve["figure"][0]["layout"]["annotations"]
        assert sentence["text"].startswith("Here you will see")
    run = start(app, submitted)
    tell(app, run, STARTED, epoch(1))
    during = curves(app)
    finish(app, run)
    assert [c["label"] for c in during] == [c["label"] for c in before]
    assert "Here you will see" not in json.dumps(during)
    heights = {curve["height"] for curve in (*before, *during, *curves(app))}
    assert len(heights) == 1


def curves(app):
    """What the browser gets of the charts."""
    found = [json.loads(e.proto.json or "{}") for e in app.get("bidi_component")]
    return [data for data in found if "figure" in data]


def readings(app):
    (html,) = [e.proto.body for e in app.get("html") if "digit-lab-readings" in e.proto.body]
    return html


def test_a_wrong_digit_says_what_it_was_and_what_it_was_read_as(open_page, submitted):
    app = open_page("train")
    run = start(app, submitted)
    tell(app, run, STARTED, epoch(1, readings=((8, 0.71),)))
    assert '<li class="wrong">' in readings(app)
    assert "a 3,<br>read as 8,<br>71\u00a0% sure" in readings(app)
    tell(app, run, epoch(2, readings=((3, 0.9),)))
    assert '<li class="right">' in readings(app)
    assert "a 3 ✓,<br>90\u00a0% sure" in readings(app)


def changed(app):
    (html,) = [e.proto.body for e in app.get("html") if "digit-lab-changes" in e.proto.body]
    return unescape(re.sub("<[^>]*>", "", html.partition("</style>")[2]))


def test_the_form_says_in_one_line_what_differs_from_the_recipe(open_page, submitted):
    app = open_page("train", recipe="guide")
    assert changed(app) == "You have changed no settings."
    app.select_slider(key="train_learning_rate").set_value(0.01).run()
    app.slider(key="train_dropout").set_value(0.5).run()
    assert changed(app) == "Changed: dropout 0.5, learning rate 0.01."
    start(app, submitted)
    (run,) = server.runs().of(app.session_state["visitor"])
    assert run.name == "Guide: 64-32, dropout 0.5, learning rate 0.01"


def test_only_task_recipe_start_and_slow_motion_are_above_more_settings(open_page):
    app = open_page("train", task="handwritten", data="built-in")
    (more,) = [each for each in app.expander if each.label == "More settings"]
    assert not more.proto.expanded
    inside = {widget.key for kind in WIDGETS for widget in more.get(kind)}
    outside = {widget.key for kind in WIDGETS for widget in app.get(kind)} - inside
    assert {"train_source", "train_noise", "train_seed", "train_dropout"} < inside
    assert outside == {"train_task", "train_recipe"}


def test_the_coach_knows_what_the_persons_other_runs_reached(open_page, submitted):
    app = open_page("train", noise="missing", noise_level="0.1")
    for number, (correct, rate) in enumerate([(9000, 0.01), (4000, 0.3)]):
        app.select_slider(key="train_learning_rate").set_value(rate).run()
        run = start(app, submitted, number + 1)
        tell(app, run, STARTED, epoch(1))
        figures = [Accuracy("missing segments at 0.1, 1 in 11 clean", correct, 10_000)]
        config = run.job.spec.config
        card = parse_card(CARD.entries | dump(CONFIG, config) | {"figures": dump(FIGURES, figures)})
        tell(app, run, Finished("complete", 1, 1))
        run.finish(TrainedModel(MODEL.files, card))
        wait_until(lambda: not server.runs().get(shared(app)["run"]).under_way)
        app.run()
        assert not app.exception
    assert "reached 90.0 %" in texts(app)
    assert "clearly more than this run's 40.0 %" in texts(app)
    assert "What it did differently: learning rate 0.01." in texts(app)


def test_the_coach_speaks_and_the_ceiling_is_drawn(open_page, submitted):
    app = open_page("train")
    run = start(app, submitted)
    chance = {"loss": 2.30, "accuracy": 0.10, "val_loss": 2.30, "val_accuracy": 0.10}
    tell(app, run, STARTED, *(epoch(n, **chance) for n in (1, 2, 3)))
    assert "Coach: Not learning" in notes(app)
    assert any(
        "best possible on average, 65.57 %" in e.proto.json for e in app.get("bidi_component")
    )


def test_a_lost_worker_is_said_and_the_run_goes_on(open_page, submitted):
    app = open_page("train")
    run = start(app, submitted)
    tell(app, run, STARTED, epoch(1))
    run.fail("The worker process ended unexpectedly, perhaps for want of memory.", lost=True)
    wait_until(lambda: len(submitted) == 2)
    app.run()
    assert "ended unexpectedly" in texts(app)
    assert "on another worker" in texts(app)
    assert server.runs().get(shared(app)["run"]).under_way


@pytest.mark.parametrize("kept", [True, False], ids=["checkpoint", "none yet"])
def test_an_interrupted_run_promises_only_what_was_kept(open_page, kept):
    config = TrainingConfig(
        task="seven-segment", source="generated", architecture=Architecture((8,)), epochs=9
    )
    database = Database()  # as an earlier server has left it, five epochs after its checkpoint
    with database.session() as session:
        row = RunRow(
            id="0" * 16, owner="me", name="left", state="running", config=dump(CONFIG, config)
        )
        row.created = datetime.now(UTC)
        session.add(row)
        session.flush()
        session.add_all(
            EventRow(run_id=row.id, number=n, content=dump(EVENT, epoch(n))) for n in range(1, 7)
        )
        if kept:
            content = Checkpoint(Position(epoch=1), (), ()).to_bytes()
            session.add(FileRow(run_id=row.id, name=CHECKPOINT, content=content))
    database.close()
    app = open_page("train", run="0" * 16)
    assert not app.exception
    assert "This run was interrupted" in notes(app)
    assert ("resume from its last checkpoint" in notes(app)) == kept
    assert "epoch 6" not in notes(app)


def test_a_reload_finds_the_run_again_and_a_stranger_may_only_look(open_page, submitted):
    app = open_page("train")
    run = start(app, submitted)
    tell(app, run, STARTED)
    run_id = shared(app)["run"]
    stranger = open_page("train", run=run_id)
    st_info = texts(stranger)
    assert "somebody else's" in st_info
    assert "Pause" not in labels(stranger)
    press(stranger, "Repeat with the same seed")
    assert shared(stranger)["run"] != run_id
    assert "place 1 in the queue" in stranger.get("progress")[0].proto.text


def test_the_settings_of_a_run_are_loaded_into_the_form(open_page, submitted):
    app = open_page("train", task="handwritten", data="built-in", recipe="dense", epochs="7")
    start(app, submitted)
    app.selectbox(key="train_task").set_value("seven-segment").run()
    press(app, "Load its settings into the form")
    app.run()
    assert app.selectbox(key="train_task").value == "handwritten"
    assert app.slider(key="train_epochs").value == 7


def test_limits_are_explained_when_they_are_met(open_page, submitted, monkeypatch):
    monkeypatch.setenv("DIGIT_LAB_MAX_PARAMETERS", "1000")
    app = open_page("train")
    press(app, "Start training")
    assert "1,000 parameters at most" in app.error[0].value
    assert not submitted


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("DATABASE_URL", "oracle-of-delphi://x", "DATABASE_URL does not name a database"),
        ("DIGIT_LAB_MAX_EPOCHS", "many", "DIGIT_LAB_MAX_EPOCHS"),
    ],
)
def test_a_wrong_environment_is_a_sentence(open_page, monkeypatch, variable, value, words):
    monkeypatch.setenv(variable, value)
    app = open_page("train")
    assert not app.exception
    assert words in texts(app)


def test_a_failed_run_is_a_sentence(open_page, submitted):
    app = open_page("train")
    run = start(app, submitted)
    run.fail("The worker process failed.")
    wait_until(lambda: not server.runs().get(shared(app)["run"]).under_way)
    app.run()
    assert not app.exception
    assert "The worker process failed." in app.error[0].value


def test_a_failed_noise_curve_is_a_sentence(open_page, submitted):
    app = open_page("noise")
    submitted[-1].fail("The worker processes were lost.")
    app.run()
    assert not app.exception
    assert "The worker processes were lost." in app.error[0].value


def course_file(rows=200):
    rng = np.random.default_rng(0)
    file = io.BytesIO()
    savemat(file, {"X": rng.random((rows, 400)), "y": np.arange(rows)[:, None] % 10 + 1})
    return file.getvalue()


def test_an_uploaded_file_becomes_the_data(open_page, submitted):
    app, content = open_page("train", task="course-lab"), course_file()
    app.file_uploader(key="train_upload").set_value(
        ("ex3data1.mat", content, "application/octet-stream")
    ).run()
    assert not app.exception
    source = app.selectbox(key="train_source").value
    assert source.startswith("upload-")
    start(app, submitted)
    assert submitted[-1].job.spec.config.source == source
    assert submitted[-1].job.spec.upload == content


def test_a_foreign_file_gets_a_sentence(open_page):
    app = open_page("train", task="course-lab")
    app.file_uploader(key="train_upload").set_value(
        ("ex3data1.mat", course_file()[:5000], "application/octet-stream")
    ).run()
    assert not app.exception
    assert "damaged" in app.error[0].value
    assert not app.selectbox(key="train_source").value.startswith("upload-")


def test_mnist_is_offered_for_download_where_it_is_not(open_page, monkeypatch, tmp_path, submitted):
    monkeypatch.delenv("MNIST_PATH", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    app = open_page("train", task="handwritten")
    assert shared(app)["data"] == "built-in"
    press(app, "Download MNIST")
    assert not app.exception
    assert [producer.job.spec for producer in submitted] == [DownloadJob("handwritten", "mnist")]
    assert "Waiting for a worker" in app.get("progress")[0].proto.text
    submitted[0].emit(Progress(2_500_000, 10_000_000, 2.0))
    app.run()
    (bar,) = app.get("progress")
    assert (bar.proto.value, bar.proto.text) == (25, "2.5 of 10.0 MB, about 6 s left")
    submitted[0].fail("MNIST could not be downloaded: this computer seems to be offline.")
    app.run()
    assert "offline" in app.error[0].value
    press(app, "Try again")
    assert not app.exception
    assert not app.error
    assert len(submitted) == 2
    submitted[1].finish(None)
    app.run()
    assert not app.exception
    assert "Download MNIST" in labels(app)  # nothing was really downloaded
    press(app, "Download MNIST")
    assert len(submitted) == 3


def test_a_noise_that_is_chosen_does_something(open_page):
    app = open_page("train", task="handwritten", data="built-in")
    app.selectbox(key="train_noise").set_value("fog").run()
    assert not app.exception
    assert shared(app)["level"] == "0.15"
    app = open_page("train", task="seven-segment", noise="one-fault", level="0.9")
    assert shared(app)["level"] == "0.9"
    app.selectbox(key="train_noise").set_value("flip").run()
    assert not app.exception
    assert not app.error
    assert shared(app)["level"] == "0.5"


@pytest.mark.parametrize(
    ("noise", "where"), [("flip", "without Digit Lab"), ("any", "in Digit Lab's folder")]
)
def test_the_code_to_take_away_says_where_it_runs(open_page, submitted, noise, where):
    app = open_page("train", noise=noise, noise_level="0.1")
    run = start(app, submitted)
    tell(app, run, STARTED, epoch(1))
    finish(app, run)
    (words,) = [each.value for each in app.markdown if "Keras code" in each.value]
    assert f"repeats this run {where}" in words


def test_a_visitor_who_clears_streamlit_s_caches_disturbs_no_run(open_page, submitted):
    app = open_page("train")
    run = start(app, submitted)
    tell(app, run, STARTED)
    runs, workers = server.runs(), server.workers()
    st.cache_data.clear()  # what the page's menu, or a message from any browser, does
    st.cache_resource.clear()
    assert (server.runs(), server.workers()) == (runs, workers)
    tell(app, run, epoch(1))
    finish(app, run)
    assert server.runs().get(shared(app)["run"]).state == "finished"


def test_a_run_that_another_server_follows_is_shown_and_obeys(open_page, submitted, monkeypatch):
    monkeypatch.setattr("core.runs.servers.BEAT_SECONDS", 0.05)
    monkeypatch.setattr("core.runs.servers.PULSE_SECONDS", 0.02)
    other = PlayedServer(os.environ["DATABASE_URL"])
    app = open_page("train")
    me = app.session_state["visitor"]
    config = TrainingConfig(
        task="seven-segment", source="generated", architecture=Architecture((8,)), epochs=3
    )
    run_id = other.runs.start(config, owner=me)
    job = other.job()
    job.emit(STARTED, epoch(1))
    wait_until(lambda: len(server.runs().history(run_id).epochs) == 1)
    wait_until(lambda: other.runs.servers.others)
    app.query_params["run"] = run_id
    app = open_page("train", run=run_id)
    app.session_state["visitor"] = me
    app.run()
    assert not app.exception
    assert "Epoch 2 of 3" in app.get("progress")[0].proto.text
    press(app, "Pause")
    wait_until(lambda: job.commands == [Signal("pause")])
    assert submitted == []
    start(app, submitted)  # another run, here
    assert server.runs().get(shared(app)["run"]).under_way
    other.close()


def test_looking_at_a_run_again_changes_no_learning_rate(open_page, submitted):
    app = open_page("train", recipe="fast")
    run = start(app, submitted)
    sent = []
    run.attach(sent.append)
    done = BatchDone(1, 10, 1.5, 0.5, 1.0, 0.0042)
    tell(app, run, STARTED, LearningRateChanged(5, 0.03), done)
    assert "In force now: 0.0042, by the schedule “Up, then down (one cycle)”" in texts(app)
    assert "Chosen last: 0.03." in texts(app)
    again = open_page("train", run=shared(app)["run"], visitor=app.session_state["visitor"])
    again.session_state["visitor"] = app.session_state["visitor"]
    again.run()
    for _ in range(2):  # as a browser asks for that has not drawn the slider yet
        again._run(WidgetStates())
        slider = rate_slider(again)
        shown = [slider.options[int(place)] for place in slider.proto.default]
        assert (slider.value, shown) == (0.03, ["0.03"])
    # Drawn late, it reports what it shows.
    again.run()
    assert not again.exception
    assert sent == []
    rate_slider(again).set_value(0.1).run()
    assert sent == [SetLearningRate(0.1)]
