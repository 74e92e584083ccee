"""A training run: what is asked for, what is told on the way, and what comes out.

Nothing here imports TensorFlow, so the server can describe runs and follow them. `core.fit` does
the work, in a worker process.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from core.architecture import Architecture
from core.errors import InvalidInput
from core.task import Task, task


@dataclass(frozen=True)
class Bounds:
    """The values that a setting may have: the slider shows them, the configuration checks them."""

    low: float
    high: float
    default: float

    def check(self, name: str, value: float) -> None:
        """Raises InvalidInput if the value lies outside."""
        if not self.low <= value <= self.high:
            raise InvalidInput(
                f"Expected {name} in {self.low:g}..{self.high:g}. Received: {name}={value:g}"
            )


BOUNDS: Mapping[str, Bounds] = {
    "epochs": Bounds(1, 100, 10),
    "batch_size": Bounds(8, 1024, 32),
    "learning_rate": Bounds(0.00001, 1.0, 0.001),
    "noise_level": Bounds(0.0, 0.5, 0.0),
    "seed": Bounds(0, 2**31 - 1, 0),
}
MAX_CONVOLUTIONS = 3  # each halves the picture: 28 -> 13 -> 5 -> 1


@dataclass(frozen=True, kw_only=True)
class TrainingConfig:
    """All that decides a run; the same configuration makes the same network.

    Args:
        task: name of the task.
        source: name of its data set.
        architecture: the network.
        epochs: how often the training examples are gone through. Defaults to 10.
        batch_size: examples per step of the optimiser. Defaults to 32.
        learning_rate: of the Adam optimiser. Defaults to 0.001.
        noise: name of the noise put on the data, or "none". Defaults to "none".
        noise_level: its level, 0..0.5. Defaults to 0.
        seed: of the data, the first weights, the order and dropout. Defaults to 0.

    Raises:
        InvalidInput: if a value lies outside BOUNDS, or a name is not known.
    """

    task: str
    source: str
    architecture: Architecture
    epochs: int = 10
    batch_size: int = 32
    learning_rate: float = 0.001
    noise: str = "none"
    noise_level: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        for name, bounds in BOUNDS.items():
            bounds.check(name, getattr(self, name))
        problem = task(self.task)
        problem.source(self.source)
        if self.noise != "none":
            problem.noise(self.noise)
        convolutions = len(self.architecture.filters)
        if convolutions and len(problem.input_shape) != 3:
            raise InvalidInput(f"{problem.title} are not pictures: no convolution can read them.")
        if convolutions > MAX_CONVOLUTIONS:
            raise InvalidInput(
                f"Expected at most {MAX_CONVOLUTIONS} convolutions. Received: {convolutions}"
            )

    @property
    def problem(self) -> Task:
        """The task that `task` names."""
        return task(self.task)

    @property
    def command(self) -> str:
        """The command that makes this run again, without the name to save it under."""
        parts = [
            f"python -m core train {self.task} --data {self.source}",
            f"--hidden {','.join(map(str, self.architecture.hidden))}",
            f"--dropout {_written(self.architecture.dropout)}",
        ]
        if self.architecture.batch_norm:
            parts.append("--batch-norm")
        if self.architecture.filters:
            parts.append(f"--filters {','.join(map(str, self.architecture.filters))}")
        parts.append(
            f"--epochs {self.epochs} --batch-size {self.batch_size}"
            f" --learning-rate {_written(self.learning_rate)} --noise {self.noise}"
            f" --noise-level {_written(self.noise_level)} --seed {self.seed}"
        )
        return " ".join(parts)

    def to_json(self) -> dict[str, Any]:
        """Returns the configuration as plain values."""
        return asdict(self) | {"architecture": self.architecture.to_json()}

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> TrainingConfig:
        """Reads what `to_json` wrote; further entries, such as those of a card, are ignored."""
        values = {name: entry[name] for name in cls.__dataclass_fields__}
        return cls(**values | {"architecture": Architecture.from_json(entry["architecture"])})


def _written(number: float) -> str:
    """Writes a number so that reading it gives the same one, and short where it can be."""
    short = f"{number:g}"
    return short if float(short) == number else repr(float(number))


@dataclass(frozen=True)
class Started:
    """The worker has its data and its network.

    Args:
        parameters: weights in the network.
        examples: training examples.
        batches: steps in an epoch.
    """

    parameters: int
    examples: int
    batches: int
    kind: Literal["started"] = field(default="started", init=False)


@dataclass(frozen=True)
class BatchDone:
    """A few times a second: where the run is, and its training figures of this epoch so far.

    Args:
        epoch: the one under way, from 1.
        batch: batches done in it.
        loss: mean cross-entropy, in nats.
        accuracy: share read rightly, with dropout at work.
        seconds: since the first batch.
    """

    epoch: int
    batch: int
    loss: float
    accuracy: float
    seconds: float
    kind: Literal["batch"] = field(default="batch", init=False)


@dataclass(frozen=True)
class EpochDone:
    """An epoch is over.

    Args:
        epoch: which, from 1.
        loss: mean training cross-entropy over the epoch, in nats.
        accuracy: training accuracy over the epoch, with dropout at work.
        val_loss: cross-entropy on the validation data.
        val_accuracy: accuracy on the validation data.
        seconds: since the first batch.
    """

    epoch: int
    loss: float
    accuracy: float
    val_loss: float
    val_accuracy: float
    seconds: float
    kind: Literal["epoch"] = field(default="epoch", init=False)


Event = Started | BatchDone | EpochDone
_KINDS: Mapping[str, type[Started] | type[BatchDone] | type[EpochDone]] = {
    "started": Started,
    "batch": BatchDone,
    "epoch": EpochDone,
}


def event_to_json(event: Event) -> dict[str, Any]:
    """Returns an event as plain values, to travel between processes."""
    return asdict(event)


def event_from_json(entry: Mapping[str, Any]) -> Event:
    """Reads what `event_to_json` wrote."""
    values = dict(entry)
    return _KINDS[values.pop("kind")](**values)


@dataclass(frozen=True)
class TrainedModel:
    """What a run leaves behind, ready for `ModelStore.save`.

    Args:
        files: the bytes of the model's files by their names.
        card: what the run was and what was measured of it.
    """

    files: Mapping[str, bytes]
    card: Mapping[str, Any]
