"""The figures of the Data page: the share of each class, and maps of examples."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data import NO_CLASS
from core.datasets.summary import Part
from core.imaging.image_files import to_png

# One for each class: as distinct as ten colours can be, with a contrast of 3 on the backgrounds of
# both themes. The marker's shape tells classes apart as well.
COLOURS = (
    "#2f7fc1",
    "#d9620a",
    "#2f9246",
    "#d43d3d",
    "#9067c6",
    "#9a6a4f",
    "#d65fae",
    "#7f7f7f",
    "#8f8f14",
    "#1494a6",
)
SYMBOLS = (
    "circle",
    "square",
    "diamond",
    "cross",
    "triangle-up",
    "triangle-down",
    "pentagon",
    "star",
    "hexagon",
    "hourglass",
)
NO_CLASS_WORDS = "none of them"


def class_words(label: int, classes: Sequence[str]) -> str:
    """Returns the name of a class, or the words for none."""
    return NO_CLASS_WORDS if label == NO_CLASS else classes[label]


def png_url(picture: NDArray[np.uint8]) -> str:
    """Returns a picture, uint8 of shape (height, width), as a data URL."""
    return f"data:image/png;base64,{base64.b64encode(to_png(picture)).decode('ascii')}"


def balance_figure(parts: Sequence[Part], classes: Sequence[str]) -> dict[str, Any]:
    """Returns bars side by side: the share of each class in each part.

    Shares, not counts: the training part is so large that the bars of the others would vanish.
    """
    with_none = any(part.counts[-1] for part in parts)
    names = [*classes, NO_CLASS_WORDS] if with_none else list(classes)
    return {
        "data": [
            {
                "type": "bar",
                "name": f"{part.name} ({part.size:,})",
                "x": names,
                "y": [100 * count / max(1, part.size) for count in part.counts[: len(names)]],
                "customdata": list(part.counts[: len(names)]),
                "marker": {"color": f"var(--st-chart-categorical-colors)[{index % 6}]"},
                "hovertemplate": f"{part.name}: %{{customdata:,}} of “%{{x}}”, %{{y:.1f}} %"
                "<extra></extra>",
            }
            for index, part in enumerate(parts)
        ],
        "layout": {
            "barmode": "group",
            "xaxis": {"type": "category", "title": {"text": "class"}, "fixedrange": True},
            "yaxis": {"title": {"text": "share (%)"}, "rangemode": "tozero"},
            "margin": {"t": 48},
            "showlegend": True,
        },
    }


def clicked_place(
    clicked: Mapping[str, Any] | None, labels: NDArray[np.int64], classes: Sequence[str]
) -> int | None:
    """Returns the index of the point that was clicked in a `map_figure`.

    Args:
        clicked: what `ui.components.plot.plot` returned.
        labels: int64, shape (n,), the same that the figure got.
        classes: their names.

    Returns:
        The index among all points, or None if no point was clicked.
    """
    if clicked is None or not isinstance(clicked.get("point"), int):
        return None
    for label in [*range(len(classes)), NO_CLASS]:
        places = np.flatnonzero(labels == label)
        if class_words(label, classes) == clicked.get("curve") and clicked["point"] < len(places):
            return int(places[clicked["point"]])
    return None


def map_figure(
    points: NDArray[np.floating[Any]],
    labels: NDArray[np.int64],
    *,
    classes: Sequence[str],
    pictures: Sequence[str],
    words: Sequence[str],
    axes: tuple[str, str],
    chosen: int | None = None,
    sizes: Sequence[float] | None = None,
) -> dict[str, Any]:
    """Returns a map of examples: a colour and shape for each class, a picture on hover.

    Args:
        points: shape (n, 2).
        labels: int64, shape (n,), the class of each, or NO_CLASS.
        classes: their names.
        pictures: one for each point, from `png_url`.
        words: the hover text of each point.
        axes: titles of the two axes; empty where an axis means nothing.
        chosen: index of the point with a ring around it. Defaults to none.
        sizes: of each marker in pixels. Defaults to 7 for all.
    """
    traces: list[dict[str, Any]] = []
    for label in [*range(len(classes)), NO_CLASS]:
        places: list[int] = np.flatnonzero(labels == label).tolist()
        if not places:
            continue
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": class_words(label, classes),
                "x": points[places, 0],
                "y": points[places, 1],
                "customdata": [pictures[place] for place in places],
                "text": [words[place] for place in places],
                "hovertemplate": "%{text}<extra></extra>",
                "marker": {
                    "color": _colour(label),
                    "symbol": "x" if label == NO_CLASS else SYMBOLS[label % len(SYMBOLS)],
                    "size": [sizes[place] for place in places] if sizes else 7,
                    "opacity": 0.85,
                },
            }
        )
    if chosen is not None:
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": "the one beside",
                "x": [points[chosen, 0]],
                "y": [points[chosen, 1]],
                "hoverinfo": "skip",
                "showlegend": False,
                "marker": {
                    "symbol": "circle-open",
                    "size": 20,
                    "color": "var(--st-text-color)",
                    "line": {"width": 3},
                },
            }
        )
    axis = {"zeroline": False, "showticklabels": bool(axes[0])}
    return {
        "data": traces,
        "layout": {
            "xaxis": axis | {"title": {"text": axes[0]}},
            "yaxis": axis | {"title": {"text": axes[1]}},
            "hovermode": "closest",
            "uirevision": "|".join(axes),
            "margin": {"t": 64},
            "showlegend": True,
        },
    }


def _colour(label: int) -> str:
    return "var(--st-text-color)" if label == NO_CLASS else COLOURS[label % len(COLOURS)]
