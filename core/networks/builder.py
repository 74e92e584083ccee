"""Keras models from architectures. Imports TensorFlow: for worker processes only."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from typing import Any

import keras

from core.networks.architecture import Architecture

_CELLS = {"simple": keras.layers.SimpleRNN, "gru": keras.layers.GRU, "lstm": keras.layers.LSTM}
LARGEST_SEED = 10**9  # the largest seed that Keras draws


def build(
    architecture: Architecture,
    *,
    input_shape: tuple[int, ...],
    num_classes: int,
    seed: int,
    l2: float = 0.0,
) -> keras.Model:
    """Builds the network, uncompiled, with fresh random weights.

    They are the same as after `keras.utils.set_random_seed(seed)`. That cannot be used here: it
    seeds Python's global generator, and in a worker other threads draw from it.

    Recurrent layers are unrolled, a copy for each step: LiteRT has no loop among the operations
    that the server answers with.

    Args:
        architecture: the description.
        input_shape: of one example, without the batch: (7,), (6, 10) or (28, 28, 1).
        num_classes: units of the last layer.
        seed: of the initial weights and of dropout.
        l2: factor of the L2 penalty on the weights of all layers, biases excepted. Defaults to 0.

    Returns:
        A model from (batch, *input_shape) to (batch, num_classes): probabilities, or logits
        where the architecture's output is linear.

    Raises:
        InvalidInput: if there are convolutions, but the input is not a picture, or recurrent
            layers, but it is not a sequence.
    """
    architecture.layers(input_shape, num_classes)  # rejects what cannot be built
    return keras.Sequential(
        [keras.Input(input_shape), *_layers(architecture, input_shape, num_classes, seed, l2)]
    )


def _layers(
    architecture: Architecture,
    input_shape: tuple[int, ...],
    num_classes: int,
    seed: int,
    l2: float,
) -> Iterator[keras.layers.Layer]:
    generator = random.Random(seed)

    def next_seed() -> int:
        return generator.randint(1, LARGEST_SEED)

    def kernel() -> dict[str, Any]:
        return {
            "kernel_initializer": keras.initializers.GlorotUniform(next_seed()),
            "kernel_regularizer": keras.regularizers.L2(l2) if l2 else None,
        }

    def recurrent(units: int, *, last: bool) -> keras.layers.Layer:
        # In the order in which Keras itself draws its seeds.
        simple = architecture.cell == "simple"
        before = next_seed() if simple else None
        weights = kernel() | {
            "recurrent_initializer": keras.initializers.Orthogonal(seed=next_seed()),
            "recurrent_regularizer": keras.regularizers.L2(l2) if l2 else None,
        }
        seed = before if simple else next_seed()
        return _CELLS[architecture.cell](
            units, return_sequences=not last, unroll=True, seed=seed, **weights
        )

    for filters in architecture.filters:
        for stride in architecture.strides:
            yield keras.layers.Conv2D(
                filters,
                architecture.kernel_size,
                strides=stride,
                padding=architecture.padding,
                **kernel(),
            )
            yield from _activation(architecture)
        if architecture.downsampling == "pool":
            yield keras.layers.MaxPooling2D(2)
    for number, units in enumerate(architecture.recurrent, start=1):
        yield recurrent(units, last=number == len(architecture.recurrent))
    if len(input_shape) > 1 and not architecture.recurrent:
        yield keras.layers.Flatten()
    for units in architecture.hidden:
        yield keras.layers.Dense(units, **kernel())
        yield from _activation(architecture)
        if architecture.dropout:
            yield keras.layers.Dropout(architecture.dropout, seed=next_seed())
    if architecture.dropout and not architecture.hidden:
        yield keras.layers.Dropout(architecture.dropout, seed=next_seed())
    yield keras.layers.Dense(num_classes, activation=architecture.output, **kernel())


def _activation(architecture: Architecture) -> Iterator[keras.layers.Layer]:
    if architecture.batch_norm and architecture.norm_position == "before":
        yield keras.layers.BatchNormalization(momentum=architecture.norm_momentum)
    if architecture.activation == "relu":
        yield keras.layers.ReLU()
    elif architecture.activation != "none":
        yield keras.layers.Activation(architecture.activation)
    if architecture.batch_norm and architecture.norm_position == "after":
        yield keras.layers.BatchNormalization(momentum=architecture.norm_momentum)


def with_probabilities(model: keras.Model) -> keras.Model:
    """Returns the model followed by a softmax; shares its weights."""
    return keras.Sequential([model, keras.layers.Softmax()])


def parameter_count(model: keras.Model) -> int:
    """Returns the number of weights in the model, non-trainable ones included."""
    return sum(math.prod(weight.shape) for weight in model.weights)
