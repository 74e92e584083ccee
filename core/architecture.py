"""Descriptions of networks: what is in them, not how they are built.

A description is small, frozen and turns into JSON, so that it can stand on a card, travel to a
worker and be compared. `core.networks` builds the Keras model from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from core.errors import InvalidInput

MAX_LAYERS = 6
MAX_UNITS = 1024
MAX_DROPOUT = 0.9


def _check_sizes(what: str, sizes: Sequence[int]) -> tuple[int, ...]:
    if not 1 <= len(sizes) <= MAX_LAYERS or not all(1 <= size <= MAX_UNITS for size in sizes):
        raise InvalidInput(
            f"Expected 1 to {MAX_LAYERS} {what}, each of 1 to {MAX_UNITS}. Received: {list(sizes)}"
        )
    return tuple(int(size) for size in sizes)


@dataclass(frozen=True)
class Architecture:
    """What every network here has: dense hidden layers, then one output per class.

    Args:
        hidden: units of each dense hidden layer, first to last.
        dropout: share of units silenced during training after each hidden layer, 0..0.9.
        batch_norm: whether each hidden layer is batch-normalised before its ReLU.
        filters: filters of each 3x3 convolution before the dense layers, each followed by
            2x2 max-pooling; empty for a purely dense network.
    """

    hidden: tuple[int, ...]
    dropout: float = 0.0
    batch_norm: bool = False
    filters: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "hidden", _check_sizes("hidden layers", self.hidden))
        if self.filters:
            object.__setattr__(self, "filters", _check_sizes("convolutions", self.filters))
        if not 0 <= self.dropout <= MAX_DROPOUT:
            raise InvalidInput(
                f"Expected dropout in 0..{MAX_DROPOUT}. Received: dropout={self.dropout}"
            )

    @property
    def summary(self) -> str:
        """The network in one line, for lists and legends."""
        layers = [f"conv {size}" for size in self.filters] + [f"dense {u}" for u in self.hidden]
        if self.batch_norm:
            layers.append("batch norm")
        if self.dropout:
            layers.append(f"dropout {self.dropout:g}")
        return ", ".join(layers)

    def to_json(self) -> dict[str, Any]:
        """Returns plain lists and numbers."""
        return asdict(self) | {"hidden": list(self.hidden), "filters": list(self.filters)}

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> Architecture:
        """Reads what `to_json` wrote.

        Raises:
            InvalidInput: if it is anything else.
        """
        try:
            return cls(
                tuple(int(units) for units in entry["hidden"]),
                float(entry["dropout"]),
                bool(entry["batch_norm"]),
                tuple(int(size) for size in entry["filters"]),
            )
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            raise InvalidInput(f"Not the description of an architecture ({error}).") from error
