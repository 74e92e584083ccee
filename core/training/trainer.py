"""A run in the hands of its worker: data, network and place, advanced a few batches at a time.

Everything that is random comes from the seed and the place alone, so that a run which goes on from
a checkpoint, in another process, ends with the very weights of one that was never interrupted.
Imports TensorFlow: for worker processes only.
"""

from __future__ import annotations

import base64
import dataclasses
import math
import os
import time
from collections.abc import Sequence

import keras
import numpy as np

from core.data import NO_CLASS, Split
from core.errors import TrainingDiverged
from core.imaging.image_files import to_png
from core.networks.builder import parameter_count
from core.noise.augmentation import augment
from core.training.checkpoint import Arrays, Checkpoint, Position
from core.training.config import AUGMENTATION_STREAM, ORDER_STREAM, TrainingConfig
from core.training.events import (
    DIVERGED,
    BatchDone,
    Ending,
    EpochDone,
    LearningRateChanged,
    Sample,
    Started,
)
from core.training.loop import TrainingLoop
from core.training.schedule import SMALLEST_FACTOR, best_epoch, learning_rate_factor
from core.training.share import drawn_share

# Often enough for a moving curve; one event per batch would cost up to 40 % of the speed.
REPORT_SECONDS = 0.25
# A call into the compiled loop lasts about this long: the longest wait until a command is obeyed.
CALL_SECONDS = 0.1


class Trainer:
    """One run's data, network and place.

    Args:
        config: all that decides the run.
        checkpoint: where to go on, or None for the beginning.
        changes: learning rates that the person has chosen before.
    """

    def __init__(
        self,
        config: TrainingConfig,
        checkpoint: Checkpoint | None,
        changes: Sequence[LearningRateChanged],
    ) -> None:
        self.config = config
        self.task = config.get_task()
        noise = None if config.noise == "none" else self.task.noise(config.noise)
        dataset = self.task.source(config.source).load(noise, config.noise_level, config.seed)
        self.dataset = dataclasses.replace(
            dataset, train=drawn_share(dataset.train, config.share, config.seed)
        )
        self.loop = TrainingLoop(
            config,
            input_shape=self.task.input_shape,
            num_classes=len(self.task.classes),
            some_without_class=bool((self.dataset.train.y == NO_CLASS).any()),
        )
        self.samples = _samples(self.dataset.validation, len(self.task.classes))
        self.batches = -(-len(self.dataset.train) // config.batch_size)
        self.base_rate = config.learning_rate
        self.val_losses: list[float] = []
        self.batch = 0
        self.seconds = 0.0
        self.diverged = False
        self.kept_epoch = 0
        self._loss_sum, self._correct = 0.0, 0
        self._window = _Window()
        self._last: Arrays = ()
        self._best: Arrays = ()
        if checkpoint is not None:
            self._restore(checkpoint)
        self._changes = [change for change in changes if change.step >= self.step]
        self._seconds_per_batch = CALL_SECONDS
        self._begin_epoch()

    @property
    def step(self) -> int:
        """Batches done in the whole run."""
        return len(self.val_losses) * self.batches + self.batch

    @property
    def complete(self) -> bool:
        """Whether all epochs are done."""
        return len(self.val_losses) == self.config.epochs

    def started(self) -> Started:
        """Describes the run as it stands before the next batch."""
        pictures = [to_png(self.task.picture(x)) for x in self.samples.x]
        return Started(
            parameter_count(self.loop.model),
            len(self.dataset.train),
            self.batches,
            epoch=len(self.val_losses) + 1,
            batch=self.batch,
            pid=os.getpid(),
            best_accuracy=self.dataset.validation.best_accuracy,
            samples=tuple(
                Sample(int(label), base64.b64encode(picture).decode("ascii"))
                for label, picture in zip(self.samples.y, pictures, strict=True)
            ),
        )

    def change_learning_rate(self, rate: float) -> LearningRateChanged:
        """Makes the next step's learning rate this one; the schedule goes on from there.

        What was chosen before for later steps no longer counts.
        """
        self._changes = []
        self._set_rate(rate)
        return LearningRateChanged(self.step, rate)

    def advance(self, *, single_batch: bool) -> BatchDone | None:
        """Does some batches of the epoch, and reports if it is time to."""
        while self._changes and self._changes[0].step <= self.step:
            self._set_rate(self._changes.pop(0).learning_rate)
        count = 1 if single_batch else self._affordable()
        rows = slice(
            self.batch * self.config.batch_size, (self.batch + count) * self.config.batch_size
        )
        begun = time.perf_counter()
        order = self._order[rows]
        x, y = self.dataset.train.x[order], self.dataset.train.y[order]
        if self._draws is not None:
            x = augment(x, self._draws[rows])
        rates = np.array([self._rate(self.step + index) for index in range(count)], np.float32)
        loss_sum, correct = self.loop.steps(x, y, rates)
        took = time.perf_counter() - begun
        self.seconds += took
        self._seconds_per_batch = took / count
        self.batch += count
        self._loss_sum, self._correct = self._loss_sum + loss_sum, self._correct + correct
        self._window.add(loss_sum, correct, len(y), took)
        self.diverged = not math.isfinite(loss_sum)
        if self.diverged or not (single_batch or self._window.seconds >= REPORT_SECONDS):
            return None
        return self.report()

    def report(self) -> BatchDone | None:
        """Tells how the batches since the last report went; None if there were none."""
        if self._window.empty:
            return None
        loss, accuracy = self._window.take()
        rate = float(np.float32(self._rate(self.step - 1)))
        return BatchDone(len(self.val_losses) + 1, self.batch, loss, accuracy, self.seconds, rate)

    def end_epoch(self) -> EpochDone | None:
        """Judges the network on the validation data and turns to the next epoch.

        Returns:
            How the epoch went; None if its very last step has made the network useless, which
            the loss before that step cannot show. Then it does not count, and `diverged` is set.
        """
        val_loss, val_accuracy = self.loop.evaluate(self.dataset.validation)
        if not math.isfinite(val_loss):
            self.diverged = True
            return None
        probabilities = self.loop.predict(self.samples.x)
        examples = len(self.dataset.train)
        done = EpochDone(
            len(self.val_losses) + 1,
            self._loss_sum / examples,
            self._correct / examples,
            val_loss,
            val_accuracy,
            self.seconds,
            float(self._rate(self.step - 1)),
            tuple((int(row.argmax()), round(float(row.max()), 4)) for row in probabilities),
        )
        self.val_losses.append(val_loss)
        self.batch, self._loss_sum, self._correct = 0, 0.0, 0
        self._last = _values(self.loop.model.weights)
        if self.config.early_stopping and best_epoch(self.val_losses) == len(self.val_losses):
            self._best = self._last
        self._begin_epoch()
        return done

    def checkpoint(self) -> Checkpoint:
        """Returns the run's state."""
        return Checkpoint(
            Position(
                len(self.val_losses),
                self.batch,
                self._loss_sum,
                self._correct,
                self.seconds,
                self.base_rate,
                tuple(self.val_losses),
            ),
            model=_values(self.loop.model.variables),
            optimizer=_values(self.loop.optimizer.variables),
            last=self._last if self.batch else (),  # at an epoch's end they are the model's
            best=self._best,
        )

    def keep_the_right_weights(self, ending: Ending) -> None:
        """Puts the weights into the model that the run is to leave behind.

        Raises:
            TrainingDiverged: if there are none.
        """
        if ending == "diverged" and not self._last:
            raise TrainingDiverged(
                f"{DIVERGED}, and no epoch was over yet, so there is no network"
                " to keep. Most often the learning rate is too high: try a tenth of it."
            )
        if self.config.early_stopping and self._best:
            self.loop.model.set_weights(self._best)
            self.kept_epoch = best_epoch(self.val_losses)
        elif ending == "diverged":
            self.loop.model.set_weights(self._last)
            self.kept_epoch = len(self.val_losses)
        elif self.batch == 0:
            self.kept_epoch = len(self.val_losses)

    def _begin_epoch(self) -> None:
        """Draws the epoch's order and augmentation: from seed and epoch, nothing else."""
        numbers = [self.config.seed, len(self.val_losses)]
        self._order = np.random.default_rng([*numbers, ORDER_STREAM]).permutation(
            len(self.dataset.train)
        )
        generator = np.random.default_rng([*numbers, AUGMENTATION_STREAM])
        changed = self.config.augmentation
        self._draws = changed.draw(len(self._order), generator) if changed.active else None
        self._window = _Window()

    def _affordable(self) -> int:
        """Returns how many batches the next call may do: full ones, or the epoch's smaller last."""
        full = len(self.dataset.train) // self.config.batch_size
        if self.batch >= full:
            return 1
        count = min(full - self.batch, self.loop.max_steps)
        if self._changes:
            count = min(count, self._changes[0].step - self.step)
        return max(1, min(count, int(CALL_SECONDS / max(self._seconds_per_batch, 1e-6))))

    def _set_rate(self, rate: float) -> None:
        self.base_rate = rate / max(self._factor(self.step), SMALLEST_FACTOR)

    def _factor(self, step: int) -> float:
        return learning_rate_factor(
            self.config.schedule,
            progress=step / (self.config.epochs * self.batches),
            val_losses=self.val_losses,
        )

    def _rate(self, step: int) -> float:
        return self.base_rate * self._factor(step)

    def _restore(self, checkpoint: Checkpoint) -> None:
        position = checkpoint.position
        for variable, value in zip(self.loop.model.variables, checkpoint.model, strict=True):
            variable.assign(value)
        for variable, value in zip(
            self.loop.optimizer.variables, checkpoint.optimizer, strict=True
        ):
            variable.assign(value)
        self.val_losses = list(position.val_losses)
        self.batch, self.seconds = position.batch, position.seconds
        self._loss_sum, self._correct = position.loss_sum, position.correct
        self.base_rate = position.base_rate
        self._best = checkpoint.best
        self._last = checkpoint.last
        if self.batch == 0 and self.val_losses:
            self._last = _values(self.loop.model.weights)


class _Window:
    """Sums over the batches since the last report."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        self.seconds = 0.0
        self._loss_sum, self._correct, self._examples = 0.0, 0, 0

    def add(self, loss_sum: float, correct: int, examples: int, seconds: float) -> None:
        self.seconds += seconds
        self._loss_sum += loss_sum
        self._correct += correct
        self._examples += examples

    @property
    def empty(self) -> bool:
        return not self._examples

    def take(self) -> tuple[float, float]:
        """Returns mean loss and accuracy, and begins anew."""
        means = self._loss_sum / self._examples, self._correct / self._examples
        self.begin()
        return means


def _values(variables: Sequence[keras.Variable]) -> Arrays:
    # Copies: what NumPy is given may be the variable's own memory, and training goes on.
    return tuple(np.array(keras.ops.convert_to_numpy(variable)) for variable in variables)


def _samples(split: Split, num_classes: int) -> Split:
    """Returns the first example of every class that the split has."""
    found = [np.flatnonzero(split.y == label)[:1] for label in range(num_classes)]
    rows = np.concatenate(found)
    return Split(split.x[rows], split.y[rows])
