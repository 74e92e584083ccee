"""Saved models with made-up figures, side by side."""

from core.evaluation.model_comparison import Compared, Robustness
from core.metrics.accuracy import Accuracy


def compared(name, kind, right, *, total=10_000, robustness=None, **numbers):
    return Compared(
        name,
        kind,
        accuracy=Accuracy("examples", right, total),
        from_card=False,
        robustness=None if robustness is None else Robustness(robustness, (robustness, robustness)),
        **numbers,
    )
