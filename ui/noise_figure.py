"""The figure of accuracy by noise level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.noise import LEVELS, MAX_LEVEL, Noise
from core.robustness import NoisePoint


def noise_figure(
    curves: Mapping[str, Sequence[NoisePoint]],
    *,
    level: float,
    noise: Noise,
    ceiling: Sequence[float] | None,
    data: str,
) -> dict[str, Any]:
    """Returns a curve with its 95 % intervals for each model, and the slider's level marked.

    Args:
        curves: the points measured so far by model.
        level: where the slider stands.
        noise: the kind of noise.
        ceiling: the exact best accuracy at each of LEVELS, or None where it is not known.
        data: in words, what was measured on.
    """
    traces: list[dict[str, Any]] = [_curve(name, points) for name, points in curves.items()]
    if ceiling is not None:
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": "best possible",
                "x": list(LEVELS),
                "y": [100 * value for value in ceiling],
                "line": {"dash": "dash", "color": "var(--st-text-color)"},
                "hovertemplate": "best possible: %{y:.2f} %<extra></extra>",
            }
        )
    return {
        "data": traces,
        "layout": {
            "title": {"text": f"Accuracy on {data}"},
            "xaxis": {
                "title": {"text": f"noise level: {noise.level_label}"},
                "range": [-0.01, MAX_LEVEL + 0.01],
            },
            "yaxis": {"title": {"text": "accuracy (%)"}, "range": [0, 102]},
            "hovermode": "x unified",
            "uirevision": noise.name,
            "margin": {"t": 64},
            "showlegend": True,
            "shapes": [
                {
                    "type": "line",
                    "x0": level,
                    "x1": level,
                    "y0": 0,
                    "y1": 1,
                    "yref": "paper",
                    "line": {"color": "var(--st-primary-color)", "width": 2, "dash": "dot"},
                }
            ],
        },
    }


def _curve(name: str, points: Sequence[NoisePoint]) -> dict[str, Any]:
    values = [100 * point.accuracy.value for point in points]
    intervals = [point.accuracy.interval for point in points]
    highs = [100 * high - value for (_, high), value in zip(intervals, values, strict=True)]
    lows = [value - 100 * low for (low, _), value in zip(intervals, values, strict=True)]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": [point.level for point in points],
        "y": values,
        "error_y": {"type": "data", "array": highs, "arrayminus": lows, "thickness": 1, "width": 2},
        "hovertemplate": f"{name}: %{{y:.2f}} %<extra></extra>",
    }
