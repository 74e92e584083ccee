"""Fine-tuning: a saved network learns a person's handwriting on top of what it knows.

Imports TensorFlow: for worker processes and the command line only.
"""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import keras
import numpy as np

from core.data import NO_CLASS, Inputs, Labels, Split
from core.datasets import non_digits
from core.errors import InvalidInput, TrainingDiverged
from core.handwriting.arrays import DIGITS, Pictures, SampleLabels, to_split
from core.handwriting.config import (
    AUGMENTATION,
    BATCH_SIZE,
    OWN_DATA,
    OWN_DIGITS,
    OWN_SIGNS,
    TRANSFER_CONFIG,
    BaseNetwork,
    Outcome,
    SampleSplit,
    TransferConfig,
    batches,
    prepare,
)
from core.inference.calibration import CALIBRATION, Calibration, calibrate
from core.inference.predictor import Predictor
from core.metrics.accuracy import FIGURES, accuracy_of_right
from core.metrics.paired import PAIRS, PairedAnswers, Right
from core.networks.builder import parameter_count
from core.networks.formats import KERAS_FILE, LITERT_FILE, checksum
from core.networks.keras_files import read_network, versions, write_network
from core.noise.augmentation import augment
from core.schema import dump
from core.tasks import handwritten
from core.tasks.base import Task
from core.training.card import TrainedModel, parse_card
from core.training.events import BatchDone, EpochDone, Event, Finished, Started
from core.training.loop import TrainingLoop
from core.workers.commands import ControlQueue, Controls, check_stopped

CALL_STEPS = 8  # batches between two checks of the clock and of commands
REPORT_SECONDS = 0.25
WATCHED = 1_000  # validation examples of the base data, evaluated after every epoch
SMALL = 0.01  # standard deviation of the first weights of new outputs
NON_DIGITS = 0.03  # pictures of no digit added to the base data, as a share of it


def fine_tune(
    base: BaseNetwork,
    x: Pictures,
    y: SampleLabels,
    config: TransferConfig,
    *,
    on_event: Callable[[Event], None] = lambda event: None,
    controls: Controls | None = None,
) -> TrainedModel:
    """Teaches a saved network a person's handwriting.

    Args:
        base: the network to start from; it is not changed.
        x: uint8, shape (n, 28, 28), the person's samples.
        y: uint8, shape (n,), their labels.
        config: frozen layers, mix, epochs, learning rate, seed, signs.
        on_event: called at the start, for batches a few times a second, and after every epoch.
        controls: where a "stop" arrives; other commands are ignored.

    Returns:
        The new network; its card is the base's, with an entry `fine_tuned`.

    Raises:
        InvalidInput: if there are too few samples, or no layer would be left to learn.
        DataUnavailable: if the base data is missing.
        TrainingDiverged: if the loss became NaN.
        Abandoned: if it was stopped, or nobody waits for it any more.
    """
    task = config.task
    samples = prepare(x, y, base.card.fine_tuned, signs=config.signs)
    keras.backend.clear_session()
    model = read_network(base.files[KERAS_FILE])
    if config.signs and not base.reads_signs:
        model = widen(model, len(task.classes), seed=config.seed)
    freeze(model, config.frozen)
    dataset = task.source(config.source).load(None, 0.0, 0)
    known = _with_non_digits(dataset.train, config.seed)
    words, test = next(iter(dataset.tests.items()))
    held = to_split(samples.held_x, samples.held_y)
    tests = {OWN_DATA: held, words: test, **(_parts(held) if config.signs else {})}
    before = _right(base.files[LITERT_FILE], tests, base.card.get_task())
    settings = dataclasses.replace(
        base.card.config,
        batch_size=BATCH_SIZE,
        learning_rate=config.learning_rate,
        optimizer="adam",
        weight_decay=0.0,
        clip_norm=0.0,
    )
    loop = TrainingLoop(
        settings,
        input_shape=task.input_shape,
        num_classes=len(task.classes),
        some_without_class=True,
        model=model,
    )
    examples = _Examples(_balanced(to_split(samples.x, samples.y)), known, config)
    watched = dataset.validation.thinned(WATCHED)
    seconds = _train(loop, examples, watched, config, on_event, controls or ControlQueue())
    for layer in _leaves(model):  # the saved file has no frozen layers
        layer.trainable = True
    files = write_network(model, logits=settings.architecture.output == "linear")
    outcome = _outcome(before, _right(files[LITERT_FILE], tests, task), tests)
    on_event(Finished("complete", config.epochs, config.epochs))
    predictor = _predictor(files[LITERT_FILE], task)
    calibration = calibrate(
        predictor.predict, dataset.validation, {words: test}, handwritten.out_of_distribution()
    )
    card = _card(base, samples, config, outcome, calibration, seconds)
    card["parameters"] = parameter_count(model)
    if OWN_SIGNS in tests:
        confidence = calibration.apply(predictor.predict(tests[OWN_SIGNS].x)).max(axis=1)
        card["fine_tuned"]["signs_refused"] = int((confidence < calibration.threshold).sum())
    return TrainedModel(files, parse_card(card))


def _parts(held: Split) -> dict[str, Split]:
    """Returns the person's signs and their digits apart, as far as there are any."""
    chosen = {OWN_SIGNS: held.y >= DIGITS, OWN_DIGITS: held.y < DIGITS}
    return {
        words: Split(held.x[rows], held.y[rows]) for words, rows in chosen.items() if rows.any()
    }


def _balanced(own: Split) -> Split:
    """Repeats signs until they are half of the person's samples.

    Digits stand in the base data too, and the network knows them. Signs it learns here alone.
    """
    signs, digits = np.flatnonzero(own.y >= DIGITS), np.flatnonzero(own.y < DIGITS)
    if not 0 < len(signs) < len(digits):
        return own
    rows = np.concatenate([digits, np.resize(signs, len(digits))])
    return Split(own.x[rows], own.y[rows])


def widen(model: keras.Model, outputs: int, *, seed: int) -> keras.Model:
    """Returns the network with more outputs in its last layer, which must be dense.

    The outputs that it has keep their weights; new ones start with small weights and no bias. The
    other layers are the same objects, so the model given must not be used any more.

    Args:
        model: the network, a sequence of layers.
        outputs: how many it shall have, more than now.
        seed: of the new weights.
    """
    *front, last = model.layers
    kernel, bias = last.get_weights()  # (units, outputs before), (outputs before,)
    wide = keras.layers.Dense.from_config(last.get_config() | {"units": outputs})
    widened = keras.Sequential([keras.Input(model.input_shape[1:]), *front, wide])
    shape = (len(kernel), outputs - len(bias))
    new = np.random.default_rng([seed, 3]).normal(0, SMALL, shape)
    wide.set_weights([np.hstack([kernel, new]), np.append(bias, np.zeros(shape[1]))])
    return widened


def _with_non_digits(train: Split, seed: int) -> Split:
    """Adds pictures of no digit, so that the network keeps telling them from digits."""
    if (train.y == NO_CLASS).any():
        return train
    x = non_digits.for_training(round(NON_DIGITS * len(train)), random_state=seed)
    labels = np.full(len(x), NO_CLASS, np.int64)
    return Split(np.concatenate([train.x, x]), np.concatenate([train.y, labels]))


def freeze(model: keras.Model, count: int) -> None:
    """Freezes the first `count` layers that have weights.

    Batch normalisation goes with the layer before it: if that is frozen, it uses and keeps its
    moving averages.

    Raises:
        InvalidInput: if no layer would be left to learn.
    """
    leaves = list(_leaves(model))
    learning = sum(bool(layer.weights) and not _normalises(layer) for layer in leaves)
    if count >= learning:
        raise InvalidInput(
            f"This network has {learning} layers with weights. Freeze at most {learning - 1}, so"
            " that one is left to learn."
        )
    met = 0
    for layer in leaves:
        met += bool(layer.weights) and not _normalises(layer)
        layer.trainable = met > count or count == 0


def _leaves(model: keras.Model) -> Iterator[keras.layers.Layer]:
    """Yields the layers in order, with nested networks flattened."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _leaves(layer)
        else:
            yield layer


def _normalises(layer: keras.layers.Layer) -> bool:
    return "Normalization" in type(layer).__name__


class _Examples:
    """The batches: own samples mixed with base examples, augmented anew each time."""

    def __init__(self, own: Split, base: Split, config: TransferConfig) -> None:
        self._own, self._base = own, base
        self._own_rows, self._base_rows = batches(len(own), len(base), config)
        self._generator = np.random.default_rng([config.seed, 2])
        self.steps = self._own_rows.shape[1]

    def take(self, epoch: int, first: int, last: int) -> tuple[Inputs, Labels]:
        """Returns the batches `first` to `last`, exclusive, of an epoch, concatenated."""
        own, base = self._own_rows[epoch, first:last], self._base_rows[epoch, first:last]
        x = np.concatenate([self._own.x[own], self._base.x[base]], axis=1)
        y = np.concatenate([self._own.y[own], self._base.y[base]], axis=1)  # (steps, batch)
        x = x.reshape(-1, *x.shape[2:])  # (steps * batch, 28, 28, 1)
        return augment(x, AUGMENTATION.draw(len(x), self._generator)), y.reshape(-1)


def _train(
    loop: TrainingLoop,
    examples: _Examples,
    watched: Split,
    config: TransferConfig,
    on_event: Callable[[Event], None],
    controls: Controls,
) -> float:
    """Trains for all epochs, and returns how many seconds that took."""
    steps = examples.steps
    on_event(Started(parameter_count(loop.model), steps * BATCH_SIZE, steps, pid=os.getpid()))
    start = reported = time.monotonic()
    for epoch in range(config.epochs):
        loss, right, seen = 0.0, 0, 0
        for first in range(0, steps, CALL_STEPS):
            check_stopped(controls)
            last = min(first + CALL_STEPS, steps)
            places = (epoch * steps + np.arange(first, last)) / (config.epochs * steps)
            rates = config.learning_rate * (1 + np.cos(np.pi * places)) / 2
            x, y = examples.take(epoch, first, last)
            added_loss, added_right = loop.steps(x, y, rates.astype(np.float32))
            loss, right, seen = loss + added_loss, right + added_right, seen + len(y)
            if not np.isfinite(loss):
                raise TrainingDiverged("The loss became NaN. Choose a smaller learning rate.")
            now = time.monotonic()
            if now - reported >= REPORT_SECONDS:
                reported = now
                rate = float(rates[-1])
                on_event(BatchDone(epoch + 1, last, loss / seen, right / seen, now - start, rate))
        val_loss, val_accuracy = loop.evaluate(watched)
        on_event(
            EpochDone(
                epoch + 1,
                loss / seen,
                right / seen,
                val_loss,
                val_accuracy,
                time.monotonic() - start,
                float(rates[-1]),
            )
        )
    return time.monotonic() - start


def _right(network: bytes, tests: Mapping[str, Split], task: Task) -> list[Right]:
    """Returns which examples of each test a network, as a LITERT_FILE, classifies correctly.

    What is of none of the task's classes counts as read wrongly.
    """
    predictor = _predictor(network, task)
    return [predictor.predict(split.x).argmax(axis=1) == split.y for split in tests.values()]


def _outcome(
    before: Sequence[Right], after: Sequence[Right], tests: Mapping[str, Split]
) -> Outcome:
    """Returns what two networks' answers show: to the person's samples, the base data, parts."""
    (own_before, base_before, *parts_before), (own_after, base_after, *parts_after) = (
        [
            accuracy_of_right(each, split, data=words)
            for each, (words, split) in zip(right, tests.items(), strict=True)
        ]
        for right in (before, after)
    )
    own_pair, base_pair, *part_pairs = map(PairedAnswers.of_right, before, after)
    return Outcome(
        own_before,
        own_after,
        base_before,
        base_after,
        own_pair,
        base_pair,
        own_parts=tuple(zip(parts_before, parts_after, strict=True)),
        part_pairs=tuple(part_pairs),
    )


def _predictor(network: bytes, task: Task) -> Predictor:
    return Predictor(network, input_shape=task.input_shape, num_classes=len(task.classes))


def _card(
    base: BaseNetwork,
    samples: SampleSplit,
    config: TransferConfig,
    outcome: Outcome,
    calibration: Calibration,
    seconds: float,
) -> dict[str, Any]:
    pairs = (outcome.own_pair, outcome.base_pair, *outcome.part_pairs)
    return dict(base.card.entries) | {
        "calibration": dump(CALIBRATION, calibration),
        "task": config.task.name,
        "figures": dump(FIGURES, [outcome.base_after, *(after for _, after in outcome.rows[:-1])]),
        "versions": versions(),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "command": config.command(base.name),
        "training_seconds": round(seconds, 1),
        "int8": None,  # it was the base network's
        "fine_tuned": {
            "base": {"name": base.name, "checksum": checksum(base.files[KERAS_FILE])},
            "samples": {"learned": len(samples.y), "kept_aside": len(samples.held_y)},
            **dump(TRANSFER_CONFIG, config),
            "batch_size": BATCH_SIZE,
            "augmentation": dataclasses.asdict(AUGMENTATION),
            "before": dump(FIGURES, [outcome.own_before, outcome.base_before]),
            "after": dump(FIGURES, [outcome.own_after, outcome.base_after]),
            "pairs": dump(PAIRS, [pair for pair in pairs if pair is not None]),
            "own_parts": [dump(FIGURES, part) for part in outcome.own_parts],
            "learned": list(samples.learned),
            "kept_aside": list(samples.kept_aside),
        },
    }
