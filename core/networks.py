"""Keras models from architectures. Imports TensorFlow: for worker processes only."""

from __future__ import annotations

import math
from collections.abc import Iterator

import keras

from core.architecture import Architecture


def build(
    architecture: Architecture, *, input_shape: tuple[int, ...], num_classes: int
) -> keras.Model:
    """Builds the network, not yet compiled, with fresh random weights.

    Args:
        architecture: the description.
        input_shape: of one example, without the batch: (7,) or (28, 28, 1).
        num_classes: units of the softmax layer.

    Returns:
        A model from (batch, *input_shape) to (batch, num_classes) probabilities.

    Raises:
        ValueError: if convolutions are asked for an input that is not a picture.
    """
    if architecture.filters and len(input_shape) != 3:
        raise ValueError(
            f"Convolutions need a picture of (height, width, channels). Received: {input_shape}"
        )
    return keras.Sequential(
        [keras.Input(input_shape), *_layers(architecture, input_shape, num_classes)]
    )


def _layers(
    architecture: Architecture, input_shape: tuple[int, ...], num_classes: int
) -> Iterator[keras.layers.Layer]:
    for filters in architecture.filters:
        yield keras.layers.Conv2D(filters, 3, activation="relu")
        yield keras.layers.MaxPooling2D(2)
    if len(input_shape) > 1:
        yield keras.layers.Flatten()
    for units in architecture.hidden:
        yield keras.layers.Dense(units)
        if architecture.batch_norm:
            yield keras.layers.BatchNormalization()
        yield keras.layers.ReLU()
        if architecture.dropout:
            yield keras.layers.Dropout(architecture.dropout)
    yield keras.layers.Dense(num_classes, activation="softmax")


def parameter_count(model: keras.Model) -> int:
    """Returns the number of weights in the model, those that are not trained included."""
    return sum(math.prod(weight.shape) for weight in model.weights)
