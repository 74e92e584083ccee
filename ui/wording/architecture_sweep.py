"""Whether size and depth help the guide's networks."""

from __future__ import annotations

from collections.abc import Sequence

from core.evaluation.level_matrix import SMALL
from core.metrics.accuracy import percent
from core.search.architecture_sweep import (
    DepthEffect,
    GuideComparison,
    GuideResult,
    compare_guide,
)


def guide_findings(results: Sequence[GuideResult]) -> list[str]:
    """Says whether size and depth help; nothing of fewer than two networks."""
    found = compare_guide(results)
    if found is None:
        return []
    sentences = [_best(found), _size(found)]
    return [*sentences, _depth(found.depth)] if found.depth else sentences


def _best(found: GuideComparison) -> str:
    best = found.best
    reach = (
        f"{_points(found.short)} below the best possible {percent(best.ceiling)}"
        if found.short
        else "the best possible"
    )
    if found.spread:
        return f"**{best.title}** is best with exactly {percent(best.accuracy)}, {reach}."
    networks = "Both networks" if found.count == 2 else f"All {found.count} networks"
    return f"{networks} are equally good: exactly {percent(best.accuracy)}, {reach}."


def _size(found: GuideComparison) -> str:
    times = f"the largest network has {found.times:.0f} times the parameters of the smallest"
    if not found.spread:
        return f"Size does not help: {times}."
    if found.spread <= SMALL:
        return f"The best and the worst are {_points(found.spread)} apart, although {times}."
    return f"**{found.worst.title}** is worst, {_points(found.spread)} behind; {times}."


def _depth(depth: DepthEffect) -> str:
    pair = (
        f"the best network with {_layers(depth.deep)} reaches {percent(depth.deep_accuracy)}, the"
        f" best with {_layers(depth.shallow)} {percent(depth.shallow_accuracy)}"
    )
    match depth.verdict:
        case "helps":
            return f"**Depth helps here**: {pair}."
        case "hurts":
            return f"**Depth hurts here**: {pair}. The deeper networks were harder to train."
        case "neither":
            return (
                f"**Depth does not help here**: {pair}. Seven segments form only 128 patterns, and"
                " even a small network can learn an answer to each of them."
            )


def _layers(count: int) -> str:
    return "one hidden layer" if count == 1 else f"{count} hidden layers"


def _points(share: float) -> str:
    return f"{100 * share:.2g} points" if share >= 0.00001 else "less than 0.001 points"
