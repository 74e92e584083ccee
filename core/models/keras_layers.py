"""The layers of a saved model with their weights, read without Keras."""

from __future__ import annotations

from core.models.saved_model import SavedModel
from core.networks.formats import KERAS_FILE
from core.networks.saved_layers import SavedLayer, parse_layers


def read_layers(model: SavedModel) -> tuple[SavedLayer, ...]:
    """Returns a network's layers without its input, each after those that it takes from.

    Args:
        model: any but an ensemble, which has no network of its own.

    Raises:
        ModelUnusable: if the file cannot be read, holds a network within the network, or a layer
            that is used several times.
    """
    return parse_layers(model.read(KERAS_FILE), name=model.name)
