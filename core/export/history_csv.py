"""A run's history as files that other programs read."""

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
    """Returns a table with a row for every epoch.

    Losses are mean cross-entropies in nats, accuracies shares of 1, seconds those of training
    since its beginning.
    """
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([getattr(epoch, column) for column in COLUMNS] for epoch in history.epochs)
    return file.getvalue()
