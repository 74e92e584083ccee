"""Axes and legends that several figures share."""

from __future__ import annotations

import math
from typing import Any

LEGEND_BELOW = {"y": -0.28, "yanchor": "top"}


def log_ticks(low: float, high: float) -> dict[str, Any]:
    """Returns round-number ticks for a logarithmic axis.

    Args:
        low: decimal logarithm of the axis's start.
        high: decimal logarithm of its end.
    """
    digits = (1, 2, 5) if high - low > 0.8 else (1, 1.5, 2, 3, 4, 5, 7)
    ticks = [
        digit * 10.0**power for power in range(math.floor(low), math.ceil(high)) for digit in digits
    ]
    return {"tickvals": ticks, "ticktext": [f"{tick:,.10g}" for tick in ticks]}
