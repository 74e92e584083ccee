"""What McNemar's test says about two networks."""

from __future__ import annotations

from core.metrics.accuracy import percent
from core.metrics.paired import SIGNIFICANT, PairedAnswers

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


def in_short(pair: PairedAnswers, first: str, second: str, *, p_value: float | None = None) -> str:
    """Says in two short sentences how often only one of two networks is right, and if it is luck.

    The p-value belongs into the details, see `details`.

    Args:
        pair: how often the two are right.
        first: the first, as Markdown, as it stands within a sentence.
        second: the second.
        p_value: after a correction for several comparisons. Defaults to that of this pair alone.
    """
    if pair.disputed == 0:
        return "Both are right on exactly the same examples."
    found = (
        f"Only {first} is right on {_examples(pair.only_first)}, only {second} on"
        f" {pair.only_second:,}."
    )
    if pair.ahead is None:
        return found
    if pair.exhaustive:
        return f"{found} These are all examples that exist, so luck plays no part."
    decided = pair.is_decided_at(pair.p_value if p_value is None else p_value)
    return f"{found} This {'is hardly' if decided else 'may be'} luck."


def details(pair: PairedAnswers) -> str:
    """Explains the test to a beginner, with its p-value."""
    if pair.exhaustive or not pair.disputed:
        return "Both read the same examples, so what differs is real, not luck."
    return (
        f"Both read the same {pair.total:,} examples. Those that both get right, or both wrong, do"
        f" not show which is better. That leaves {_examples(pair.disputed)}. If the two were"
        " equally good, each of these would be a coin toss. How often would tosses split at least"
        f" as unevenly? That probability is *p* {p_words(pair.p_value)} (*McNemar's test*, exact)."
        f" Below {SIGNIFICANT:g}, we say “hardly luck”."
    )


def p_words(p_value: float) -> str:
    """Returns a p-value with its sign: "= 0.021"; "< 0.001" for the very small."""
    return f"< {_RARE:g}" if p_value < _RARE else f"= {p_value:.3f}"


def _examples(count: int) -> str:
    return "1 example" if count == 1 else f"{count:,} examples"


def _chance(p_value: float) -> str:
    if p_value < _RARE:
        return f"fewer than 1 in {round(1 / _RARE):,}"
    return f"{percent(p_value, 1)} of"
