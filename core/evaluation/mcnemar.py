"""The examples that McNemar's test, `core.metrics.paired`, counts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.evaluation.evaluation import Evaluation


def disagreements(first: Evaluation, second: Evaluation) -> tuple[NDArray[np.int64], ...]:
    """Returns the indices of the examples that the two did not both classify correctly.

    Returns:
        Three arrays, int64: only the first is right, only the second, neither; each sorted by the
        confidence of the one that is wrong (for neither: the first), the most confident first.
    """
    a, b = first.right, second.right
    groups = ((a & ~b, second), (~a & b, first), (~a & ~b, first))
    found = []
    for mask, mistaken in groups:
        places = np.flatnonzero(mask)
        found.append(places[np.argsort(-mistaken.confidence[places], kind="stable")])
    return tuple(found)
