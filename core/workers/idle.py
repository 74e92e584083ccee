"""Waiting for a moment at which the machine has little else to do."""

from __future__ import annotations

import math
from collections.abc import Callable

BUSY_SHARE = 0.25  # of the time of all cores, above which the machine counts as busy
LOOK_SECONDS = 1.0  # over which that is measured
QUIET_LOOKS = 3  # in a row


def measured_share(seconds: float) -> float:
    """Returns which share of all cores' time was used in the next so many seconds, 0..1."""
    import psutil  # not before it is needed

    return float(psutil.cpu_percent(interval=seconds)) / 100


def wait_until_idle(
    wanted: Callable[[], bool] = lambda: True,
    *,
    at_most: float = math.inf,
    share: Callable[[float], float] = measured_share,
) -> bool:
    """Waits until the machine has been idle for a few seconds.

    Args:
        wanted: asked again and again; once it returns False there is nothing to wait for.
        at_most: seconds after which it does not matter any more. Defaults to any number.
        share: measures how busy the machine is.

    Returns:
        Whether it is wanted still.
    """
    quiet, looks = 0, 0
    while quiet < QUIET_LOOKS and looks * LOOK_SECONDS < at_most and wanted():
        quiet = quiet + 1 if share(LOOK_SECONDS) <= BUSY_SHARE else 0
        looks += 1
    return wanted()
