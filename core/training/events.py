"""What a run tells on its way: a stream of small typed events, kept in this order for good.

Steps are counted through the whole run: step 0 is the first batch of the first epoch. Seconds are
those of training, pauses not counted.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, TypeAdapter
from pydantic.dataclasses import dataclass

Ending = Literal["complete", "stopped", "early", "diverged"]
DIVERGED = "The loss became NaN"  # begins the error of a run without a single good epoch
SLOW_SECONDS = 0.6  # between two epochs in slow motion: the page looks every half a second


@dataclass(frozen=True)
class Queued:
    """The run waits for a worker, for the first time or again."""

    kind: Literal["queued"] = "queued"


@dataclass(frozen=True)
class Sample:
    """One of the digits that are read anew after every epoch.

    Args:
        label: index of its true class.
        picture: what it looks like, a PNG in base64.
    """

    label: int
    picture: str


@dataclass(frozen=True)
class Started:
    """A worker has the data and the network, and goes on from here.

    What was told of later batches and epochs no longer counts: the worker that did them is gone.

    Args:
        parameters: weights in the network.
        examples: training examples.
        batches: steps in an epoch.
        epoch: the one that is under way, from 1.
        batch: batches of it that are done.
        pid: number of the worker's process on its machine.
        best_accuracy: what no classifier can beat on the validation data, where theory gives it.
        samples: the digits whose readings every `EpochDone` tells.
    """

    parameters: int
    examples: int
    batches: int
    epoch: int = 1
    batch: int = 0
    pid: int = 0
    best_accuracy: float | None = None
    samples: tuple[Sample, ...] = ()
    kind: Literal["started"] = "started"


@dataclass(frozen=True)
class BatchDone:
    """A few times a second: where the run is, and how the newest batches went.

    Args:
        epoch: the one under way, from 1.
        batch: batches done in it.
        loss: mean cross-entropy over the batches since the last such event, in nats.
        accuracy: share of them classified correctly, with dropout at work.
        seconds: of training so far.
        learning_rate: of the newest batch.
    """

    epoch: int
    batch: int
    loss: float
    accuracy: float
    seconds: float
    learning_rate: float = 0.0
    kind: Literal["batch"] = "batch"


@dataclass(frozen=True)
class EpochDone:
    """An epoch is over.

    Args:
        epoch: which, from 1.
        loss: mean training cross-entropy over the epoch, in nats.
        accuracy: training accuracy over the epoch, with dropout at work.
        val_loss: cross-entropy on the validation data.
        val_accuracy: accuracy on the validation data.
        seconds: of training so far.
        learning_rate: of the last batch.
        readings: class predicted for each sample, and its probability.
    """

    epoch: int
    loss: float
    accuracy: float
    val_loss: float
    val_accuracy: float
    seconds: float
    learning_rate: float = 0.0
    readings: tuple[tuple[int, float], ...] = ()
    kind: Literal["epoch"] = "epoch"


@dataclass(frozen=True)
class Paused:
    """The run stands still after a batch.

    Args:
        epoch: the one under way, from 1.
        batch: batches of it that are done.
        preempted: whether it has left its worker to others meanwhile.
    """

    epoch: int
    batch: int
    preempted: bool = False
    kind: Literal["paused"] = "paused"


@dataclass(frozen=True)
class Resumed:
    """The run goes on after a pause."""

    kind: Literal["resumed"] = "resumed"


@dataclass(frozen=True)
class LearningRateChanged:
    """The person has chosen another learning rate.

    Args:
        step: the first batch with it, counted through the whole run from 0.
        learning_rate: of that batch; the schedule goes on from there.
    """

    step: int
    learning_rate: float
    kind: Literal["learning_rate"] = "learning_rate"


@dataclass(frozen=True)
class PaceChanged:
    """The person has chosen whether the run waits between epochs, so that it can be watched.

    Args:
        slow: whether it does.
    """

    slow: bool
    kind: Literal["pace"] = "pace"


@dataclass(frozen=True)
class Note:
    """Something the person should know of, in a sentence."""

    text: str
    kind: Literal["note"] = "note"


@dataclass(frozen=True)
class Finished:
    """The run has ended and left a network.

    Args:
        ending: "complete", "stopped" by the person, "early" (validation got no better) or
            "diverged" (the loss became NaN; the last good epoch was kept).
        epochs: whole epochs done.
        kept_epoch: the epoch after which the kept weights were there; 0 for weights from the
            middle of an epoch.
    """

    ending: Ending
    epochs: int
    kept_epoch: int
    kind: Literal["finished"] = "finished"


@dataclass(frozen=True)
class Failed:
    """The run has ended without a network.

    Args:
        error: why, in a sentence.
    """

    error: str
    kind: Literal["failed"] = "failed"


Event = (
    Queued
    | Started
    | BatchDone
    | EpochDone
    | Paused
    | Resumed
    | LearningRateChanged
    | PaceChanged
    | Note
    | Finished
    | Failed
)
# Events travel between processes and into the database as plain values.
EVENT: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="kind")])
