"""The figures that move while a network is trained."""

from __future__ import annotations

from typing import Any

from core.history import History

_TRAINING = {"color": "var(--st-primary-color)"}
_VALIDATION = {"color": "var(--st-text-color)", "dash": "dash"}


def learning_curve(progress: Progress, *, quantity: str, run: str) -> dict[str, Any]:
    """Returns the course of one quantity on training and validation data.

    Args:
        progress: the run so far.
        quantity: "loss" or "accuracy".
        run: names the run; the zoom is kept as long as it stays the same.
    """
    scale, unit = (100, " (%)") if quantity == "accuracy" else (1, " (cross-entropy, nats)")
    batches = progress.started.batches if progress.started else 1
    digits = ".2f" if quantity == "accuracy" else ".4f"
    x = [batch.epoch - 1 + batch.batch / batches for batch in progress.batches]
    y = [scale * getattr(batch, quantity) for batch in progress.batches]
    epochs = [epoch.epoch for epoch in progress.epochs]
    return {
        "data": [
            {
                "type": "scatter",
                "mode": "lines",
                "name": "training, within the epoch",
                "x": x,
                "y": y,
                "line": _TRAINING | {"width": 1},
                "opacity": 0.5,
                "hoverinfo": "skip",
            },
            _by_epoch("training", epochs, progress, quantity, scale, digits, _TRAINING),
            _by_epoch(
                "validation", epochs, progress, f"val_{quantity}", scale, digits, _VALIDATION
            ),
        ],
        "layout": {
            "title": {"text": quantity.capitalize()},
            "xaxis": {"title": {"text": "epoch"}, "range": [0, progress.epochs_wanted]},
            "yaxis": {"title": {"text": quantity + unit}},
            "hovermode": "x unified",
            "showlegend": True,
            "uirevision": run,
            "margin": {"t": 96},
        },
    }


def _by_epoch(
    name: str,
    epochs: list[int],
    progress: Progress,
    field: str,
    scale: int,
    digits: str,
    line: dict[str, str],
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": name,
        "x": epochs,
        "y": [scale * getattr(epoch, field) for epoch in progress.epochs],
        "line": line,
        "hovertemplate": f"{name}: %{{y:{digits}}}<extra></extra>",
    }


def duration(seconds: float) -> str:
    """Writes a time in words short enough for a progress bar."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    return f"{int(seconds // 60)} min {round(seconds % 60):02d} s"
