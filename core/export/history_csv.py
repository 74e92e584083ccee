"""A run's history as a file that other programs can read."""

from __future__ import annotations

import csv
import io

from core.training.history import History

COLUMNS = (
    "epoch",
    "loss",
    "accuracy",
    "val_loss",
    "val_accuracy",
    "learning_rate",
    "seconds",
)


def history_csv(history: History) -> str:
    """Returns a table with one row per epoch.

    Losses are mean cross-entropies in nats, accuracies are 0..1, seconds are training time since
    the start.
    """
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([getattr(epoch, column) for column in COLUMNS] for epoch in history.epochs)
    return file.getvalue()
