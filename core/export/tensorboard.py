"""Logs for TensorBoard. Imports TensorFlow: for worker processes only."""

from __future__ import annotations

import io
import tempfile
import time
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import tensorflow as tf
from tensorflow.core.util.event_pb2 import Event

from core.training.events import EpochDone

FILE_VERSION = "brain.Event:2"  # what TensorBoard looks for in a file's first event


def logs(epochs: Sequence[EpochDone]) -> bytes:
    """Returns a zip of two TensorBoard runs, `train` and `validation`.

    The tags are those of Keras' own callback: `epoch_loss`, `epoch_accuracy` and
    `epoch_learning_rate`, by epoch from 0. The wall times show when in training each epoch ended.

    Args:
        epochs: the epochs done, the oldest first.
    """
    ended = time.time()
    begun = ended - (epochs[-1].seconds if epochs else 0)
    archive = io.BytesIO()
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(archive, "w") as file:
        for run in ("train", "validation"):
            path = Path(folder) / f"{run}.tfevents"
            with tf.io.TFRecordWriter(str(path)) as writer:
                writer.write(Event(wall_time=begun, file_version=FILE_VERSION).SerializeToString())
                for epoch in epochs:
                    for tag, value in _scalars(run, epoch):
                        event = Event(wall_time=begun + epoch.seconds, step=epoch.epoch - 1)
                        event.summary.value.add(tag=tag, simple_value=value)
                        writer.write(event.SerializeToString())
            file.write(path, f"{run}/events.out.tfevents.{int(begun)}.digit-lab")
    return archive.getvalue()


def _scalars(run: str, epoch: EpochDone) -> Iterator[tuple[str, float]]:
    if run == "train":
        yield "epoch_loss", epoch.loss
        yield "epoch_accuracy", epoch.accuracy
        yield "epoch_learning_rate", epoch.learning_rate
    else:
        yield "epoch_loss", epoch.val_loss
        yield "epoch_accuracy", epoch.val_accuracy
