"""Signed numbers as colours: blue-green above zero, orange below, nothing at zero."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

# Of lines and bars, in the theme's own colours.
FOR, AGAINST = "var(--st-link-color)", "var(--st-chart-categorical-colors)[1]"
# From zero outwards, on a dark ground like the digits in both themes.
_STOPS = (0.0, 0.6, 1.0)
_ABOVE = ((12, 20, 22), (53, 191, 172), (205, 244, 237))
_BELOW = ((12, 20, 22), (201, 101, 42), (255, 217, 194))


def picture_of(values: NDArray[np.float32], largest: float) -> NDArray[np.uint8]:
    """Returns signed numbers as a picture.

    Args:
        values: float32, shape (height, width).
        largest: the magnitude with the brightest colour; larger ones look the same.

    Returns:
        uint8, shape (height, width, 3).
    """
    shares = np.clip(values / largest if largest > 0 else np.zeros_like(values), -1, 1)
    strength = np.abs(shares)
    channels = [
        np.where(
            shares >= 0,
            np.interp(strength, _STOPS, [stop[n] for stop in _ABOVE]),
            np.interp(strength, _STOPS, [stop[n] for stop in _BELOW]),
        )
        for n in range(3)
    ]
    return np.stack(channels, axis=-1).round().astype(np.uint8)


def diverging_scale() -> list[list[Any]]:
    """Returns Plotly's colour scale from negative to positive in the theme's colours.

    Zero has the colour of the page, which makes it invisible.
    """
    stops: list[list[Any]] = [[0.1 * n, f"var(--st-chart-diverging-colors)[{n}]"] for n in range(5)]
    stops.append([0.5, "var(--st-background-color)"])
    stops += [[0.1 * (n + 1), f"var(--st-chart-diverging-colors)[{n}]"] for n in range(5, 10)]
    return stops
