"""Examples with their labels, and the separate parts of a data set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Inputs = NDArray[np.float32]
Labels = NDArray[np.int64]
# The label of pictures that show none of the classes: a network learns to be unsure of them.
NO_CLASS = -1


@dataclass(frozen=True)
class Split:
    """Examples and their labels.

    Args:
        x: float32, shape (n, *input_shape), values in 0..1; those of a table are as its scaling
            leaves them.
        y: int64, shape (n,), the index of the class, or NO_CLASS.
        exhaustive: True if the examples are all there are (the ten clean seven-segment patterns),
            so that an accuracy on them is exact and needs no interval.
        best_accuracy: the accuracy on such data that no classifier can beat, where theory gives
            it. Defaults to None.
    """

    x: Inputs
    y: Labels
    exhaustive: bool = False
    best_accuracy: float | None = None

    def __post_init__(self) -> None:
        if len(self.x) != len(self.y):
            raise ValueError(
                f"Expected as many labels as examples. Received: {len(self.x)} and {len(self.y)}"
            )

    def __len__(self) -> int:
        return len(self.y)

    def thinned(self, limit: int) -> Split:
        """Returns at most `limit` examples, taken evenly over the whole split."""
        step = max(1, -(-len(self) // limit))
        return Split(self.x[::step], self.y[::step])


@dataclass(frozen=True)
class Dataset:
    """The data for training, validating and testing one run.

    Args:
        train: the network learns from these.
        validation: measured after every epoch; the network never learns from them.
        tests: keyed by display name, the most important first. Used once, after training.
    """

    train: Split
    validation: Split
    tests: Mapping[str, Split]
