"""Tests done properly and with a leak: the numbers, which the server shows."""

from __future__ import annotations

from dataclasses import dataclass

from core.metrics.accuracy import Accuracy
from core.metrics.paired import PairedAnswers


@dataclass(frozen=True)
class Comparison:
    """The same test done properly, and with a leak.

    Args:
        proper: accuracy of what has never seen the test rows.
        leaking: accuracy of what has.
        pair: the proper one, first, and the leaking one on the same rows; None where the rows are
            not the same.
    """

    proper: Accuracy
    leaking: Accuracy
    pair: PairedAnswers | None = None


@dataclass(frozen=True)
class Leakage:
    """What leaks do to a table's test.

    Args:
        fitted: gaps and scaling fitted on the training part, or on all rows.
        chosen: labels drawn at random, as many classes as the table has, and columns drawn at
            random, chosen by the training part, or by all rows.
        guessing: the accuracy of guessing there, exactly, 0..1.
        columns: how many columns of chance there were.
        kept: how many of them were chosen.
        repeats: how often it was done.
        groups: rows of a group in one part, or anywhere; None without groups.
    """

    fitted: Comparison
    chosen: Comparison
    guessing: float
    columns: int
    kept: int
    repeats: int
    groups: Comparison | None = None
