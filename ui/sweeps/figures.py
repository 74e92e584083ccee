"""The heat map of networks trained at some noise levels and tested at all of them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any, Literal

import numpy as np

from core.evaluation.level_matrix import LevelMatrix
from core.metrics.accuracy import percent
from ui.figures.heat_map import READABLE

Shown = Literal["accuracy", "lost"]
CEILING_ROW = "best<br>possible"
ROW_PIXELS = 42
FRAME_PIXELS = 150  # axes, titles and the scale of colours
_GAP = 3  # pixels between cells, where the frames are drawn


def sweep_height(matrix: LevelMatrix) -> int:
    """Returns the heat map's height in CSS pixels."""
    return FRAME_PIXELS + ROW_PIXELS * (len(matrix.trained) + 1)


def sweep_figure(matrix: LevelMatrix, *, shown: Shown, noise: str) -> dict[str, Any]:
    """Returns a cell for every network and test level, with a frame around the best of a column.

    Args:
        matrix: the numbers; unknown cells stay empty.
        shown: "accuracy" in per cent, or "lost": points below the best.
        noise: name of the noise; a new name resets the zoom.
    """
    rows = [f"{level:g}" for level in matrix.trained]
    values = 100 * (matrix.accuracy if shown == "accuracy" else matrix.lost)
    hover = [[_in_words(matrix, *cell) for cell in _cells(matrix, row)] for row in range(len(rows))]
    if shown == "accuracy" and matrix.ceiling is not None:
        rows.append(CEILING_ROW)
        values = np.vstack([values, 100 * matrix.ceiling])
        hover.append(
            [
                f"tested at {level:g}: no classifier beats {percent(best)}"
                for level, best in zip(matrix.tested, matrix.ceiling, strict=True)
            ]
        )
    most = 100.0 if shown == "accuracy" else max(1.0, float(np.nanmax(values, initial=0)))
    return {
        "data": [
            {
                "type": "heatmap",
                "x": [f"{level:g}" for level in matrix.tested],
                "y": rows,
                "z": values,
                "text": [[_short(value, shown) for value in row] for row in values],
                "texttemplate": "%{text}",
                "hovertext": hover,
                "hoverinfo": "text",
                "hoverongaps": False,
                **READABLE,
                "zmin": 0,
                "zmax": most,
                "xgap": _GAP,
                "ygap": _GAP,
                "colorbar": {
                    "orientation": "h",
                    "thickness": 10,
                    "ypad": 0,
                    "len": 0.5,
                    "x": 0,
                    "xanchor": "left",
                    "y": 1.0,
                    "yanchor": "bottom",
                    "title": {
                        "text": "accuracy (%)" if shown == "accuracy" else "points below the best",
                        "side": "top",
                        "font": {"size": 14},
                    },
                },
            }
        ],
        "layout": {
            "xaxis": {
                "type": "category",
                "title": {"text": "tested at level"},
                "showgrid": False,
                "fixedrange": True,
            },
            "yaxis": {
                "type": "category",
                "title": {"text": "trained at level"},
                "autorange": "reversed",
                "showgrid": False,
                "fixedrange": True,
            },
            "margin": {"t": 8},
            "shapes": [_frame(*run) for run in marked(matrix)],
            "uirevision": f"{noise} {shown}",
        },
    }


def marked(matrix: LevelMatrix) -> list[tuple[int, int, int]]:
    """Returns the cells to frame as row, first and last column.

    These are the best of their column and all that may be as good; if every known network may be,
    there is nothing to point out.
    """
    rivals = matrix.rivals
    chosen = rivals & ~(rivals | np.isnan(matrix.accuracy)).all(axis=0)
    found = []
    for row, cells in enumerate(chosen):
        for is_best, run in groupby(range(len(cells)), key=lambda column: bool(cells[column])):
            columns = list(run)
            if is_best:
                found.append((row, columns[0], columns[-1]))
    return found


def table(matrix: LevelMatrix) -> Mapping[str, list[str]]:
    """Returns the same as columns of text: the test levels, then each network's accuracy."""
    columns = {"Tested at": [f"{level:g}" for level in matrix.tested]}
    for row, level in enumerate(matrix.trained):
        columns[f"Trained at {level:g}"] = [
            _figure(matrix, *cell) if np.isfinite(matrix.accuracy[cell]) else "–"
            for cell in _cells(matrix, row)
        ]
    if matrix.ceiling is not None:
        columns["Best possible"] = [percent(best) for best in matrix.ceiling]
    return columns


def _cells(matrix: LevelMatrix, row: int) -> list[tuple[int, int]]:
    return [(row, column) for column in range(len(matrix.tested))]


def _frame(row: int, first: int, last: int) -> dict[str, Any]:
    # On a category axis, a cell reaches half a unit to either side of its number.
    return {
        "type": "rect",
        "x0": first - 0.5,
        "x1": last + 0.5,
        "y0": row - 0.5,
        "y1": row + 0.5,
        "line": {"color": "var(--st-text-color)", "width": 2},
    }


def _short(value: float, shown: Shown) -> str:
    """Returns a cell's text in as few characters as possible."""
    if not np.isfinite(value):
        return ""
    if shown == "accuracy":
        return "99+" if 99.5 <= value < 100 else f"{value:.0f}"
    return "0" if value < 0.05 else f"{value:.1f}"


def _figure(matrix: LevelMatrix, row: int, column: int) -> str:
    words = percent(float(matrix.accuracy[row, column]))
    if matrix.is_exact:
        return words
    low, high = (float(end[row, column]) for end in (matrix.low, matrix.high))
    return f"{words} ({percent(low)} to {percent(high)})"


def _in_words(matrix: LevelMatrix, row: int, column: int) -> str:
    where = f"trained at {matrix.trained[row]:g}, tested at {matrix.tested[column]:g}"
    if not np.isfinite(matrix.accuracy[row, column]):
        return where
    if matrix.ceiling is not None:
        best = f"best possible {percent(float(matrix.ceiling[column]))}"
        return f"{where}<br>exactly {_figure(matrix, row, column)}, {best}"
    return f"{where}<br>{_figure(matrix, row, column)}".replace("(", "(95 % interval ")
