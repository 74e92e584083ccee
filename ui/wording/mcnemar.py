"""What McNemar's test says about two networks."""

from __future__ import annotations

from core.evaluation.mcnemar import PairedAnswers
from core.metrics.accuracy import percent

_RARE = 0.001


def verdict(pair: PairedAnswers, first: str, second: str) -> str:
    """Says which of two networks is better, or that the data does not show it.

    Args:
        pair: how often the two are right.
        first: name of the first, as Markdown.
        second: name of the second.
    """
    if pair.disputed == 0:
        return (
            f"{first} and {second} are right and wrong on exactly the same examples, so this data"
            " cannot tell them apart."
        )
    better, worse = (second, first) if pair.ahead == "second" else (first, second)
    count = "1 example" if pair.disputed == 1 else f"{pair.disputed:,} examples"
    found = (
        f"On {count}, exactly one of the two is right: {first} on {pair.only_first:,}, {second} on"
        f" {pair.only_second:,}."
    )
    if pair.exhaustive:
        found += " All possible examples were read"
        if pair.is_decided:
            return f"{found}, so luck plays no part: {better} is better."
        return f"{found}, so the two are equally good."
    found += (
        " If the two were equally good, each of these examples would be a coin toss, and a split of"
        f" {pair.only_first:,} to {pair.only_second:,}, or a more uneven one, would come up in"
        f" {_chance(pair.p_value)} such comparisons."
    )
    if pair.is_decided:
        return f"{found} This is hardly luck: **{better} reads such examples better than {worse}.**"
    return (
        f"{found} This may well be luck: **the data does not show which of the two is better**, nor"
        " that they are equally good."
    )


def _chance(p_value: float) -> str:
    if p_value < _RARE:
        return f"fewer than 1 in {round(1 / _RARE):,}"
    return f"{percent(p_value, 1)} of"
