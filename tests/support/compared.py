"""Saved models with made-up figures, side by side."""

import numpy as np

from core.evaluation.model_comparison import Compared, Robustness
from core.metrics.accuracy import Accuracy, ExactAccuracy


def compared(name, kind, right, *, total=10_000, robustness=None, wrong_from=None, **numbers):
    """Returns a measured model.

    Args:
        name: of the model.
        kind: its kind.
        right: how many examples it classifies correctly.
        total: of how many.
        robustness: against one noise. Defaults to unknown.
        wrong_from: the first of the examples, one after the other, that it gets wrong. Defaults to
            unknown answers.
        numbers: anything else that `Compared` takes.
    """
    if wrong_from is not None:
        answers = np.ones(total, np.bool_)
        answers[np.arange(wrong_from, wrong_from + total - right) % total] = False
        numbers["right"] = answers
    return Compared(
        name,
        kind,
        accuracy=Accuracy("MNIST test images", right, total),
        from_card=False,
        robustness=None if robustness is None else Robustness(robustness, (robustness, robustness)),
        **numbers,
    )


def exactly(name, share, *, kind="dense", best=0.6213, **numbers):
    """Returns a model whose accuracy is known exactly."""
    accuracy = ExactAccuracy("bit flip at 0.15", share, best)
    return Compared(name, kind, accuracy=accuracy, from_card=False, **numbers)
