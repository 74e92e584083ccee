"""How well a network with 8-bit weights answers, measured beside the one with floats."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.data import NO_CLASS
from core.errors import DataUnavailable
from core.export.format import Report
from core.metrics.accuracy import Accuracy
from core.models.saved_model import SavedModel
from core.networks.plan import Step, multiplications
from core.networks.plan_forward import run_plan

# Multiplications of each network that are spent on it: about ten seconds of one core.
BUDGET = 2 * 10**10
_PORTION = 200  # examples between two reports


@dataclass(frozen=True)
class Int8Accuracy:
    """Answers with 8-bit weights and with floats, to the same test examples.

    Args:
        before: with floats.
        after: with 8-bit weights.
        same: how many of the answers are the same.
    """

    before: Accuracy
    after: Accuracy
    same: int


def int8_accuracy(
    model: SavedModel, steps: Sequence[Step], rounded: Sequence[Step], report: Report
) -> Int8Accuracy | None:
    """Measures a network on the most important test data of its card.

    Args:
        model: the network.
        steps: of it.
        rounded: the same with the weights that its integers stand for.
        report: is told how far it is.

    Returns:
        None where the data is not on this machine. Of a large network not all of it is used, and
        the accuracies tell so.
    """
    try:
        words, split = next(iter(model.held_out().tests.items()))
    except DataUnavailable:
        return None
    known = split.y != NO_CLASS
    x, y = split.x[known], split.y[known]
    step = -(-len(x) // max(1, BUDGET // max(1, multiplications(steps))))
    exhaustive = split.exhaustive and step == 1
    if step > 1:
        words = f"1 in {step} of the {len(x):,} {words}"
        x, y = x[::step], y[::step]
    right, right_rounded, same = 0, 0, 0
    for start in range(0, len(x), _PORTION):
        report("Measuring the accuracy with 8-bit weights", start, len(x))
        part, labels = x[start : start + _PORTION], y[start : start + _PORTION]
        one, other = (run_plan(each, part).argmax(axis=1) for each in (steps, rounded))
        right += int(np.sum(one == labels))
        right_rounded += int(np.sum(other == labels))
        same += int(np.sum(one == other))
    before, after = (
        Accuracy(words, correct, len(x), exhaustive, split.best_accuracy)
        for correct in (right, right_rounded)
    )
    return Int8Accuracy(before, after, same)
