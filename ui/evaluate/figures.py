"""The figures of the Evaluate page: the confusion matrix and the reliability diagram."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.evaluation.evaluation import rates
from core.metrics.accuracy import percent
from core.metrics.reliability import ReliabilityBin
from ui.figures.heat_map import heat_map

# Colours follow the cube root of a cell's share, to make three mistakes in a thousand visible.
_STRETCH = 1 / 3
_SMALLEST_SHARE = 0.0005  # written as 0.1 %
# A single mistake stands out from an empty cell.
_SCALE = [
    [0, "var(--st-chart-sequential-colors)[0]"],
    [_SMALLEST_SHARE**_STRETCH, "var(--st-chart-sequential-colors)[0]"],
    [_SMALLEST_SHARE**_STRETCH, "var(--st-chart-sequential-colors)[1]"],
    [1, "var(--st-chart-sequential-colors)[3]"],
]
_MARK = 5  # pixels across of a single answer's point


def confusion_figure(
    counts: NDArray[np.int64],
    classes: Sequence[str],
    *,
    as_rates: bool,
    selected: tuple[int, int],
    title: str,
    noun: str = "digit",
) -> dict[str, Any]:
    """Returns a heat map of a confusion matrix.

    Args:
        counts: int64, shape (classes, classes), labels by row and answers by column.
        classes: their names.
        as_rates: whether cells show shares of their row; otherwise counts.
        selected: row and column of the framed cell.
        title: of the figure.
        noun: what a class is called. Defaults to "digit".
    """
    shares = rates(counts)
    figure = heat_map(
        shares**_STRETCH,
        rows=classes,
        columns=classes,
        title=title,
        row_title=f"true {noun}",
        column_title="read as",
        hover="%{y} read as %{x}: %{customdata}",
        texts=cell_texts(counts, as_rates=as_rates),
    )
    figure["data"][0]["colorscale"] = _SCALE
    figure["data"][0]["customdata"] = [
        [f"{count:,} of {sum(row):,}, {percent(share, 1)}" for count, share in cells]
        for row, cells in (
            (row, zip(row, line, strict=True))
            for row, line in zip(counts.tolist(), shares.tolist(), strict=True)
        )
    ]
    row, column = selected
    figure["layout"]["shapes"] = [
        {
            "type": "rect",
            "x0": column - 0.5,
            "x1": column + 0.5,
            "y0": row - 0.5,
            "y1": row + 0.5,
            "line": {"color": "var(--st-text-color)", "width": 3},
        }
    ]
    return figure


def cell_texts(counts: NDArray[np.int64], *, as_rates: bool) -> list[list[str]]:
    """Returns the text of each cell: counts, or shares of the row in per cent."""
    if not as_rates:
        return [[f"{count:,}" if count else "" for count in row] for row in counts.tolist()]
    return [
        [_rate_text(share) if share >= _SMALLEST_SHARE else "" for share in row]
        for row in rates(counts).tolist()
    ]


def _rate_text(share: float) -> str:
    """Returns a share in per cent; only a perfect one is rounded to 100."""
    return "100" if share == 1 else f"{min(100 * share, 99.9):.1f}"


def reliability_figure(bins: Sequence[ReliabilityBin], *, title: str) -> dict[str, Any]:
    """Returns the reliability diagram: how often answers are right, by their confidence.

    Args:
        bins: the ranges of confidence that have answers.
        title: of the figure.
    """
    values = [100 * each.accuracy for each in bins]
    ends = [[100 * end for end in each.interval] for each in bins]
    color = "var(--st-primary-color)"
    return {
        "data": [
            {
                "type": "scatter",
                "mode": "lines",
                "x": [0, 100],
                "y": [0, 100],
                "line": {"color": "var(--st-gray-color)", "dash": "dash"},
                "hoverinfo": "skip",
            },
            {
                "type": "scatter",
                "mode": "markers",
                "x": [100 * each.confidence for each in bins],
                "y": values,
                "text": [reliability_words(each) for each in bins],
                "hovertemplate": "%{text}<extra></extra>",
                # The area grows with the logarithm, to fit both one answer and ten thousand.
                "marker": {
                    "color": color,
                    "size": [_MARK * math.sqrt(1 + math.log2(each.total)) for each in bins],
                },
                "error_y": {
                    "type": "data",
                    "array": [high - value for value, (_, high) in zip(values, ends, strict=True)],
                    "arrayminus": [
                        value - low for value, (low, _) in zip(values, ends, strict=True)
                    ],
                    "thickness": 1,
                    "color": color,
                },
                "cliponaxis": False,
            },
        ],
        "layout": {
            "title": {"text": title},
            "xaxis": {"title": {"text": "confidence (%)"}, "range": [-2, 102], "fixedrange": True},
            "yaxis": {
                "title": {"text": "right answers (%)"},
                "range": [-2, 102],
                "fixedrange": True,
            },
            "showlegend": False,
            "margin": {"t": 48},
        },
    }


def reliability_words(each: ReliabilityBin) -> str:
    """Describes one range of confidence, for the hover text and screen readers."""
    low, high = each.interval
    answers = "1 answer" if each.total == 1 else f"{each.total:,} answers"
    return (
        f"{answers}, on average {percent(each.confidence, 1)} confident:"
        f" {percent(each.accuracy, 1)} right ({percent(low, 1)} to {percent(high, 1)})"
    )
