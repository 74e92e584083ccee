"""What a comparison of saved models shows."""

from __future__ import annotations

from collections.abc import Sequence

from core.evaluation.model_comparison import (
    SAME,
    Compared,
    Duel,
    Leader,
    PairTest,
    Robustness,
    Sizes,
    compare,
)
from core.metrics.accuracy import Change, ExactAccuracy, Measure, percent
from core.text import listed
from ui.wording.mcnemar import in_short
from ui.wording.measured import measured_on


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
    if duel.accuracy_change:
        sentences.append(f"{'It' if known else subject} is {_more_accurate(duel)}")
    if one.robustness and other.robustness and duel.robustness_change:
        said = _more_robust(one.robustness, other.robustness, duel.robustness_change)
        sentences.append(f"Averaged over all levels of “{noise}”, {said}")
    return sentences


def _more_accurate(duel: Duel) -> str:
    ours, theirs = duel.one.accuracy, duel.other.accuracy
    assert ours is not None
    assert theirs is not None
    on = measured_on(ours)
    if duel.accuracy_change is Change.SAME:
        found = f"exactly as accurate ({percent(ours.value)}, {on})."
    else:
        found = (
            f"{_points(ours, theirs)} {'more' if ours.value > theirs.value else 'less'} accurate"
            f" ({percent(ours.value)} against {percent(theirs.value)}, {on})."
        )
    return f"{found} {_luck(duel.test, duel.one, duel.other)}".rstrip()


def _points(ours: Measure, theirs: Measure) -> str:
    points = 100 * abs(ours.value - theirs.value)
    return f"{points:.2f} points" if points >= 0.005 else "less than 0.01 points"


def _luck(test: PairTest | None, one: Compared, other: Compared) -> str:
    """Says how often only one of two models is right, where that is known."""
    if test is None:
        return ""
    return in_short(test.pair, f"**{one.name}**", f"**{other.name}**", p_value=test.p_value)


def _more_robust(ours: Robustness, theirs: Robustness, change: Change) -> str:
    if change is Change.SAME:
        return f"both are right on {percent(ours.value, 1)}."
    chance = "." if change.clear else ", which may be luck."
    return (
        f"it is right on {percent(ours.value, 1)}, the other on {percent(theirs.value, 1)}{chance}"
    )


def _most_accurate(leader: Leader) -> str:
    best = leader.best
    accuracy = best.accuracy
    assert accuracy is not None
    share = f"{percent(accuracy.value)} ({measured_on(accuracy)})"
    if isinstance(accuracy, ExactAccuracy):
        return _exactly_best(leader, share)
    sentence = f"**{best.name}** is the most accurate with {share}"
    if len(leader.rivals) == 1 and leader.of_all:
        other = leader.rivals[0]
        if other.accuracy is not None and other.accuracy.value == accuracy.value:
            tie = f"**{best.name}** and **{other.name}** are exactly as accurate: {share}."
            return f"{tie} {_luck(leader.tests.get(other.name), best, other)}".rstrip()
        said = _luck(leader.tests.get(other.name), best, other)
        return f"{sentence}. {said or 'This may be luck.'}"
    if leader.of_all:
        return f"{sentence}, but its lead over every other model may be luck."
    if leader.rivals:
        return f"{sentence}. Its lead over {_names(leader.rivals)} may be luck."
    if len(leader.tests) == 1 and leader.next_best is not None:
        said = _luck(leader.tests[leader.next_best.name], best, leader.next_best)
        return f"{sentence}. {said}"
    return f"{sentence}. Its lead is hardly luck."


def _exactly_best(leader: Leader, share: str) -> str:
    """Says which is the best by exact accuracies: every difference is real."""
    if leader.rivals:
        tied = (leader.best, *leader.rivals)
        if leader.of_all:
            equal = "Both networks" if len(tied) == 2 else f"All {len(tied)} networks"
            return f"{equal} are equally good: {share}."
        sentence = f"{_names(tied)} are equally good and the most accurate: {share}"
    else:
        sentence = f"**{leader.best.name}** is the most accurate: {share}"
    behind, accuracy = leader.next_best, leader.best.accuracy
    assert behind is not None
    assert behind.accuracy is not None
    assert accuracy is not None
    return f"{sentence}, {_points(accuracy, behind.accuracy)} ahead of **{behind.name}**."


def _names(models: Sequence[Compared]) -> str:
    return listed([f"**{one.name}**" for one in models])


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
    return f"{_names(leader.rivals)} {'is' if len(leader.rivals) == 1 else 'are'} {what}"


def _times(ratio: float | None, what: str, same: str) -> str:
    """Returns "2.1 times the parameters", or nothing where the ratio is not known."""
    if ratio is None:
        return ""
    if max(ratio, 1 / ratio) < SAME:
        return same
    return f"{_factor(ratio)} times {what}"


def _factor(times: float) -> str:
    return f"{times:.0f}" if times >= 10 else f"{times:.2g}"
