"""What a comparison of saved models shows."""

from __future__ import annotations

from collections.abc import Sequence

from core.evaluation.model_comparison import (
    SAME,
    Compared,
    Duel,
    Leader,
    Robustness,
    Sizes,
    compare,
)
from core.metrics.accuracy import Accuracy, Change, percent
from core.text import listed


def findings(models: Sequence[Compared], noise: str) -> list[str]:
    """Says in a few sentences what the comparison shows; nothing of what is not measured.

    Args:
        models: in the order of the table.
        noise: title of the noise whose robustness is known.
    """
    found = compare(models)
    if found is None:
        return []
    sentences = []
    if found.duel:
        sentences += _duel(found.duel, noise)
    if found.most_accurate:
        sentences.append(_most_accurate(found.most_accurate))
    if found.sizes:
        sentences.append(_sizes(found.sizes))
    if found.most_robust:
        sentences.append(_most_robust(found.most_robust, noise))
    return sentences


def _duel(duel: Duel, noise: str) -> list[str]:
    one, other = duel.one, duel.other
    costs = [
        _times(duel.parameters, "the parameters", "about the same number of parameters"),
        _times(duel.size, "the size", "about the same size"),
        _times(duel.training, "the training time", "about the same training time"),
        _times(duel.answer, "the answer time", "about the same answer time"),
    ]
    known = [cost for cost in costs if cost]
    subject = f"Compared with **{other.name}** ({other.kind}), **{one.name}** ({one.kind})"
    sentences = [f"{subject} has {listed(known)}."] if known else []
    if one.accuracy and other.accuracy and duel.accuracy_change:
        said = _more_accurate(one.accuracy, other.accuracy, duel.accuracy_change)
        sentences.append(f"{'It' if known else subject} is {said}")
    if one.robustness and other.robustness and duel.robustness_change:
        said = _more_robust(one.robustness, other.robustness, duel.robustness_change)
        sentences.append(f"Averaged over all levels of “{noise}”, {said}")
    return sentences


def _more_accurate(ours: Accuracy, theirs: Accuracy, change: Change) -> str:
    if change is Change.SAME:
        return f"exactly as accurate ({percent(ours.value)})."
    points = 100 * (ours.value - theirs.value)
    found = (
        f"{abs(points):.2f} points {'more' if points > 0 else 'less'} accurate"
        f" ({percent(ours.value)} against {percent(theirs.value)})"
    )
    if change.clear:
        return f"{found}; the 95 % intervals do not overlap, so this is hardly chance."
    return f"{found}; the 95 % intervals overlap, so this may be chance."


def _more_robust(ours: Robustness, theirs: Robustness, change: Change) -> str:
    if change is Change.SAME:
        return f"both are right on {percent(ours.value, 1)}."
    chance = "." if change.clear else ", which may be chance."
    return (
        f"it is right on {percent(ours.value, 1)}, the other on {percent(theirs.value, 1)}{chance}"
    )


def _most_accurate(leader: Leader) -> str:
    accuracy = leader.best.accuracy
    assert accuracy is not None
    sentence = (
        f"**{leader.best.name}** is the most accurate with {percent(accuracy.value)}"
        f" ({accuracy.data})"
    )
    if leader.of_all:
        others = "the other's" if len(leader.rivals) == 1 else "every other model's"
        return f"{sentence}, but {others} 95 % interval overlaps with its own: this may be chance."
    if leader.rivals:
        return f"{sentence}; {_not_worse(leader)} (the 95 % intervals overlap)."
    return f"{sentence}; no other model's 95 % interval overlaps with its own."


def _sizes(sizes: Sizes) -> str:
    return (
        f"Of these, **{sizes.smallest.name}** is the smallest: {sizes.largest.name} has"
        f" {_factor(sizes.times)} times as many parameters."
    )


def _most_robust(leader: Leader, noise: str) -> str:
    robustness = leader.best.robustness
    assert robustness is not None
    sentence = (
        f"**{leader.best.name}** is the most robust to “{noise}”: right on"
        f" {percent(robustness.value, 1)}, averaged over all levels"
    )
    if not leader.rivals:
        return f"{sentence}."
    low, high = robustness.interval
    others = _others(leader, "just as robust") if low == high else _not_worse(leader)
    return f"{sentence}; {others}."


def _not_worse(leader: Leader) -> str:
    return _others(leader, "not clearly worse")


def _others(leader: Leader, what: str) -> str:
    names = listed([f"**{one.name}**" for one in leader.rivals])
    return f"{names} {'is' if len(leader.rivals) == 1 else 'are'} {what}"


def _times(ratio: float | None, what: str, same: str) -> str:
    """Returns "2.1 times the parameters", or nothing where the ratio is not known."""
    if ratio is None:
        return ""
    if max(ratio, 1 / ratio) < SAME:
        return same
    return f"{_factor(ratio)} times {what}"


def _factor(times: float) -> str:
    return f"{times:.0f}" if times >= 10 else f"{times:.2g}"
