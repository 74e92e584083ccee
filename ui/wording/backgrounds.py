"""What a pattern is compared with when its answer is shared out among the segments."""

from __future__ import annotations

from collections.abc import Mapping

from core.segments.shapley import ALL_DARK, ALL_LIT, AVERAGE_DIGIT, AVERAGE_PATTERN, Background

_TITLES: Mapping[str, str] = {
    AVERAGE_DIGIT.name: "the average of the ten clean digits",
    AVERAGE_PATTERN.name: "the average of all 128 patterns",
    ALL_DARK.name: "a dark display",
    ALL_LIT.name: "a display with all segments lit",
}
_UNTIL: Mapping[str, str] = {
    AVERAGE_DIGIT.name: "is as in a clean digit, averaged over all ten digits",
    AVERAGE_PATTERN.name: "is lit or dark with equal probability",
    ALL_DARK.name: "is dark, so segments that stay dark cannot count",
    ALL_LIT.name: "is lit, so segments that stay lit cannot count",
}


def background_title(background: Background) -> str:
    """Returns what a person reads, as the end of "compared with ..."."""
    return _TITLES.get(background.name, f"a clean {background.name}")


def background_description(background: Background) -> str:
    """Says where the segments come from that have not had their turn, and what follows."""
    until = _UNTIL.get(
        background.name,
        f"is as in a clean {background.name}, so only segments that differ from it can count",
    )
    return f"Until its turn, a segment {until}."
