"""A saved model in a sentence or two."""

from __future__ import annotations

from core.metrics.accuracy import Accuracy, percent
from core.models.saved_model import SavedModel
from core.text import listed


def model_in_short(model: SavedModel) -> str:
    """Returns one plain sentence: how good the model is."""
    complete = [figure for figure in model.figures if figure.exhaustive]
    sampled = [figure for figure in model.figures if not figure.exhaustive]
    clauses = [
        f"reads all {figure.total:,} {figure.data}"
        if figure.correct == figure.total
        else f"reads {figure.correct:,} of all {figure.total:,} {figure.data}"
        for figure in complete
    ]
    if sampled:
        clauses.append(f"right on {listed([_measured(model, figure) for figure in sampled])}")
    sentence = "; ".join(clauses) or "its accuracy was not measured"
    return f"{sentence[0].upper()}{sentence[1:]}."


def model_details(model: SavedModel) -> str:
    """Returns what is inside the model, and its measured accuracies with their intervals."""
    measured = " ".join(f"Right on {figure}." for figure in model.figures)
    return f"{model.summary}. {measured}"


def _measured(model: SavedModel, figure: Accuracy) -> str:
    noise, level = model.noise
    if noise is None or figure.best is None:
        return f"{percent(figure.value, 1)} of {figure.total:,} {figure.data}"
    return (
        f"{percent(figure.value, 1)} of its noisy test examples (“{noise.title}” at {level:g}),"
        f" where {percent(figure.best, 1)} is the best possible on average"
    )
