"""Training itself. Imports TensorFlow: for worker processes and the command line only."""

from __future__ import annotations

import importlib.metadata
import platform
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import keras

from core.data import Dataset
from core.inference import Predictor
from core.metrics import Accuracy, accuracy_of
from core.networks import build, parameter_count
from core.store import KERAS_FILE, LITERT_FILE
from core.training import (
    BatchDone,
    EpochDone,
    Event,
    Started,
    TrainedModel,
    TrainingConfig,
)

# Often enough for a moving curve; one event per batch would cost up to 40 % of the speed.
REPORT_SECONDS = 0.25


def train(
    config: TrainingConfig,
    *,
    on_event: Callable[[Event], None] = lambda event: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> TrainedModel:
    """Trains one network, and judges it on the test data when that is over.

    Args:
        config: all that decides the run.
        on_event: told of the start, of batches a few times a second, and of every epoch.
        should_stop: asked a few times a second; a run that is stopped ends as if it were
            complete, and its card says after how many epochs.

    Returns:
        The network's files and card.

    Raises:
        DataUnavailable: if the data set is not there.
    """
    keras.backend.clear_session()
    keras.utils.set_random_seed(config.seed)
    problem = config.problem
    noise = None if config.noise == "none" else problem.noise(config.noise)
    dataset = problem.source(config.source).load(noise, config.noise_level, config.seed)
    model = build(
        config.architecture,
        input_shape=problem.input_shape,
        num_classes=len(problem.classes),
    )
    model.compile(
        optimizer=keras.optimizers.Adam(config.learning_rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    batches = -(-len(dataset.train) // config.batch_size)
    on_event(Started(parameter_count(model), len(dataset.train), batches))
    reporter = _Reporter(on_event, should_stop)
    model.fit(
        dataset.train.x,
        dataset.train.y,
        batch_size=config.batch_size,
        epochs=config.epochs,
        validation_data=(dataset.validation.x, dataset.validation.y),
        validation_batch_size=1024,
        callbacks=[reporter],
        verbose=0,
    )
    seconds = reporter.seconds
    files = _save(model)
    predictor = Predictor(
        files[LITERT_FILE], input_shape=problem.input_shape, num_classes=len(problem.classes)
    )
    figures = [
        accuracy_of(predictor.predict(split.x), split, data=words)
        for words, split in dataset.tests.items()
    ]
    card = _card(config, dataset, figures) | {
        "parameters": parameter_count(model),
        "epochs_done": reporter.epochs_done,
        "stopped_early": reporter.stopped,
        "training_seconds": round(seconds, 1),
    }
    return TrainedModel(files, card)


class _Reporter(keras.callbacks.Callback):  # type: ignore[misc]
    """Tells of progress at a bounded rate, and stops the fit when asked to."""

    def __init__(self, on_event: Callable[[Event], None], should_stop: Callable[[], bool]) -> None:
        super().__init__()
        self._on_event = on_event
        self._should_stop = should_stop
        self._epoch = 1
        self._last_report = 0.0
        self.started = time.perf_counter()
        self.epochs_done = 0
        self.stopped = False

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self.started

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        self.started = time.perf_counter()

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        self._epoch = epoch + 1

    def on_train_batch_end(self, batch: int, logs: Mapping[str, Any] | None = None) -> None:
        if self.seconds - self._last_report < REPORT_SECONDS or not logs:
            return
        self._last_report = self.seconds
        self._on_event(
            BatchDone(
                self._epoch,
                batch + 1,
                float(logs["loss"]),
                float(logs["accuracy"]),
                self.seconds,
            )
        )
        if self._should_stop():
            self.stopped = True
            self.model.stop_training = True

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        logs = logs or {}
        figures = {
            name: float(logs[name]) for name in ("loss", "accuracy", "val_loss", "val_accuracy")
        }
        self._on_event(EpochDone(epoch + 1, **figures, seconds=self.seconds))
        self.epochs_done = epoch + 1


def _save(model: keras.Model) -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        keras_path, litert_path = Path(folder) / KERAS_FILE, Path(folder) / LITERT_FILE
        model.save(keras_path)
        model.export(litert_path, format="litert", verbose=False)
        return {KERAS_FILE: keras_path.read_bytes(), LITERT_FILE: litert_path.read_bytes()}


def _card(config: TrainingConfig, dataset: Dataset, figures: list[Accuracy]) -> dict[str, Any]:
    return config.to_json() | {
        "examples": {"train": len(dataset.train), "validation": len(dataset.validation)},
        "figures": [figure.to_json() for figure in figures],
        "versions": {
            "python": platform.python_version(),
            **{
                package: importlib.metadata.version(package)
                for package in ("tensorflow", "keras", "numpy", "ai-edge-litert")
            },
        },
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": config.command,
    }
