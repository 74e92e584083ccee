"""Figures of epochs, written by hand."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Figures:
    epoch: int
    loss: float
    accuracy: float
    val_loss: float
    val_accuracy: float
    learning_rate: float = 0.001


def history(loss, val_loss, accuracy=0.9, val_accuracy=0.9, learning_rate=0.001):
    """Epochs from lists of the same length, or from one value for all of them."""

    def column(values):
        return values if isinstance(values, list) else [values] * len(loss)

    columns = (loss, accuracy, val_loss, val_accuracy, learning_rate)
    return [
        Figures(epoch, *figures)
        for epoch, figures in enumerate(zip(*map(column, columns), strict=True), 1)
    ]


GOOD = history(
    [1.0, 0.5, 0.4, 0.3, 0.25],
    [0.9, 0.5, 0.4, 0.35, 0.3],
    [0.6, 0.8, 0.85, 0.88, 0.9],
    [0.7, 0.82, 0.86, 0.89, 0.91],
)


NOT_A_NUMBER = history([math.nan], [math.nan])[0]
