"""What a run has told so far, made ready to be looked at: numbers only, no figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from core.training.events import (
    SLOW_SECONDS,
    BatchDone,
    EpochDone,
    Event,
    Failed,
    Finished,
    LearningRateChanged,
    Note,
    PaceChanged,
    Paused,
    Queued,
    Resumed,
    Started,
)
from core.training.schedule import best_epoch

T = TypeVar("T")
MAX_POINTS = 400  # of a curve: more cannot be told apart on a screen


@dataclass(frozen=True)
class History:
    """A run's story, with whatever a lost worker had done again counted once.

    Args:
        epochs_wanted: how many epochs were asked for.
        started: size of network and data, once a worker has had them.
        batches: the reports within epochs, thinned to MAX_POINTS.
        epochs: the epochs done.
        changes: learning rates chosen on the way, by rising step.
        slow: whether it waits between epochs, so that it can be watched.
        notes: what the person should know of, oldest first.
        paused: where the run stands still, or None.
        finished: how it ended, if it left a network.
        error: why it ended, if it left none; else empty.
    """

    epochs_wanted: int
    started: Started | None = None
    batches: tuple[BatchDone, ...] = ()
    epochs: tuple[EpochDone, ...] = ()
    changes: tuple[LearningRateChanged, ...] = ()
    slow: bool = False
    notes: tuple[str, ...] = ()
    paused: Paused | None = None
    finished: Finished | None = None
    error: str = ""

    @classmethod
    def of(cls, events: Iterable[Event], *, epochs_wanted: int) -> History:
        """Reads a run's events, oldest first."""
        started: Started | None = None
        batches: list[BatchDone] = []
        epochs: list[EpochDone] = []
        changes: list[LearningRateChanged] = []
        slow = False
        notes: list[str] = []
        paused: Paused | None = None
        finished: Finished | None = None
        error = ""
        for event in events:
            match event:
                case Started():
                    started, paused, finished, error = event, None, None, ""
                    place = (event.epoch, event.batch)
                    batches = [done for done in batches if (done.epoch, done.batch) <= place]
                    epochs = [done for done in epochs if done.epoch < event.epoch]
                case BatchDone():
                    batches.append(event)
                case EpochDone():
                    epochs.append(event)
                case LearningRateChanged():
                    changes = [change for change in changes if change.step < event.step]
                    changes.append(event)
                case PaceChanged():
                    slow = event.slow
                case Note():
                    notes.append(event.text)
                case Paused():
                    paused = event
                case Resumed():
                    paused = None
                case Finished():
                    finished = event
                case Failed():
                    error = event.error
                case Queued():
                    finished, error = None, ""
        return cls(
            epochs_wanted,
            started,
            tuple(_thinned(batches, MAX_POINTS)),
            tuple(epochs),
            tuple(changes),
            slow,
            tuple(notes),
            paused,
            finished,
            error,
        )

    @property
    def share(self) -> float:
        """Share of all batches that is done, 0..1."""
        if self.started is None:
            return 0.0
        return min(1.0, self.step / (self.started.batches * self.epochs_wanted))

    @property
    def step(self) -> int:
        """Batches known to be done in the whole run."""
        if self.started is None:
            return 0
        done = len(self.epochs)
        places = [(done + 1, 0), (self.started.epoch, self.started.batch)]
        if self.batches:
            places.append((self.batches[-1].epoch, self.batches[-1].batch))
        if self.paused:
            places.append((self.paused.epoch, self.paused.batch))
        epoch, batch = max(places)
        return (epoch - 1) * self.started.batches + batch

    @property
    def epoch(self) -> int:
        """The epoch under way, from 1."""
        return min(len(self.epochs) + 1, self.epochs_wanted)

    @property
    def seconds(self) -> float:
        """Training time so far, pauses not counted."""
        newest: list[BatchDone | EpochDone] = [*self.batches[-1:], *self.epochs[-1:]]
        return max((event.seconds for event in newest), default=0.0)

    @property
    def seconds_left(self) -> float | None:
        """Estimated time left in seconds, or None while there is nothing to judge by."""
        speed = self.examples_per_second
        if self.started is None or speed is None or self.finished:
            return None
        waits = SLOW_SECONDS * (self.epochs_wanted - self.epoch) if self.slow else 0.0
        return (1 - self.share) * self.epochs_wanted * self.started.examples / speed + waits

    @property
    def examples_per_second(self) -> float | None:
        """Training examples gone through in a second, or None while it cannot be known.

        The first report includes the making of the network's graph, so it only starts the clock.
        """
        reports: list[BatchDone | EpochDone] = sorted(
            [*self.batches, *self.epochs], key=lambda event: event.seconds
        )
        if self.started is None or len(reports) < 2:
            return None
        first, last = reports[0], reports[-1]
        steps = self._step_of(last) - self._step_of(first)
        seconds = last.seconds - first.seconds
        if steps <= 0 or seconds <= 0:
            return None
        return steps / self.started.batches * self.started.examples / seconds

    @property
    def best_epoch(self) -> int:
        """The epoch with the lowest validation loss, from 1; 0 before there is one."""
        return best_epoch([epoch.val_loss for epoch in self.epochs])

    @property
    def learning_rate(self) -> float | None:
        """The newest batch's learning rate, or None before the first report."""
        reports: list[BatchDone | EpochDone] = [*self.batches[-1:], *self.epochs[-1:]]
        newest = max(reports, key=lambda event: event.seconds, default=None)
        if self.changes and (newest is None or self.changes[-1].step >= self._step_of(newest)):
            return self.changes[-1].learning_rate
        return newest.learning_rate if newest else None

    def _step_of(self, event: BatchDone | EpochDone) -> int:
        batches = self.started.batches if self.started else 1
        if isinstance(event, EpochDone):
            return event.epoch * batches
        return (event.epoch - 1) * batches + event.batch


def _thinned(items: Sequence[T], limit: int) -> Sequence[T]:
    """Returns at most about `limit` items, evenly, with the newest among them."""
    step = -(-len(items) // limit) if items else 1
    return items if step == 1 else [*items[:-1:step], items[-1]]
