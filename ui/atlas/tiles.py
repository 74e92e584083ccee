"""The tiles of the Atlas: their colours, captions and descriptions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from core.metrics.accuracy import percent
from core.segments.atlas import Entry, Verdict, by_answer, by_probability
from core.segments.patterns import SEGMENTS
from ui.atlas.scale import GUESS, confidence_color
from ui.components.segment_gallery import Tile

# A colour for each digit, in the light and in the dark theme, with a contrast of at least 3.
# Not everybody can tell ten colours apart, so the digit is always written as well.
DIGIT_COLORS: tuple[str, ...] = (
    "light-dark(#3d4b50, #9aa9b2)",
    "light-dark(#00796b, #35d0ba)",
    "light-dark(#c8500a, #ff9a56)",
    "light-dark(#3b36d4, #b9a8ff)",
    "light-dark(#bf21b3, #f091e8)",
    "light-dark(#5b4111, #f9e5b0)",
    "light-dark(#107ad0, #0a8efc)",
    "light-dark(#5f7f00, #a4d63f)",
    "light-dark(#c4123f, #ff5c6c)",
    "light-dark(#6b2f8f, #b57a45)",
)
SAME, DIFFERENT, IMPOSSIBLE = "", DIGIT_COLORS[2], "light-dark(#6f7a7d, #85939a)"


@dataclass(frozen=True)
class Look:
    """What the colours of the tiles mean.

    Args:
        title: the name in the list of choices.
        tile: returns the caption, the colour and how far the ground fades.
    """

    title: str
    tile: Callable[[Entry], tuple[str, str, float]]


def _answer(entry: Entry) -> tuple[str, str, float]:
    return str(entry.answer), DIGIT_COLORS[entry.answer], 0.0


def _confidence(entry: Entry) -> tuple[str, str, float]:
    faded = min(1, (1 - entry.confidence) / (1 - GUESS))
    return f"{entry.answer} · {_whole(entry.confidence)}", confidence_color(entry.confidence), faded


def _difference(entry: Entry) -> tuple[str, str, float]:
    match entry.verdict:
        case Verdict.SAME:
            return str(entry.answer), SAME, 0.0
        case Verdict.DIFFERENT:
            return f"{entry.answer} not {'/'.join(map(str, entry.best))}", DIFFERENT, 0.0
    return f"({entry.answer})", IMPOSSIBLE, 1.0


LOOKS: Mapping[str, Look] = {
    "answer": Look("Answer", _answer),
    "confidence": Look("Confidence", _confidence),
    "difference": Look("Best rule", _difference),
}
ORDERS: Mapping[str, str] = {
    "number": "Number",
    "answer": "Answer",
    "probability": "Probability",
}


def atlas_tiles(entries: Sequence[Entry], *, look: str, order: str) -> list[Tile]:
    """Returns a tile for each entry, in display order.

    Args:
        entries: the entries to show, by number.
        look: one of LOOKS.
        order: one of ORDERS; "answer" puts a heading above each digit, "probability" one above
            the patterns that cannot arise.
    """
    arrange = {"answer": by_answer, "probability": by_probability}.get(order, list)
    arranged = arrange(entries)
    headings = _headings(arranged, order)
    return [
        _tile(entry, heading, *LOOKS[look].tile(entry))
        for entry, heading in zip(arranged, headings, strict=True)
    ]


def _tile(entry: Entry, heading: str, caption: str, color: str, faded: float) -> Tile:
    return Tile(
        pattern=entry.pattern,
        label=describe(entry),
        caption=caption,
        color=color,
        faded=faded,
        framed=entry.is_digit,
        group=heading,
    )


def _headings(entries: Sequence[Entry], order: str) -> list[str]:
    match order:
        case "answer":
            answers = [entry.answer for entry in entries]
            return [f"{digit}: {patterns(answers.count(digit))}" for digit in answers]
        case "probability":
            impossible = sum(entry.verdict is Verdict.IMPOSSIBLE for entry in entries)
            words = f"Cannot arise under this noise: {patterns(impossible)}"
            return [words if entry.verdict is Verdict.IMPOSSIBLE else "" for entry in entries]
    return [""] * len(entries)


def describe(entry: Entry) -> str:
    """Returns everything that is known about an entry, in words."""
    lit = [letter for letter, bit in zip(SEGMENTS, entry.pattern, strict=True) if bit == "1"]
    name = f"{' '.join(lit)} lit" if lit else "nothing lit"
    digit = f", the digit {entry.digit}" if entry.is_digit else ""
    answer = f"the network answers {entry.answer}, {percent(entry.confidence, 1)} confident"
    if not entry.best:
        return f"{name}{digit}: {answer}; cannot arise under this noise"
    best = " or ".join(map(str, entry.best))
    return (
        f"{name}{digit}: {answer}; best possible answer {best}; "
        f"{percent(entry.probability, 2)} of all displays show it under this noise"
    )


def patterns(number: int) -> str:
    """Returns a number of patterns in words."""
    return f"{number} pattern{'' if number == 1 else 's'}"


def _whole(share: float) -> str:
    """Returns a share in few enough characters to fit under a small tile."""
    return ">99 %" if share > 0.99 else f"{share:.0%}".replace("%", " %")
