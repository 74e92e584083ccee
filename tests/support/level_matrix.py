"""Matrices of accuracies by training level and test level."""

import numpy as np

from core.evaluation.level_matrix import LevelMatrix
from core.metrics.accuracy import Accuracy


def measured(rows, *, total=1000, tested=(0.0, 0.1, 0.2), trained=(0.05, 0.1, 0.15)):
    """A matrix of so many examples, on which the networks are wrong independently."""
    generator = np.random.default_rng(0)
    right = np.array(
        [[generator.permutation(total) < round(v * total) for v in row] for row in rows]
    )
    table = np.array(
        [
            [(a.value, *a.interval) for a in (Accuracy("data", round(v * total), total) for v in r)]
            for r in rows
        ]
    )
    return LevelMatrix(trained, tested, table[..., 0], table[..., 1], table[..., 2], right=right)
