"""A network judged on the test data: at the end of a run, or later for one that was chosen.

Whoever makes many networks and keeps the one that is best on the test data has chosen by chance as
well, and its accuracy there is too good. So a search chooses by the validation data, its runs leave
the test data alone, and the winner alone is measured here. Nothing here imports TensorFlow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.data import Dataset
from core.errors import ModelUnusable
from core.inference.calibration import CALIBRATION, calibrate
from core.inference.predictor import Predictor
from core.metrics.accuracy import FIGURES, accuracy_of
from core.networks.formats import LITERT_FILE
from core.schema import dump
from core.tasks.base import Task
from core.training.card import TrainedModel

# What the card of a network says that was not measured on test data.
UNTESTED: Mapping[str, Any] = {"figures": [], "calibration": None}


def measure(network: bytes, task: Task, dataset: Dataset) -> dict[str, Any]:
    """Measures a network on the test data.

    Args:
        network: its LiteRT file.
        task: the task that it was trained for.
        dataset: its data.

    Returns:
        The entries "figures" and "calibration" of its card.
    """
    predictor = Predictor(network, input_shape=task.input_shape, num_classes=len(task.classes))
    figures = [
        accuracy_of(predictor.predict(split.x), split, data=words)
        for words, split in dataset.tests.items()
    ]
    calibration = None
    if task.out_of_distribution is not None:
        calibration = calibrate(
            predictor.predict, dataset.validation, dataset.tests, task.out_of_distribution()
        )
    return {
        "figures": dump(FIGURES, figures),
        "calibration": calibration and dump(CALIBRATION, calibration),
    }


def judged(model: TrainedModel) -> TrainedModel:
    """Returns a network that a run has left with its figures on test data; the same if it has some.

    Raises:
        DataUnavailable: if the data is not there any more.
        ModelUnusable: if it has no LiteRT file.
    """
    card = model.card
    if card.figures:
        return model
    if LITERT_FILE not in model.files:
        raise ModelUnusable("The network of this run no longer exists.")
    task = card.get_task()
    noise, level = card.get_noise()
    dataset = task.source(card.source).load(noise, level, card.seed)
    measured = measure(model.files[LITERT_FILE], task, dataset)
    return replace(model, card=card.with_entries(**measured))
