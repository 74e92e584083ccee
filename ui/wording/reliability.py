"""Whether a network's confidence can be trusted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.metrics.reliability import ReliabilityBin, Tendency, tendency

_VERDICTS: Mapping[Tendency, str] = {
    "calibrated": "You can trust its confidence: it is very close to the accuracy.",
    "mixed": "Its confidence is off: too high in some ranges, too low in others.",
    "overconfident": "Its confidence is higher than its accuracy: it is **overconfident**.",
    "underconfident": "Its confidence is lower than its accuracy: it is **underconfident**.",
}


def verdict(bins: Sequence[ReliabilityBin], error: float) -> str:
    """Says whether a network is too confident, or not confident enough.

    Args:
        bins: what `core.metrics.reliability.reliability` returned.
        error: the calibration error, 0..1.
    """
    return _VERDICTS[tendency(bins, error)]
