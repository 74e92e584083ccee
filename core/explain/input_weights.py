"""How much weight a network's first layer gives to each segment: the crudest explanation.

It looks only at the first layer, and at no particular pattern. The saved network is read as a file,
without Keras.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelUnusable
from core.models.keras_layers import read_layers
from core.models.saved_model import SavedModel
from core.models.store import ModelStore
from core.segments.patterns import SEGMENTS


def input_importance(model: SavedModel) -> NDArray[np.float64]:
    """Returns each segment's share of the first dense layer's weights, ignoring signs.

    Args:
        model: a seven-segment model. An ensemble counts as the mean of its members.

    Returns:
        float64, shape (7,), summing to 1; zeros where all weights are zero.

    Raises:
        ModelUnusable: if its file cannot be read, or holds no such layer.
    """
    if model.is_ensemble:
        store = ModelStore(model.folder.parent)
        shares = [input_importance(store.get(name)) for name in model.members]
        return np.asarray(np.mean(shares, axis=0), np.float64)
    if not model.has_layers:
        raise ModelUnusable(f"{model.name} came as a LiteRT file, which does not tell its layers.")
    weights = np.abs(_first_weights(model))
    total = float(weights.sum())
    return np.asarray(weights.sum(axis=1) / total if total else np.zeros(len(weights)), np.float64)


def _first_weights(model: SavedModel) -> NDArray[np.float64]:
    """Returns the first dense layer's weights: float64, shape (7, units)."""
    dense = (each for each in read_layers(model) if each.kind == "Dense" and each.weights)
    weights = next((layer.weights[0].astype(np.float64) for layer in dense), np.zeros((0, 0)))
    if weights.ndim != 2 or len(weights) != len(SEGMENTS) or not np.isfinite(weights).all():
        raise ModelUnusable(f"{model.name}: its first layer does not look at seven segments.")
    return weights
