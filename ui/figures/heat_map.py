"""Heat maps: tables of shares with coloured cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Only the theme's first colours: text is readable on all of these, in both themes.
_COLORS = 4
READABLE: Mapping[str, Any] = {
    "textfont": {"color": "var(--st-text-color)"},
    "colorscale": [
        [index / (_COLORS - 1), f"var(--st-chart-sequential-colors)[{index}]"]
        for index in range(_COLORS)
    ],
}


def heat_map(
    shares: NDArray[np.float64],
    *,
    rows: Sequence[str],
    columns: Sequence[str],
    title: str,
    row_title: str,
    column_title: str,
    hover: str,
    texts: Sequence[Sequence[str]],
    low: float = 0.0,
) -> dict[str, Any]:
    """Returns a heat map, its first row on top.

    Args:
        shares: float64, shape (rows, columns), 0..1.
        rows: the label of each row.
        columns: the label of each column.
        title: of the figure.
        row_title: what the rows are.
        column_title: what the columns are.
        hover: Plotly's template of the hover text; %{y}, %{x} and %{z} are the row, the column
            and the share in per cent.
        texts: the text in each cell.
        low: the share with the first colour. Defaults to 0.
    """
    axis = {"type": "category", "fixedrange": True}
    return {
        "data": [
            {
                "type": "heatmap",
                "x": list(columns),
                "y": list(rows),
                "z": 100 * shares,
                "zmin": 100 * low,
                "zmax": 100,
                "text": [list(row) for row in texts],
                "texttemplate": "%{text}",
                **READABLE,
                "showscale": False,
                "xgap": 1,
                "ygap": 1,
                "hovertemplate": f"{hover}<extra></extra>",
            }
        ],
        "layout": {
            "title": {"text": title},
            "xaxis": axis | {"title": {"text": column_title}},
            "yaxis": axis | {"title": {"text": row_title}, "autorange": "reversed"},
            "margin": {"t": 48},
        },
    }
