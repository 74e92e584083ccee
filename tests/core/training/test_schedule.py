import math

import pytest

from core.training.schedule import (
    CYCLE_END,
    PLATEAU_DELTA,
    PLATEAU_FACTOR,
    PLATEAU_PATIENCE,
    WARM_UP,
    WARM_UP_START,
    best_epoch,
    learning_rate_factor,
    should_stop_early,
)

NAN = float("nan")
# Better, a plateau, a hair better (not enough), better again, and a long plateau.
LOSSES = [1.0, 0.8, *[0.8] * 6, 0.8 - PLATEAU_DELTA / 2, 0.7, *[0.75] * 12]


def factor(schedule, progress=0.0, losses=()):
    return learning_rate_factor(schedule, progress=progress, val_losses=losses)


def test_a_constant_rate_stays():
    assert factor("constant", 0.5, LOSSES) == 1


@pytest.mark.parametrize(("progress", "expected"), [(0, 1), (0.5, 0.5), (1, 0)])
def test_cosine(progress, expected):
    assert factor("cosine", progress) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("progress", "expected"),
    [(0, WARM_UP_START), (WARM_UP, 1), (1, CYCLE_END), ((1 + WARM_UP) / 2, (1 + CYCLE_END) / 2)],
)
def test_one_cycle_rises_and_falls(progress, expected):
    assert factor("one-cycle", progress) == pytest.approx(expected)


def test_a_plateau_is_one_epoch_longer_than_a_near_miss():
    flat = [1.0] + [1.0] * PLATEAU_PATIENCE
    assert factor("plateau", losses=flat[:-1]) == 1
    assert factor("plateau", losses=flat) == PLATEAU_FACTOR


@pytest.mark.keras
@pytest.mark.slow
def test_plateau_does_what_keras_does():
    import keras

    callback = keras.callbacks.ReduceLROnPlateau(
        factor=PLATEAU_FACTOR, patience=PLATEAU_PATIENCE, min_delta=PLATEAU_DELTA
    )
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.SGD(1.0))
    callback.set_model(model)
    callback.on_train_begin()
    for epoch, loss in enumerate(LOSSES):
        callback.on_epoch_end(epoch, {"val_loss": loss})
        rate = float(model.optimizer.learning_rate)
        assert factor("plateau", losses=LOSSES[: epoch + 1]) == pytest.approx(rate)
    assert factor("plateau", losses=LOSSES) == PLATEAU_FACTOR**3


@pytest.mark.keras
@pytest.mark.slow
@pytest.mark.parametrize("patience", [1, 2, 4])
def test_early_stopping_does_what_keras_does(patience):
    import keras

    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    callback = keras.callbacks.EarlyStopping(patience=patience)
    callback.set_model(model)
    callback.on_train_begin()
    for epoch, loss in enumerate([1.0, 1.1, 0.9, 0.9, 0.95, 0.9, 0.91, 0.92]):
        model.stop_training = False
        callback.on_epoch_end(epoch, {"val_loss": loss})
        so_far = [1.0, 1.1, 0.9, 0.9, 0.95, 0.9, 0.91, 0.92][: epoch + 1]
        assert should_stop_early(so_far, patience) == model.stop_training
        if model.stop_training:
            return
    raise AssertionError("neither stopped")


def test_patience_zero_never_stops():
    assert not should_stop_early([1.0, 2.0, 3.0], 0)


def test_the_best_epoch_is_the_first_of_equals_and_never_no_number():
    assert best_epoch([]) == 0
    assert best_epoch([NAN, math.inf]) == 0
    assert best_epoch([0.5, NAN, 0.4, 0.4]) == 3
