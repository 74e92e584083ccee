"""Runs as stand-alone code. The slow tests execute the code and compare what it measures."""

import dataclasses
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.export.history_csv import history_csv
from core.export.keras_script import keras_code
from core.export.script_augmentation import augmentation_code
from core.networks.architecture import Architecture
from core.noise.augmentation import augment
from core.tasks.base import get_task, tasks
from core.training.config import TrainingConfig
from core.training.events import EpochDone, Finished, LearningRateChanged, Paused, Started
from core.training.history import History
from core.workers.commands import ControlQueue, SetLearningRate, Signal

REPOSITORY = Path(__file__).resolve().parents[3]
GUIDE = TrainingConfig(
    task="seven-segment",
    source="generated",
    architecture=Architecture((64, 32), 0.3, True, norm_position="after"),
    epochs=3,
    batch_size=512,
    learning_rate=0.003,
    schedule="plateau",
    noise="flip",
    noise_level=0.15,
    share=0.3,
    seed=4,
)
CONVOLUTIONAL = TrainingConfig(
    task="handwritten",
    source="built-in",
    architecture=Architecture(
        (32,),
        0.2,
        True,
        filters=(8, 16),
        downsampling="stride",
        output="linear",
        convolutions=2,
        padding="same",
        norm_momentum=0.9,
    ),
    epochs=4,
    batch_size=64,
    learning_rate=0.01,
    schedule="one-cycle",
    rotation=10,
    shift=0.1,
    zoom=0.1,
    invert=0.3,
    shear=0.1,
    elastic=0.02,
    stroke=0.5,
    l2=0.0001,
    share=0.3,
)
RECURRENT = TrainingConfig(
    task="next-number",
    source="rules",
    architecture=Architecture((8,), recurrent=(16, 8), cell="lstm", activation="tanh"),
    epochs=2,
    batch_size=16,
    learning_rate=0.02,
    l2=0.0001,
)
NOTHING = History(3)


@pytest.mark.parametrize("task", tasks())
def test_every_recipe_becomes_code_that_compiles(task):
    for recipe in get_task(task).recipes:
        for source in get_task(task).sources:
            config = TrainingConfig.from_recipe(get_task(task), recipe, source=source.name)
            compile(keras_code(config, NOTHING), "train.py", "exec")


def test_the_code_holds_only_what_the_run_uses():
    code = keras_code(dataclasses.replace(GUIDE, schedule="constant"), NOTHING)
    for word in ("cv2", "import math", "augment", "LearningRate", "best_weights", "L2", "core"):
        assert word not in code
    assert 'PATTERNS = [\n    "1111110",' in code
    assert "keras.layers.Dense(64),\n        keras.layers.ReLU(),\n" in code
    assert "momentum" not in code


def test_nothing_in_the_code_is_left_unused():
    code = keras_code(dataclasses.replace(GUIDE, schedule="constant", l2=0.001), NOTHING)
    for word in ("val_losses", "STEPS", "history", "cross_entropy"):
        assert word not in code
    code = keras_code(dataclasses.replace(CONVOLUTIONAL, early_stopping=2), NOTHING)
    for word in ("val_losses", "STEPS", "history", "cross_entropy", "best_weights", "math"):
        assert code.count(word) > 1


def test_a_run_stopped_before_its_first_batch_has_no_best_weights_to_go_back_to():
    history = History(3, Started(10, 100, 4), finished=Finished("stopped", 0, 0))
    code = keras_code(dataclasses.replace(GUIDE, early_stopping=2), history)
    assert "for epoch in range(0):" in code
    assert "best_weights" not in code


def test_a_stop_within_an_epoch_cuts_the_epoch_there():
    history = History(
        3,
        Started(10, 100, 44),
        paused=Paused(2, 7),
        finished=Finished("stopped", 1, 0),
        epochs=(EpochDone(1, 0.5, 0.5, 0.5, 0.5, 1.0),),
    )
    code = keras_code(GUIDE, history)
    assert "for epoch in range(2):" in code
    assert "    if epoch == 1:\n        x, y = x[: 7 * BATCH_SIZE], y[: 7 * BATCH_SIZE]" in code


@pytest.mark.parametrize("config", [GUIDE, CONVOLUTIONAL], ids=["guide", "convolutional"])
def test_functions_stand_between_two_empty_lines(config):
    code = keras_code(config, NOTHING)
    assert code.endswith("\n")
    assert not code.endswith("\n\n")
    assert "\n\n\n\n" not in code
    for line in ("def ", "class "):
        assert code.count(f"\n{line}") == code.count(f"\n\n\n{line}")


def test_the_codes_augmentation_is_the_runs():
    names = {}
    exec("import cv2\nimport numpy as np\n" + augmentation_code(CONVOLUTIONAL), names)
    x = np.random.default_rng(0).random((20, 28, 28, 1), dtype=np.float32)
    draws = CONVOLUTIONAL.augmentation.draw(20, np.random.default_rng(3))
    by_code = names["augment"](x, np.random.default_rng(3))
    assert np.array_equal(by_code, augment(x, draws))


def test_changed_learning_rates_stand_in_the_code():
    changes = (LearningRateChanged(50, 0.01), LearningRateChanged(70, 0.0005))
    code = keras_code(GUIDE, dataclasses.replace(NOTHING, changes=changes))
    assert "CHANGES = {50: 0.01, 70: 0.0005}" in code


def test_history_as_a_table():
    assert (
        history_csv(NOTHING) == "epoch,loss,accuracy,val_loss,val_accuracy,learning_rate,seconds\n"
    )


def run(config, on_event=lambda event, controls: None):
    from core.training.fit import train

    events, controls = [], ControlQueue()

    def hear(event):
        events.append(event)
        on_event(event, controls)

    model = train(config, on_event=hear, controls=controls)
    return model, History.of(events, epochs_wanted=config.epochs)


def measured(code, tmp_path):
    """Executes the code as a program of its own; returns how many of each test set were right."""
    (tmp_path / "train.py").write_text(code)
    done = subprocess.run(
        [sys.executable, str(tmp_path / "train.py")],
        cwd=tmp_path,
        env={"PYTHONPATH": str(REPOSITORY), "PATH": "", "TF_CPP_MIN_LOG_LEVEL": "2"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return figures(done.stdout)


def figures(printed):
    found = re.findall(r"^(.*): (\d+) of (\d+) right", printed, re.MULTILINE)
    return [(int(correct), int(total)) for _, correct, total in found]


def change_the_rate(event, controls):
    if event.kind == "epoch" and event.epoch == 1:
        controls.send(SetLearningRate(0.01))


def stop_within_the_second_epoch(event, controls):
    if event.kind == "epoch" and event.epoch == 1:
        controls.send(Signal("step_batch"))
    elif event.kind == "paused":
        controls.send(Signal("stop"))


def stop_between_two_reports(event, controls):
    if event.kind == "batch":
        controls.send(Signal("stop"))


@pytest.mark.keras
@pytest.mark.slow
@pytest.mark.parametrize(
    ("config", "on_event", "ending"),
    [
        (dataclasses.replace(GUIDE, batch_size=8), stop_between_two_reports, "stopped"),
        (GUIDE, change_the_rate, "complete"),
        (GUIDE, stop_within_the_second_epoch, "stopped"),
        (
            dataclasses.replace(
                GUIDE, epochs=30, early_stopping=1, schedule="constant", learning_rate=0.03
            ),
            lambda event, controls: None,
            "early",
        ),
        (CONVOLUTIONAL, lambda event, controls: None, "complete"),
        (RECURRENT, lambda event, controls: None, "complete"),
    ],
    ids=[
        "stopped at once",
        "rate changed",
        "stopped",
        "early stopping",
        "convolutional",
        "recurrent",
    ],
)
def test_the_code_comes_to_the_same_accuracy(tmp_path, capsys, config, on_event, ending):
    model, history = run(config, on_event)
    assert history.finished.ending == ending
    code = keras_code(config, history)
    expected = [(figure["correct"], figure["total"]) for figure in model.card.entries["figures"]]
    if ending == "early":  # one as a program of its own; TensorFlow takes seconds to load
        assert measured(code, tmp_path) == expected
    else:
        exec(compile(code, "train.py", "exec"), {"__name__": "__main__"})
        assert figures(capsys.readouterr().out) == expected
    rows = history_csv(history).splitlines()
    assert len(rows) == 1 + len(history.epochs)


@pytest.mark.keras
@pytest.mark.slow
def test_tensorboard_logs_hold_every_epoch(tmp_path):
    import zipfile

    import tensorflow as tf
    from tensorflow.core.util.event_pb2 import Event

    from core.export.tensorboard import logs
    from core.training.events import EpochDone

    epochs = [EpochDone(n, 1 / n, 0.5, 2 / n, 0.25, 10.0 * n, 0.01) for n in (1, 2)]
    (tmp_path / "logs.zip").write_bytes(logs(epochs))
    with zipfile.ZipFile(tmp_path / "logs.zip") as file:
        file.extractall(tmp_path)
    found = {}
    for run_name in ("train", "validation"):
        (path,) = (tmp_path / run_name).glob("events.out.tfevents.*")
        events = [Event.FromString(r.numpy()) for r in tf.data.TFRecordDataset(str(path))]
        assert events[0].file_version == "brain.Event:2"
        found[run_name] = [
            (event.step, value.tag, value.simple_value)
            for event in events
            for value in event.summary.value
        ]
    assert (1, "epoch_loss", 0.5) in found["train"]
    assert (0, "epoch_loss", 2.0) in found["validation"]
    assert len(found["train"]) == 6
    assert len(found["validation"]) == 4
