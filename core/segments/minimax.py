"""No classifier is best at every kind of noise: how good can its worst case be?

The measure is the share of the ceiling that a classifier reaches: 1 is optimal for that noise and
level.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from core.segments.bayes import Rule, ceiling, share_of_ceiling
from core.segments.channels import BIT_FLIP, CHANNELS, EXTRA, MISSING, ONE_FAULT, Channel

COMPARED: tuple[Channel, ...] = (BIT_FLIP, MISSING, EXTRA, ONE_FAULT)
COMPARED_LEVELS: tuple[float, ...] = tuple(round(0.02 * step, 2) for step in range(1, 16))
# The accuracies, by level, promised by the guide that this project began with.
GUIDE_PROMISES: dict[float, float] = {0.10: 0.985, 0.30: 0.887}


def worst_share(
    rule: Rule, channel: Channel, levels: Sequence[float] = COMPARED_LEVELS
) -> tuple[float, float]:
    """Returns the smallest share of the ceiling that a rule reaches on a channel.

    Args:
        rule: float64, shape (128, 10).
        channel: the noise.
        levels: the levels to check. Defaults to 0.02, 0.04, ... 0.30.

    Returns:
        The share, 0..1, and the level where it occurs.
    """
    return min((share_of_ceiling(rule, channel.likelihood(level)), level) for level in levels)


@lru_cache(maxsize=8)
def best_worst_share(
    channels: tuple[Channel, ...] = COMPARED, levels: tuple[float, ...] = COMPARED_LEVELS
) -> float:
    """Returns the best worst-case share of the ceiling that one classifier can reach, exactly.

    A classifier gives one of ten answers to each of 128 patterns, so this is an integer program:
    find the answers that maximize the smallest share.

    Args:
        channels: the noises; the classifier is not told which. Defaults to COMPARED.
        levels: of each. Defaults to COMPARED_LEVELS.

    Source: L. A. Wolsey, "Integer Programming" (2nd ed., 2020); solved by SciPy's HiGHS.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    cells = [channel.likelihood(level) for channel in channels for level in levels]
    digits, patterns = cells[0].shape
    answers = digits * patterns  # one variable for each digit and pattern, and the worst share
    shares = np.array([np.append(cell.ravel() / digits, -ceiling(cell)) for cell in cells])
    one_answer = np.hstack([np.tile(np.eye(patterns), digits), np.zeros((patterns, 1))])
    solved = milp(
        np.append(np.zeros(answers), -1),
        constraints=[LinearConstraint(shares, 0, np.inf), LinearConstraint(one_answer, 1, 1)],
        bounds=Bounds(0, 1),
        integrality=np.append(np.ones(answers), 0),
        options={"mip_rel_gap": 0},  # the exact optimum
    )
    if solved.fun is None or solved.status != 0:
        raise RuntimeError(f"The integer program was not solved: {solved.message}")
    return float(-solved.fun)


def promise_gap(channel: Channel) -> float:
    """Returns how far a channel's ceilings are from the guide's promises, over both levels."""
    return sum(
        abs(ceiling(channel.likelihood(level)) - promised)
        for level, promised in GUIDE_PROMISES.items()
    )


def closest_channel() -> Channel:
    """Returns the predefined channel whose ceilings come closest to the guide's promises."""
    return min(CHANNELS, key=promise_gap)
