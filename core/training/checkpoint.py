"""Where a run stands, as bytes: enough for another process to go on as if nothing had happened."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import InvalidInput

Arrays = tuple[NDArray[Any], ...]
FORMAT = 1


@dataclass(frozen=True)
class Position:
    """How far a run has come.

    Args:
        epoch: whole epochs done.
        batch: batches done of the next one.
        loss_sum: summed loss of those batches' examples, in nats.
        correct: examples among them that were classified correctly.
        seconds: of training so far.
        base_rate: learning rate before the schedule's factor.
        val_losses: validation loss of every epoch done.
    """

    epoch: int = 0
    batch: int = 0
    loss_sum: float = 0.0
    correct: int = 0
    seconds: float = 0.0
    base_rate: float = 0.0
    val_losses: tuple[float, ...] = ()


@dataclass(frozen=True)
class Checkpoint:
    """All that a run needs to go on.

    Args:
        position: how far it has come.
        model: every variable of the model, the state of its random generators included.
        optimizer: every variable of the optimiser.
        last: weights after the last whole epoch; empty before there is one.
        best: weights after the epoch with the lowest validation loss; empty unless they are
            wanted.
    """

    position: Position
    model: Arrays
    optimizer: Arrays
    last: Arrays = field(default=())
    best: Arrays = field(default=())

    def to_bytes(self) -> bytes:
        """Writes it as a NumPy archive."""
        groups = {name: getattr(self, name) for name in _GROUPS}
        head = {"format": FORMAT, "position": asdict(self.position)}
        arrays: dict[str, Any] = {
            f"{name}_{index}": array
            for name, group in groups.items()
            for index, array in enumerate(group)
        }
        file = io.BytesIO()
        np.savez(file, head=np.array(json.dumps(head)), **arrays)
        return file.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> Checkpoint:
        """Reads what `to_bytes` wrote.

        Raises:
            InvalidInput: if it is anything else.
        """
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as file:
                groups = {name: _group(file, name) for name in _GROUPS}
                return cls(_position(file), **groups)
        except Exception as error:  # broken archives fail in many ways
            raise InvalidInput(f"The checkpoint cannot be read ({error}).") from error


_GROUPS: Sequence[str] = ("model", "optimizer", "last", "best")


def position_of(data: bytes) -> Position:
    """Reads from a checkpoint's bytes how far the run had come, and nothing else.

    Raises:
        InvalidInput: if they are anything else.
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            return _position(file)
    except Exception as error:
        raise InvalidInput(f"The checkpoint cannot be read ({error}).") from error


def _position(file: Any) -> Position:
    head: Mapping[str, Any] = json.loads(str(file["head"]))
    if head["format"] != FORMAT:
        raise ValueError(f"its format is {head['format']}")
    position = dict(head["position"])
    position["val_losses"] = tuple(position["val_losses"])
    return Position(**position)


def _group(file: Any, name: str) -> Arrays:
    count = sum(key.startswith(f"{name}_") for key in file.files)
    return tuple(file[f"{name}_{index}"] for index in range(count))
