"""Figures as people read them in tables and sentences."""

from __future__ import annotations

from core.metrics import Accuracy, percent


def accuracy_words(accuracy: Accuracy) -> str:
    """Returns an accuracy with its counts and 95 % interval, as Markdown for a table's cell."""
    low, high = accuracy.interval
    between = "exactly" if accuracy.exhaustive else f"{percent(low, 1)} to {percent(high, 1)}"
    return (
        f"{accuracy.correct:,} of {accuracy.total:,}: **{percent(accuracy.value, 1)}** ({between})"
    )
