"""What networks trained at different levels of a noise show when tested at every level."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.evaluation.level_matrix import (
    SMALL,
    LevelMatrix,
    Mask,
    one_rule_is_best_everywhere,
)
from core.metrics.accuracy import percent
from core.segments.channels import Channel
from core.text import listed


def findings(matrix: LevelMatrix, channel: Channel | None = None) -> list[str]:
    """Says in two or three sentences what a matrix shows; nothing of fewer than two networks.

    Args:
        matrix: the numbers; networks that are not known everywhere are left out.
        channel: the noise, where the numbers are exact.
    """
    matrix = matrix.known
    if len(matrix.trained) < 2:
        return []
    cost = _exact_cost(matrix) if matrix.is_exact else _measured_cost(matrix)
    last = _theory(matrix, channel) if channel else _choice(matrix)
    return [sentence for sentence in (_who_is_best(matrix), cost, last) if sentence]


def _who_is_best(matrix: LevelMatrix) -> str:
    """Names the test levels at which one network alone is best, and those at which none is."""
    winners = matrix.winners
    alone = np.asarray(winners.any(axis=0))
    if not alone.any():
        if not matrix.is_exact:
            return (
                "No network is clearly the best at any test level: McNemar's test cannot tell the"
                " best ones apart."
            )
        if matrix.rivals.all():
            all_of_them = "Both" if len(matrix.trained) == 2 else "All the"
            return f"{all_of_them} networks are exactly equally good at every test level."
        return "At every test level, several networks tie for first place."
    trained = [
        f"trained at **{level:g}** is best at {_tested(matrix, winners[row])}"
        for row, level in enumerate(matrix.trained)
        if winners[row].any()
    ]
    sentence = f"The network {'; the one '.join(trained)}."
    if not alone.all():
        tie = (
            "several networks tie for first place"
            if matrix.is_exact
            else "McNemar's test cannot tell the best ones apart"
        )
        sentence += f" At {_tested(matrix, ~alone)}, {tie}."
    return sentence


def _exact_cost(matrix: LevelMatrix) -> str:
    """Says how far below the best possible a network can be."""
    loss = matrix.largest_loss
    if loss.share == 0:
        return "They reach the best possible accuracy at every level."
    if loss.share <= SMALL:
        return f"None is ever more than {100 * loss.share:.2g} points below the best possible."
    sentence = (
        f"The largest gap to the best possible accuracy is {100 * loss.share:.1f} points, at test"
        f" level **{loss.tested:g}**"
    )
    if loss.by_all:
        return f"{sentence}, where every network falls short, whatever its training level."
    return f"{sentence}, for the network trained at **{loss.trained:g}**."


def _measured_cost(matrix: LevelMatrix) -> str:
    """Says where the choice of the training level matters most."""
    gap = matrix.clearest_gap
    if gap is None:
        return "All differences between the training levels may be chance."
    return (
        f"The training level matters most at test level **{gap.tested:g}**: the network trained at"
        f" **{gap.worse:g}** is right on {percent(gap.worse_accuracy, 1)}, the one trained at"
        f" **{gap.better:g}** on {percent(gap.better_accuracy, 1)}."
    )


def _choice(matrix: LevelMatrix) -> str:
    """Names the best training level for a noise of unknown strength, if there is one."""
    found = matrix.all_rounder
    if found is None:
        return ""
    sentence = (
        f"Averaged over all test levels, training at **{found.trained:g}** is best, with"
        f" {percent(found.mean, 1)}."
    )
    if found.price:
        sentence += f" Without noise, it costs {100 * found.price:.1f} points."
    return sentence


def _theory(matrix: LevelMatrix, channel: Channel) -> str:
    noise = channel.title[0].lower() + channel.title[1:]
    if not one_rule_is_best_everywhere(channel):
        return (
            f"In theory, no network can be best at every level: with “{noise}”, the best answer to"
            " some patterns changes with the level."
        )
    reason = (
        f"In theory, the training level need not matter: with “{noise}”, one set of answers is the"
        " best possible at every level"
    )
    if matrix.largest_loss.share <= SMALL:
        return f"{reason}, so a network that learns it at one level knows it for all."
    return (
        f"{reason}. The gaps come from training: at low levels, some patterns hardly ever occur; at"
        " high levels, they tell little about the answer."
    )


def _tested(matrix: LevelMatrix, chosen: Mask) -> str:
    """Names test levels, as "test levels 0.05, 0.1 to 0.3 and 0.5"."""
    parts: list[list[float]] = []
    before = -2
    for index in np.flatnonzero(chosen).tolist():
        if index == before + 1:
            parts[-1].append(matrix.tested[index])
        else:
            parts.append([matrix.tested[index]])
        before = index
    return f"test {'level' if chosen.sum() == 1 else 'levels'} {_ranges(parts)}"


def _ranges(parts: Sequence[Sequence[float]]) -> str:
    return listed(
        [f"{part[0]:g}" if len(part) == 1 else f"{part[0]:g} to {part[-1]:g}" for part in parts]
    )
