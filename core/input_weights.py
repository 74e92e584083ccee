"""How much weight a network's first layer gives to each segment: the crudest way to ask why.

It looks at the first layer alone, whatever the later ones make of it, and at no pattern in
particular. The saved network is read as a file, without Keras.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelUnusable
from core.segments import SEGMENTS
from core.store import KERAS_FILE, ModelStore, SavedModel

_WEIGHTS_FILE = "model.weights.h5"
# Keras names the layers in its file by their kind and number, whatever the model calls them.
_FIRST_DENSE = "layers/dense/vars/0"


def input_importance(model: SavedModel) -> NDArray[np.float64]:
    """Returns each segment's share of the first dense layer's weights, signs left aside.

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
    weights = np.abs(_first_weights(model))
    total = float(weights.sum())
    return np.asarray(weights.sum(axis=1) / total if total else np.zeros(len(weights)), np.float64)


def _first_weights(model: SavedModel) -> NDArray[np.float64]:
    """Returns the first dense layer's weights: float64, shape (7, units)."""
    import h5py  # takes a third of a second, and few ask for it

    try:
        with zipfile.ZipFile(io.BytesIO(model.read(KERAS_FILE))) as archive:
            data = archive.read(_WEIGHTS_FILE)
        with h5py.File(io.BytesIO(data), "r") as file:
            found: Any = file[_FIRST_DENSE][()]
        weights = np.asarray(found, np.float64)
    except (OSError, KeyError, TypeError, ValueError, zipfile.BadZipFile, zlib.error) as error:
        raise ModelUnusable(
            f"{model.name}: no weights of a first layer can be read from {KERAS_FILE}."
        ) from error
    if weights.ndim != 2 or len(weights) != len(SEGMENTS) or not np.isfinite(weights).all():
        raise ModelUnusable(f"{model.name}: its first layer does not look at seven segments.")
    return weights
