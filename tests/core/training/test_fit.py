"""Real training runs, small ones, in this process."""

import dataclasses
import math

import numpy as np
import pytest

from core.errors import LimitReached, TrainingDiverged
from core.networks.architecture import Architecture
from core.networks.formats import KERAS_FILE, LITERT_FILE
from core.training.checkpoint import Checkpoint
from core.training.config import TrainingConfig
from core.training.events import (
    BatchDone,
    EpochDone,
    Finished,
    LearningRateChanged,
    Paused,
    Started,
)
from core.workers.commands import ControlQueue, SetLearningRate, Signal

pytestmark = [pytest.mark.keras, pytest.mark.slow]
SEGMENTS = TrainingConfig(
    task="seven-segment",
    source="generated",
    architecture=Architecture((16, 8), 0.3, True),
    epochs=4,
    batch_size=1000,
    schedule="plateau",
    noise="missing",
    noise_level=0.1,
    seed=7,
)
PICTURES = TrainingConfig(
    task="handwritten",
    source="built-in",
    architecture=Architecture(
        (16,), 0.2, True, filters=(4, 8), downsampling="stride", output="linear"
    ),
    epochs=4,
    batch_size=128,
    learning_rate=0.01,
    schedule="one-cycle",
    early_stopping=2,
    rotation=10,
    shift=0.1,
    invert=0.2,
)


def train(config, **options):
    from core.training.fit import train as work

    events, states = [], []
    hear = options.pop("hear", lambda event: None)

    def on_event(event):
        events.append(event)
        hear(event)

    def on_checkpoint(state):
        states.append(Checkpoint.from_bytes(state.to_bytes()))

    model = work(config, on_event=on_event, on_checkpoint=on_checkpoint, **options)
    return model, events, states


def weights(model, tmp_path):
    import keras

    (tmp_path / KERAS_FILE).write_bytes(model.files[KERAS_FILE])
    return keras.saving.load_model(tmp_path / KERAS_FILE).get_weights()


def same(left, right, tmp_path):
    pairs = zip(weights(left, tmp_path), weights(right, tmp_path), strict=True)
    return all(np.array_equal(a, b) for a, b in pairs)


def epochs(events):
    return [event for event in events if isinstance(event, EpochDone)]


def test_a_run_tells_its_story_in_order_and_keras_and_litert_agree(tmp_path):
    import keras

    from core.inference.predictor import Predictor
    from core.segments.patterns import ALL_PATTERNS

    model, events, _ = train(SEGMENTS)
    assert isinstance(events[0], Started)
    assert (events[0].examples, events[0].batches, len(events[0].samples)) == (22_000, 22, 10)
    assert events[0].best_accuracy == pytest.approx(0.8977, abs=0.001)
    assert [event.epoch for event in epochs(events)] == [1, 2, 3, 4]
    assert all(len(event.readings) == 10 for event in epochs(events))
    assert events[-1] == Finished("complete", 4, 4)
    assert model.card.config == SEGMENTS
    assert [figure.data for figure in model.card.figures] == [
        "missing segments at 0.1, 1 in 11 clean",
        "clean patterns",
    ]
    (tmp_path / KERAS_FILE).write_bytes(model.files[KERAS_FILE])
    expected = keras.saving.load_model(tmp_path / KERAS_FILE).predict(ALL_PATTERNS, verbose=0)
    predictor = Predictor(model.files[LITERT_FILE], input_shape=(7,), num_classes=10)
    assert np.abs(predictor.predict(ALL_PATTERNS) - expected).max() < 1e-5


def test_checkpoints_lie_as_far_apart_as_is_asked():
    _, _, every = train(SEGMENTS)
    assert [state.position.epoch for state in every] == list(range(1, SEGMENTS.epochs + 1))
    _, _, first = train(SEGMENTS, checkpoint_seconds=1e6)
    assert [state.position.epoch for state in first] == [1]


@pytest.mark.parametrize("config", [SEGMENTS, PICTURES], ids=["dense", "convolutional"])
def test_a_resumed_run_ends_with_the_very_same_weights(config, tmp_path):
    whole, events, states = train(config)
    resumed, later, _ = train(config, checkpoint=states[1])
    assert same(whole, resumed, tmp_path)
    assert later[0].epoch == 3
    for event, again in zip(epochs(events)[2:], epochs(later), strict=True):
        assert (again.epoch, again.val_loss) == (event.epoch, event.val_loss)
        assert (again.learning_rate, again.readings) == (event.learning_rate, event.readings)
        assert again.accuracy == event.accuracy
        assert again.loss == pytest.approx(event.loss)  # summed in other portions


def test_a_run_that_was_preempted_within_an_epoch_ends_with_the_very_same_weights(tmp_path):
    controls = ControlQueue()
    controls.send(Signal("step_epoch"))

    def hear(event):
        if isinstance(event, Paused) and not event.preempted:
            controls.send(Signal("step_batch" if event.batch == 0 else "preempt"))

    preempted, events, states = train(SEGMENTS, controls=controls, paused=True, hear=hear)
    assert preempted is None
    assert events[-1] == Paused(2, 1, preempted=True)
    resumed, _, _ = train(SEGMENTS, checkpoint=states[-1])
    assert same(train(SEGMENTS)[0], resumed, tmp_path)


def test_a_changed_learning_rate_is_done_again_by_the_run_that_goes_on(tmp_path):
    controls = ControlQueue()

    def hear(event):
        if isinstance(event, EpochDone) and event.epoch == 2:
            controls.send(SetLearningRate(0.02))

    whole, events, states = train(SEGMENTS, controls=controls, hear=hear)
    (change,) = [event for event in events if isinstance(event, LearningRateChanged)]
    assert change == LearningRateChanged(44, 0.02)
    assert epochs(events)[2].learning_rate == pytest.approx(0.02)
    resumed, _, _ = train(SEGMENTS, checkpoint=states[0], changes=[change])
    assert same(whole, resumed, tmp_path)
    assert not same(whole, train(SEGMENTS)[0], tmp_path)


def test_the_loop_does_what_fit_does():
    import keras

    from core.networks.builder import build
    from core.training.loop import TrainingLoop

    config = dataclasses.replace(SEGMENTS, architecture=Architecture((16,), 0.3, True))
    data = config.get_task().source("generated").load(None, 0.0, 0)
    x, y = data.train.x[:2500], data.train.y[:2500]

    loop = TrainingLoop(config, input_shape=(7,), num_classes=10)
    for rows in (slice(0, 2000), slice(2000, 2500)):  # two batches in a call, then a smaller one
        steps = -(-(rows.stop - rows.start) // 1000)
        loop.steps(x[rows], y[rows], np.full(steps, 0.001, np.float32))
    model = build(config.architecture, input_shape=(7,), num_classes=10, seed=config.seed)
    model.compile(keras.optimizers.Adam(0.001), "sparse_categorical_crossentropy")
    model.fit(x, y, batch_size=1000, shuffle=False, verbose=0)
    for ours, theirs in zip(loop.model.get_weights(), model.get_weights(), strict=True):
        assert np.abs(ours - theirs).max() < 1e-5


def test_early_stopping_keeps_the_best_weights(tmp_path):
    config = dataclasses.replace(
        SEGMENTS, epochs=60, early_stopping=2, learning_rate=0.05, schedule="constant"
    )
    model, events, states = train(config)
    losses = [event.val_loss for event in epochs(events)]
    best = losses.index(min(losses)) + 1
    assert events[-1] == Finished("early", best + 2, best)
    kept = weights(model, tmp_path)
    assert all(np.array_equal(a, b) for a, b in zip(kept, states[best - 1].best, strict=True))


@pytest.fixture
def explode_after(monkeypatch):
    """Makes the loss something else than a number after so many steps."""
    from core.training.loop import TrainingLoop

    real, done = TrainingLoop.steps, []

    def arrange(limit):
        def steps(self, x, y, rates):
            done.append(len(rates))
            loss, correct = real(self, x, y, rates)
            return (math.nan if sum(done) > limit else loss), correct

        monkeypatch.setattr(TrainingLoop, "steps", steps)

    return arrange


def test_a_run_without_a_number_keeps_the_last_good_epoch(tmp_path, explode_after):
    explode_after(50)
    model, events, states = train(SEGMENTS)
    assert events[-1] == Finished("diverged", 2, 2)
    kept = weights(model, tmp_path)
    last = next(state for state in states if state.position.epoch == 2)
    assert any(np.array_equal(kept[0], array) for array in last.model)


def test_a_validation_loss_that_is_no_number_ends_the_run_as_well(tmp_path, monkeypatch):
    from core.training.loop import TrainingLoop

    real, calls = TrainingLoop.evaluate, []

    def evaluate(self, split):
        calls.append(split)
        loss, accuracy = real(self, split)
        return (math.nan if len(calls) == 3 else loss), accuracy

    monkeypatch.setattr(TrainingLoop, "evaluate", evaluate)
    model, events, states = train(SEGMENTS)
    assert [event.epoch for event in epochs(events)] == [1, 2]
    assert events[-1] == Finished("diverged", 2, 2)
    kept = weights(model, tmp_path)
    assert [state.position.epoch for state in states] == [1, 2]
    assert any(np.array_equal(kept[0], array) for array in states[-1].model)


def test_without_a_good_epoch_there_is_nothing_to_keep(explode_after):
    explode_after(5)
    with pytest.raises(TrainingDiverged, match="learning rate"):
        train(SEGMENTS)


def test_a_run_that_is_stopped_at_once_is_still_whole():
    controls = ControlQueue()
    controls.send(Signal("stop"))
    model, events, _ = train(dataclasses.replace(PICTURES, early_stopping=0), controls=controls)
    assert events[-1] == Finished("stopped", 0, 0)
    assert model.card.entries["stopped_early"] is True
    assert set(model.files) == {KERAS_FILE, LITERT_FILE}


def test_more_examples_than_are_allowed_are_refused():
    with pytest.raises(LimitReached, match=r"20,000 examples at most.* has 22,000"):
        train(SEGMENTS, max_examples=20_000)


def test_a_paused_run_tells_single_steps():
    controls = ControlQueue()
    controls.send(Signal("step_batch"))

    def hear(event):
        if isinstance(event, Paused):
            controls.send(Signal("stop"))

    _, events, _ = train(SEGMENTS, controls=controls, paused=True, hear=hear)
    steps = [event for event in events if isinstance(event, BatchDone)]
    assert [(step.epoch, step.batch) for step in steps] == [(1, 1)]


@pytest.mark.parametrize(
    "options",
    [
        {"optimizer": "adamw", "weight_decay": 0.01, "schedule": "cosine"},
        {"optimizer": "sgd", "clip_norm": 1.0, "l2": 0.001, "share": 0.5, "learning_rate": 0.1},
    ],
    ids=["adamw", "sgd"],
)
def test_every_option_learns(options):
    config = dataclasses.replace(SEGMENTS, **{"batch_size": 128, "epochs": 3, **options})
    _, events, _ = train(config)
    assert epochs(events)[-1].val_accuracy > 0.5
    assert events[0].examples == 22_000 * config.share


def test_logits_become_probabilities_in_litert():
    from core.inference.predictor import Predictor

    model, _, _ = train(dataclasses.replace(PICTURES, epochs=1))
    predictor = Predictor(model.files[LITERT_FILE], input_shape=(28, 28, 1), num_classes=10)
    answers = predictor.predict(np.zeros((2, 28, 28, 1), np.float32))
    assert np.allclose(answers.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("output", ["softmax", "linear"])
def test_a_network_learns_to_be_unsure_of_what_has_no_class(output):
    from core.data import NO_CLASS, Split
    from core.segments.patterns import CLEAN
    from core.training.loop import TrainingLoop

    config = dataclasses.replace(SEGMENTS, architecture=Architecture((32,), output=output))
    out_of_distribution = np.array(
        [[0] * 7, [1, 0, 0, 0, 0, 0, 0], [0, 0, 0, 1, 0, 0, 1]], np.float32
    )
    x = np.concatenate([CLEAN, out_of_distribution])
    y = np.array([*range(10), *[NO_CLASS] * 3])
    loop = TrainingLoop(config, input_shape=(7,), num_classes=10, some_without_class=True)
    losses = []
    for _ in range(10):
        rates = np.full(30, 0.02, np.float32)
        loss, correct = loop.steps(np.tile(x, (30, 1)), np.tile(y, 30), rates)
        losses.append(loss)
    assert np.isfinite(losses).all()
    assert losses[-1] < losses[0]
    assert correct == 30 * 13  # of the strangers as well: it gave none of the classes half
    sure = loop.predict(x).max(axis=1)
    assert sure[10:].max() < 0.4 < 0.8 < sure[:10].min()
    digits = Split(CLEAN, np.arange(10))
    plain = TrainingLoop(config, input_shape=(7,), num_classes=10, model=loop.model)
    assert loop.evaluate(digits) == pytest.approx(plain.evaluate(digits))
