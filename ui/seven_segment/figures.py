"""The figures beside an explained pattern: one bar for each segment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.segments.patterns import SEGMENTS
from core.segments.shapley import Attribution, Flip
from ui.figures.colours import AGAINST, FOR
from ui.wording.articles import article

# The third colour; FOR and AGAINST are close to those of the display beside the figure.
_WHOLE = "var(--st-border-color)"
_ROOM = 12  # in points, for the text at the end of a bar


def points(share: float, decimals: int = 1) -> str:
    """Writes a difference of probabilities in percentage points: "+12.3", "−0.4", "0.0"."""
    text = f"{100 * share:+.{decimals}f}"
    return text[1:] if float(text) == 0 else text.replace("-", "−")


def shapley_figure(found: Attribution) -> dict[str, Any]:
    """Returns the steps from the base value to the probability, one for each segment."""
    steps = np.cumsum([found.base, *found.values])
    low, high = 100 * steps.min(), 100 * steps.max()
    return {
        "data": [
            {
                "type": "waterfall",
                "x": ["base", *SEGMENTS, "answer"],
                "measure": ["absolute", *["relative"] * len(SEGMENTS), "total"],
                "y": [100 * found.base, *(100 * found.values), 0],
                "text": [
                    f"{100 * found.base:.1f}",
                    *(points(value) for value in found.values),
                    f"{100 * found.value:.1f}",
                ],
                "textposition": "outside",
                "cliponaxis": False,
                "increasing": {"marker": {"color": FOR}},
                "decreasing": {"marker": {"color": AGAINST}},
                "totals": {"marker": {"color": _WHOLE}},
                "connector": {"line": {"color": "var(--st-text-color)", "width": 1, "dash": "dot"}},
                "hovertemplate": "%{x}: %{text}<extra></extra>",
            }
        ],
        "layout": _layout(
            f"From the base value to the probability of {article(found.digit)}",
            "segment",
            "probability (%)",
            [low - _ROOM if low < 0 else 0, max(100, high) + _ROOM],
        ),
    }


def flip_figure(flips: Sequence[Flip], digit: int) -> dict[str, Any]:
    """Returns a bar for each flip: how much it would change the probability of the answer."""
    return {
        "data": [
            _bars(
                [f"{flip.segment} → {flip.digit}" for flip in flips],
                [100 * flip.change for flip in flips],
                [points(flip.change) for flip in flips],
                "%{x}: %{text} points<extra></extra>",
            )
        ],
        "layout": _layout(
            f"How a flip would change the probability of {article(digit)}",
            "segment flipped → answer then",
            "change (percentage points)",
            [-100 - _ROOM, 100 + _ROOM],
        ),
    }


def weights_figure(shares: NDArray[np.float64]) -> dict[str, Any]:
    """Returns a bar for each segment: its share of the first layer's weights."""
    even = 100 / len(SEGMENTS)
    layout = _layout(
        "Share of the first layer's weights",
        "segment",
        "share (%)",
        [0, max(25.0, 115 * float(shares.max()))],
    )
    layout["shapes"] = [
        {
            "type": "line",
            **{"x0": 0, "x1": 1, "xref": "paper", "y0": even, "y1": even},
            "line": {"color": "var(--st-text-color)", "width": 1, "dash": "dash"},
        }
    ]
    return {
        "data": [
            _bars(
                list(SEGMENTS),
                [100 * share for share in shares],
                [f"{100 * share:.1f}" for share in shares],
                "%{x}: %{text} %<extra></extra>",
            )
            # At the top of a bar, the dashed line would run through the text.
            | {"textposition": "inside", "insidetextanchor": "middle"}
        ],
        "layout": layout,
    }


def _bars(x: list[str], y: list[float], text: list[str], hover: str) -> dict[str, Any]:
    return {
        "type": "bar",
        "x": x,
        "y": y,
        "text": text,
        "textposition": "outside",
        "cliponaxis": False,
        "marker": {"color": [AGAINST if value < 0 else FOR for value in y]},
        "hovertemplate": hover,
    }


def _layout(title: str, x: str, y: str, height: list[float]) -> dict[str, Any]:
    return {
        "title": {"text": title},
        "xaxis": {"type": "category", "title": {"text": x}, "fixedrange": True},
        "yaxis": {"range": height, "title": {"text": y}, "fixedrange": True},
        "showlegend": False,
        "uniformtext": {"mode": "show", "minsize": 9},  # else Plotly shrinks only some texts
    }
