"""The colours of confidence: from a grey for a blind guess to the display's strongest blue-green.

Every colour has a contrast of at least 3 with an unlit segment, in both themes: whatever a colour
tells, lit and unlit segments must stay apart.
"""

from __future__ import annotations

from html import escape

from core.metrics.accuracy import percent

GUESS = 0.1  # the confidence of a blind guess among ten digits
# Red, green and blue at a blind guess and at full confidence.
_LIGHT = ((125, 113, 99), (0, 82, 73))
_DARK = ((140, 129, 116), (120, 255, 232))


def confidence_color(confidence: float) -> str:
    """Returns the CSS colour of a confidence, for the light and the dark theme.

    Args:
        confidence: 0..1; below a blind guess, the colour is that of a guess.
    """
    share = max(0.0, (confidence - GUESS) / (1 - GUESS))
    return f"light-dark({_between(*_LIGHT, share)}, {_between(*_DARK, share)})"


def legend() -> str:
    """Returns the scale as HTML: a bar of the colours between its two ends."""
    stops = ", ".join(confidence_color(GUESS + (1 - GUESS) * n / 8) for n in range(9))
    low, high = percent(GUESS, 0), percent(1, 0)
    return (
        '<div role="img" style="display: flex; align-items: center; gap: 0.6rem;'
        f' font-size: 0.9rem" aria-label="Colours from {low} to {high} confidence">'
        f"<span>{escape(low)} (a blind guess)</span>"
        '<span style="flex: 1 1 6rem; max-width: 16rem; height: 0.9rem; border-radius: 0.45rem;'
        f' background: linear-gradient(to right, {stops})"></span>'
        f"<span>{escape(high)} confident</span></div>"
    )


def _between(low: tuple[int, int, int], high: tuple[int, int, int], share: float) -> str:
    mixed = (round(a + share * (b - a)) for a, b in zip(low, high, strict=True))
    return "#" + "".join(f"{part:02x}" for part in mixed)
