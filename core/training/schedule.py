"""Learning-rate schedules, and when to stop early: pure functions of what has happened so far.

Being functions of the history, they need no memory of their own: a run that goes on in another
process goes on with the same learning rate.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

SCHEDULES: Mapping[str, str] = {
    "constant": "Constant",
    "plateau": "Halved when validation gets no better",
    "cosine": "Falling along a cosine",
    "one-cycle": "Up, then down (one cycle)",
}
PLATEAU_FACTOR = 0.5
PLATEAU_PATIENCE = 5
PLATEAU_DELTA = 1e-4
PLATEAU_FLOOR = 1e-3  # of the first rate; lower ones change nothing any more
WARM_UP = 0.3
WARM_UP_START = 0.04
CYCLE_END = 1e-4
# A rate that a person chooses is divided by the schedule's factor; at least by this.
SMALLEST_FACTOR = 1e-3


def learning_rate_factor(schedule: str, *, progress: float, val_losses: Sequence[float]) -> float:
    """Returns what the chosen learning rate is multiplied by.

    Args:
        schedule: one of SCHEDULES.
        progress: share of all steps that is done, 0..1.
        val_losses: validation loss of every epoch so far, oldest first.

    Sources: "plateau" does what Keras' `ReduceLROnPlateau` does with these constants; "cosine" is
    that of Loshchilov and Hutter, "SGDR" (2017), without restarts; "one-cycle" follows Smith and
    Topin, "Super-Convergence" (2018): a rise to the full rate, then a fall to nearly nothing.
    """
    if schedule == "plateau":
        return _plateau(val_losses)
    if schedule == "cosine":
        return 0.5 * (1 + math.cos(math.pi * progress))
    if schedule == "one-cycle":
        if progress < WARM_UP:
            return WARM_UP_START + (1 - WARM_UP_START) * progress / WARM_UP
        fall = (progress - WARM_UP) / (1 - WARM_UP)
        return CYCLE_END + (1 - CYCLE_END) * 0.5 * (1 + math.cos(math.pi * fall))
    return 1.0


def _plateau(val_losses: Sequence[float]) -> float:
    factor, best, waited = 1.0, math.inf, 0
    for loss in val_losses:
        if loss < best - PLATEAU_DELTA:
            best, waited = loss, 0
            continue
        waited += 1
        if waited >= PLATEAU_PATIENCE:
            factor, waited = max(factor * PLATEAU_FACTOR, PLATEAU_FLOOR), 0
    return factor


def best_epoch(val_losses: Sequence[float]) -> int:
    """Returns the epoch, from 1, with the lowest validation loss; 0 when there is none.

    Of equal ones the first; a loss that is not a number is never the best.
    """
    known = [(loss, epoch) for epoch, loss in enumerate(val_losses, 1) if math.isfinite(loss)]
    return min(known)[1] if known else 0


def should_stop_early(val_losses: Sequence[float], patience: int) -> bool:
    """Returns whether the best epoch lies `patience` or more epochs back; never for patience 0."""
    return bool(patience) and len(val_losses) - best_epoch(val_losses) >= patience
