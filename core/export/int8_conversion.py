"""Networks quantised by LiteRT's converter. Imports TensorFlow: for worker processes only."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from core.data import Inputs
from core.errors import ModelUnusable
from core.models.saved_model import SavedModel
from core.networks.builder import with_probabilities
from core.networks.keras_files import read_network

_OPERATIONS: Mapping[str, Any] = {
    "int8": tf.lite.OpsSet.TFLITE_BUILTINS_INT8,
    "int16": tf.lite.OpsSet.EXPERIMENTAL_TFLITE_BUILTINS_ACTIVATIONS_INT16_WEIGHTS_INT8,
    "dynamic": tf.lite.OpsSet.TFLITE_BUILTINS,
}


def to_int8(network: bytes, model: SavedModel, representative: Inputs, scheme: str) -> bytes:
    """Returns a LiteRT file in whole numbers; input and output, probabilities, stay float32.

    Args:
        network: the Keras file.
        model: whose it is.
        representative: float32, shape (n, *input_shape), examples as the network meets them.
        scheme: one of `core.networks.formats.SCHEMES`.

    Raises:
        ModelUnusable: if the converter cannot do it.
    """

    def examples() -> Iterator[list[NDArray[np.float32]]]:
        for x in representative:
            yield [x[np.newaxis]]

    answering = _answering(read_network(network), model)
    options: dict[str, Any] = {
        "optimizations": [tf.lite.Optimize.DEFAULT],
        "target_spec": {"supported_ops": [_OPERATIONS[scheme]]},
    }
    if scheme != "dynamic":
        options["representative_dataset"] = examples
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.tflite"
        try:
            answering.export(path, format="litert", verbose=False, **options)
        except Exception as error:  # the converter knows many ways to fail
            raise ModelUnusable(f"{model.name} could not be quantised ({error}).") from error
        return path.read_bytes()


def _answering(network: keras.Model, model: SavedModel) -> keras.Model:
    return with_probabilities(network) if model.architecture.output == "linear" else network
