import pytest

from core.architecture import Architecture
from core.metrics import Accuracy
from core.training import BatchDone, EpochDone, Started, TrainedModel, event_to_json
from tests.pages.conftest import notes, shared


def start(app):
    next(button for button in app.button if button.label == "Start training").click().run()


def labels(app):
    return [button.label for button in app.button]


def test_first_visit_offers_the_ready_made_network(open_page):
    app = open_page("train")
    assert not app.exception
    assert app.select_slider(key="train_layer_1").value == 64
    assert app.select_slider(key="train_layer_2").value == 32
    assert app.slider(key="train_dropout").value == 0.3
    assert app.checkbox(key="train_batch_norm").value is True
    assert app.select_slider(key="train_level").value == 0.15


def test_another_task_brings_its_own_network(open_page):
    app = open_page("train")
    app.selectbox(key="train_task").set_value("handwritten").run()
    assert not app.exception
    assert app.select_slider(key="train_layer_1").value == 128
    assert app.selectbox(key="train_noise").value == "none"


def test_start_hands_exactly_the_settings_to_a_worker(open_page, submitted):
    app = open_page("train", epochs="3", batch_size="256", learning_rate="0.01", seed="5")
    start(app)
    assert not app.exception
    (_, _, (config,)) = submitted[-1]
    assert config.task == "seven-segment"
    assert config.architecture == Architecture((64, 32), 0.3, True)
    assert (config.epochs, config.batch_size, config.learning_rate) == (3, 256, 0.01)
    assert (config.noise, config.noise_level, config.seed) == ("flip", 0.15, 5)


def test_a_link_may_change_single_settings_of_a_ready_made_network(open_page):
    app = open_page("train", task="seven-segment", layer_2="0", level="0.05")
    assert app.select_slider(key="train_layer_1").value == 64
    assert app.select_slider(key="train_layer_2").value == 0
    assert shared(app)["level"] == "0.05"


def test_wrong_values_in_a_link_become_the_defaults_with_a_note(open_page):
    wrong = {"task": "chess", "epochs": "1e9", "seed": "-1", "batch_size": "33", "level": "nan"}
    app = open_page("train", **wrong, architecture="resnet", noise="fog", data="imagenet")
    assert not app.exception
    for value in ("task", "epochs", "seed", "batch_size", "level", "resnet", "fog", "imagenet"):
        assert f"“{value}”" in notes(app)
    assert shared(app)["epochs"] == "10"


def test_progress_then_result_then_saving(open_page, submitted):
    app = open_page("train", epochs="2")
    start(app)
    job = submitted[-1][0]
    assert "Stop" in labels(app)
    job._add(event_to_json(Started(3306, 22_000, 688)))
    for batch in (1, 100, 300):
        job._add(event_to_json(BatchDone(1, batch, 1.5, 0.5, batch / 100)))
    app.run()
    assert not app.exception
    assert "Epoch 1 of 2, about" in app.get("progress")[0].proto.text
    job._add(event_to_json(EpochDone(1, 1.2, 0.6, 1.1, 0.62, 8.0)))
    figures = [Accuracy("test patterns", 60, 100).to_json()]
    card = {
        "task": "seven-segment",
        "architecture": Architecture((64, 32)).to_json(),
        "seed": 0,
        "command": "python -m core train seven-segment",
        "figures": figures,
        "stopped_early": True,
        "epochs_done": 1,
    }
    job._finish(TrainedModel({"model.keras": b"k", "model.tflite": b"t"}, card))
    app.run()
    assert not app.exception
    assert "Stopped in epoch 1" in app.info[0].value
    assert app.metric[0].value == "60.00 %"
    assert "95 % interval 50.20 % to 69.06 %" in "".join(e.value for e in app.caption)

    app.text_input[0].set_value("Not a Name")
    next(button for button in app.button if button.label == "Save model").click().run()
    assert "lower-case letters" in app.error[0].value
    app.text_input[0].set_value("seven-segment")
    next(button for button in app.button if button.label == "Save model").click().run()
    assert "already" in app.error[0].value


@pytest.mark.parametrize("where", ["train", "noise"])
def test_a_failed_job_is_a_sentence(open_page, submitted, where):
    app = open_page(where)
    if where == "train":
        start(app)
    submitted[-1][0]._fail("The worker processes were lost.")
    app.run()
    assert not app.exception
    assert "The worker processes were lost." in app.error[0].value


def test_mnist_is_offered_for_download_where_it_is_not(open_page, monkeypatch, tmp_path, submitted):
    monkeypatch.delenv("MNIST_PATH", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    app = open_page("train", task="handwritten")
    assert shared(app)["data"] == "built-in"
    next(button for button in app.button if button.label == "Download MNIST").click().run()
    assert not app.exception
    submitted[-1][0]._fail("MNIST could not be downloaded: this computer seems to be offline.")
    app.run()
    assert "offline" in app.error[0].value
    assert "Try again" in labels(app)
