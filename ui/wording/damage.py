"""What damage did to a pattern, in a sentence; or why it can do nothing."""

from __future__ import annotations

from core.segments.damage import Damage, Reach
from core.segments.patterns import DIGIT_PATTERNS, SEGMENTS
from core.text import listed
from ui.wording.articles import article

_ORDINALS = (
    *("first", "second", "third", "fourth", "fifth"),
    *("sixth", "seventh", "eighth", "ninth", "tenth"),
)


def damage_in_words(damage: Damage) -> str:
    """Returns what the pattern was, what changed, and how many draws changed nothing."""
    return f"{change_in_words(damage.before, damage.after)}{_draws(damage.draw)}"


def change_in_words(before: str, after: str) -> str:
    """Returns what a pattern was and how it differs from the one now shown."""
    was = _was(before)
    if before == after:
        return f"{was}, and after several faults it is again."
    changes = []
    if dark := _segments(before, "1", after, "0"):
        changes.append(f"{_named(dark)} went dark")
    if lit := _segments(before, "0", after, "1"):
        changes.append(f"{_named(lit)} lit up")
    return f"{was}; {listed(changes)}."


def why_no_change(reach: Reach, pattern: str, level: float) -> str:
    """Says why a fault can never change a pattern.

    Args:
        reach: the segments that the fault can change.
        pattern: one that it cannot change.
        level: of the fault.
    """
    if level == 0:
        return "At level 0 nothing fails. Move the slider to the right."
    if not reach.dark and not reach.lit:
        return "Nothing can fail: every percentage in your table is 0."
    reasons = []
    if reach.dark:
        reasons.append(_already(reach.dark, "dark", "can go dark", pattern == "0" * len(pattern)))
    if reach.lit:
        reasons.append(_already(reach.lit, "lit", "can light up", pattern == "1" * len(pattern)))
    return f"This fault cannot change this pattern: {'; '.join(reasons)}."


def pattern_in_words(pattern: str) -> str:
    """Returns which segments are lit: "segments a and b are lit", for screen readers too."""
    lit = _segments(pattern, "1", pattern, "1")
    if not lit:
        return "no segment is lit"
    if len(lit) == len(SEGMENTS):
        return "all seven segments are lit"
    return f"{_named(lit)} {'is' if len(lit) == 1 else 'are'} lit"


def _was(pattern: str) -> str:
    if pattern in DIGIT_PATTERNS:
        return f"It was {article(DIGIT_PATTERNS.index(pattern))}"
    lit = _segments(pattern, "1", pattern, "1")
    if not lit:
        return "No segment was lit"
    return f"It was no digit, but {'segment' if len(lit) == 1 else 'segments'} {listed(lit)}"


def _segments(before: str, from_: str, after: str, to: str) -> str:
    return "".join(
        segment
        for segment, old, new in zip(SEGMENTS, before, after, strict=True)
        if (old, new) == (from_, to)
    )


def _named(letters: str) -> str:
    return f"{'segment' if len(letters) == 1 else 'segments'} {listed(letters)}"


def _already(letters: str, state: str, can: str, all_are: bool) -> str:
    if all_are:
        return f"all segments are {state} already"
    only = f"only {_named(letters)} {can}, and"
    if len(letters) == 1:
        return f"{only} it is {state} already"
    return f"{only} {'both' if len(letters) == 2 else 'all'} are {state} already"


def _draws(draw: int) -> str:
    if draw == 1:
        return ""
    this = _ORDINALS[draw - 1] if draw <= len(_ORDINALS) else f"number {draw:,}"
    if draw == 2:
        return f" The first draw changed nothing; this is the {this}."
    article_ = "the " if draw <= len(_ORDINALS) else ""
    return f" The first {draw - 1:,} draws changed nothing; this is {article_}{this}."
