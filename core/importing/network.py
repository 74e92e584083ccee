"""A network from outside loaded by Keras and fitted to a task. For a process of its own only."""

from __future__ import annotations

import keras
import numpy as np

from core.data import Inputs
from core.errors import InvalidInput
from core.importing.matching import Adaptation, Outputs, Shape
from core.networks.builder import parameter_count
from core.networks.keras_files import read_network

BATCH = 500


def load(data: bytes, *, max_parameters: int) -> keras.Model:
    """Loads a checked `.keras` file; Keras' safe mode is on.

    Args:
        data: from `keras_archive.checked`.
        max_parameters: as many weights as it may have.

    Raises:
        InvalidInput: if Keras cannot load it, or it has several inputs or outputs.
    """
    try:
        model = read_network(data)
    except Exception as error:  # whatever Keras raises for a foreign file
        said = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        raise InvalidInput(f"Keras cannot load the network: {said}") from error
    if not getattr(model, "built", False) or len(model.inputs) != 1 or len(model.outputs) != 1:
        raise InvalidInput("The network needs exactly one input of known shape, and one output.")
    if (count := parameter_count(model)) > max_parameters:
        raise InvalidInput(
            f"The network has {count:,} weights; this server takes {max_parameters:,}."
        )
    return model


def shapes_of(model: keras.Model) -> tuple[Shape, Shape]:
    """Returns the shapes of input and output without the batch."""
    return tuple(model.inputs[0].shape[1:]), tuple(model.outputs[0].shape[1:])


def predict(model: keras.Model, x: Inputs) -> Outputs:
    """Returns a network's outputs, float32 of shape (n, classes), for examples of a task."""
    shape = tuple(size or ours for size, ours in zip(*_padded(model, x), strict=True))
    parts = [
        np.asarray(model(part.reshape(-1, *shape), training=False), np.float32)
        for part in (x[start : start + BATCH] for start in range(0, len(x), BATCH))
    ]
    return np.concatenate(parts)


def _padded(model: keras.Model, x: Inputs) -> tuple[Shape, Shape]:
    shape = tuple(model.inputs[0].shape[1:])
    ours = x.shape[1:] if len(x.shape) - 1 == len(shape) else (1,) * len(shape)
    return shape, ours


def adapted(
    model: keras.Model, adaptation: Adaptation, input_shape: tuple[int, ...]
) -> keras.Model:
    """Returns a network that fits a task, of the layers of another.

    Args:
        model: the network.
        adaptation: what is added.
        input_shape: of one example of the task, without the batch.
    """
    before = []
    if adaptation.reshape:
        before.append(keras.layers.Reshape(model.inputs[0].shape[1:], name="digit_lab_reshape"))
    if adaptation.factor != 1 or adaptation.offset != 0:
        before.append(
            keras.layers.Rescaling(adaptation.factor, adaptation.offset, name="digit_lab_rescale")
        )
    behind = [keras.layers.Softmax(name="digit_lab_softmax")] if adaptation.softmax else []
    plain = isinstance(model, keras.Sequential)
    fits = tuple(model.inputs[0].shape[1:]) == input_shape
    if not before and fits and not behind:
        return model
    if not before and fits and not plain:
        return keras.Model(model.inputs, behind[0](model.outputs[0]))
    layers = model.layers if plain else [model]
    return keras.Sequential([keras.Input(input_shape), *before, *layers, *behind])
