"""Networks as Keras builds them, and what is left of a run. TensorFlow takes seconds to load."""

import pytest

from core.architecture import Architecture
from core.task import task
from core.training import BatchDone, EpochDone, Started, TrainingConfig

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("task_name", "architecture", "parameters"),
    [
        # 7*64+64, 64*32+32, 32*10+10, and four numbers a unit for each batch normalisation
        ("seven-segment", "64-32", 512 + 256 + 2080 + 128 + 330),
        ("handwritten", "dense", 784 * 128 + 128 + 128 * 64 + 64 + 64 * 10 + 10),
        # 28 -> 26 -> 13 -> 11 -> 5 pixels a side
        ("handwritten", "cnn", 320 + 32 * 64 * 9 + 64 + 1600 * 128 + 128 + 128 * 10 + 10),
    ],
)
def test_the_ready_made_networks_have_the_weights_they_should(task_name, architecture, parameters):
    from core.networks import build, parameter_count

    problem = task(task_name)
    model = build(
        problem.architecture(architecture), input_shape=problem.input_shape, num_classes=10
    )
    assert model.output_shape == (None, 10)
    assert parameter_count(model) == parameters


def test_convolutions_need_a_picture():
    from core.networks import build

    with pytest.raises(ValueError, match="need a picture"):
        build(Architecture((8,), filters=(4,)), input_shape=(7,), num_classes=10)


def test_a_run_tells_its_story_in_order_and_keras_and_litert_agree(tmp_path):
    import keras
    import numpy as np

    from core.fit import train
    from core.inference import Predictor
    from core.segments import ALL_PATTERNS
    from core.store import KERAS_FILE, LITERT_FILE

    config = TrainingConfig(
        task="seven-segment",
        source="generated",
        architecture=Architecture((8,), 0.3, True),
        epochs=2,
        batch_size=1000,
        noise="missing",
        noise_level=0.1,
    )
    events = []
    trained = train(config, on_event=events.append)
    assert events[0] == Started(8 * 8 + 32 + 90, 22_000, 22)
    assert [event.epoch for event in events if isinstance(event, EpochDone)] == [1, 2]
    assert isinstance(events[-1], EpochDone)
    assert all(isinstance(event, BatchDone | EpochDone) for event in events[1:])
    assert TrainingConfig.from_json(trained.card) == config
    assert trained.card["epochs_done"] == 2
    assert trained.card["stopped_early"] is False
    assert [figure["data"] for figure in trained.card["figures"]] == [
        "one part clean, ten parts missing segments at 0.1",
        "clean patterns",
    ]
    (tmp_path / KERAS_FILE).write_bytes(trained.files[KERAS_FILE])
    expected = keras.saving.load_model(tmp_path / KERAS_FILE).predict(ALL_PATTERNS, verbose=0)
    predictor = Predictor(trained.files[LITERT_FILE], input_shape=(7,), num_classes=10)
    assert np.abs(predictor.predict(ALL_PATTERNS) - expected).max() < 1e-5


def test_a_run_that_is_stopped_at_once_is_still_whole():
    from core.fit import train

    config = TrainingConfig(
        task="handwritten", source="built-in", architecture=Architecture((8,)), epochs=100
    )
    trained = train(config, should_stop=lambda: True)
    assert trained.card["stopped_early"] is True
    assert trained.card["epochs_done"] < 100
    assert set(trained.files) == {"model.keras", "model.tflite"}
