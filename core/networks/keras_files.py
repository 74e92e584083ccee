"""A network as the files of a saved model. Imports TensorFlow: for worker processes only."""

from __future__ import annotations

import importlib.metadata
import platform
import tempfile
from pathlib import Path

import keras
import tensorflow as tf

from core.networks.builder import with_probabilities
from core.networks.formats import KERAS_FILE, LITERT_FILE
from core.networks.older_keras import opens_in_older

_PACKAGES = ("keras", "numpy", "ai-edge-litert")


def write_network(model: keras.Model, *, logits: bool) -> dict[str, bytes]:
    """Returns a network as the bytes of a model's two files.

    The Keras file opens in older versions of Keras, too.

    Args:
        model: the network.
        logits: whether it outputs logits; the LiteRT file then ends in a softmax.
    """
    with tempfile.TemporaryDirectory() as folder:
        keras_path, litert_path = Path(folder) / KERAS_FILE, Path(folder) / LITERT_FILE
        model.save(keras_path)
        answering = with_probabilities(model) if logits else model
        answering.export(litert_path, format="litert", verbose=False)
        return {
            KERAS_FILE: opens_in_older(keras_path.read_bytes()),
            LITERT_FILE: litert_path.read_bytes(),
        }


def read_network(data: bytes) -> keras.Model:
    """Returns the network in the bytes of a KERAS_FILE, not compiled."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / KERAS_FILE
        path.write_bytes(data)
        return keras.saving.load_model(path, compile=False)


def versions() -> dict[str, str]:
    """Returns the versions of Python and the packages that make networks, for a card."""
    return {
        "python": platform.python_version(),
        "tensorflow": tf.__version__,  # its package may be called tensorflow-cpu
        **{package: importlib.metadata.version(package) for package in _PACKAGES},
    }
