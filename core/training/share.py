"""The part of the training examples that a run learns from. Nothing here imports TensorFlow."""

from __future__ import annotations

import numpy as np

from core.data import Split
from core.training.config import SHARE_STREAM


def drawn_share(split: Split, share: float, seed: int) -> Split:
    """Returns a part of the training examples, drawn by the seed.

    Args:
        split: all of them.
        share: how much of it, above 0, at most 1.
        seed: of the run.
    """
    if share == 1:
        return split
    order = np.random.default_rng([seed, SHARE_STREAM]).permutation(len(split))
    chosen = order[: max(1, round(len(split) * share))]
    return Split(split.x[chosen], split.y[chosen])
