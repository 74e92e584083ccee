"""Descriptions of networks: what is in them, not how they are built.

A description is small, frozen and can be written as JSON, so that it can stand on a card, travel to
a worker and be compared. `core.networks.builder` builds the Keras model from it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated

from pydantic import StrictBool, TypeAdapter
from pydantic.dataclasses import dataclass

from core.errors import InvalidInput
from core.schema import DEFERRED, Bounds, OneOf

MAX_LAYERS = 6
MAX_UNITS = 1024
MAX_DROPOUT = 0.9
KERNEL_SIZES = (3, 5, 7)
MAX_CONVOLUTIONS = 3
DOWNSAMPLINGS = ("pool", "stride")
PADDINGS = ("valid", "same")
NORM_POSITIONS = ("before", "after")
OUTPUTS = ("softmax", "linear")
ACTIVATIONS = ("relu", "tanh", "sigmoid", "gelu", "none")
CELLS = ("simple", "gru", "lstm")
_ACTIVATION_NAMES = {"relu": "ReLU", "tanh": "tanh", "sigmoid": "sigmoid", "gelu": "GELU"}
_CELL_NAMES = {"simple": "Simple recurrent", "gru": "GRU", "lstm": "LSTM"}
# Sums of all inputs that a cell computes for each of its units: its state, or its gates as well.
_GATES = {"simple": 1, "gru": 3, "lstm": 4}
DROPOUT = Bounds(
    0, MAX_DROPOUT, 0, "Dropout", "Share of units switched off at random during training."
)
CONVOLUTIONS = Bounds(
    1, MAX_CONVOLUTIONS, 1, "Convolutions", "How many follow one another in a block.", whole=True
)


def _check_sizes(what: str, sizes: Sequence[int]) -> tuple[int, ...]:
    if not 1 <= len(sizes) <= MAX_LAYERS or not all(1 <= size <= MAX_UNITS for size in sizes):
        raise InvalidInput(
            f"Expected 1 to {MAX_LAYERS} {what}, each of 1 to {MAX_UNITS}. Received: {list(sizes)}"
        )
    return tuple(int(size) for size in sizes)


@dataclass(frozen=True, config=DEFERRED)
class Layer:
    """One layer as a model summary shows it.

    Args:
        name: what it is, in the field's words.
        output_shape: of one example, without the batch.
        parameters: its weights, those that are not trained included.
    """

    name: str
    output_shape: tuple[int, ...]
    parameters: int


@dataclass(frozen=True, config=DEFERRED)
class Architecture:
    """What every network here has: perhaps convolutions or recurrent layers, dense layers, outputs.

    Args:
        hidden: units of each dense hidden layer, first to last. Without any, and without
            convolutions or recurrent layers, the network is linear: softmax regression.
        dropout: share of units silenced during training after each hidden layer (without hidden
            layers: before the output), 0..0.9.
        batch_norm: whether each hidden layer and each convolution is batch-normalised.
        filters: filters of each block of convolutions before the dense layers; empty for a
            purely dense network.
        kernel_size: height and width of every convolution: 3, 5 or 7. Defaults to 3.
        downsampling: how each block halves the picture: "pool" (2x2 max-pooling after it) or
            "stride" (its last convolution moves two pixels at a time, which costs a quarter of
            the work).
        norm_position: batch normalisation "before" the activation, as its inventors have it, or
            "after" it.
        norm_momentum: share of the running means that batch normalisation keeps at each step; less
            than Keras' 0.99 suits runs of few steps.
        output: "softmax" (probabilities) or "linear" (logits, which the loss turns into
            probabilities itself; rounding then loses less).
        convolutions: how many follow one another in each block: 1 to 3. Defaults to 1.
        padding: what a convolution does at the picture's edge: "valid" (the picture gets smaller)
            or "same" (zeros around it keep its size).
        activation: the function after each hidden layer and each convolution: "relu", "tanh",
            "sigmoid", "gelu", or "none", with which all layers together do no more than one.
            Recurrent layers have the functions of their cell. Defaults to "relu".
        recurrent: units of each recurrent layer, first to last. They read an input of shape
            (steps, features) step by step; the last one hands on what it holds after the last step.
            Empty for a network without.
        cell: what a recurrent layer is made of: "simple" (Elman's: a tanh of input and state),
            "gru" or "lstm" (gates decide what is kept). Defaults to "simple".
    """

    hidden: tuple[int, ...]
    dropout: Annotated[float, DROPOUT] = 0.0
    batch_norm: StrictBool = False
    filters: tuple[int, ...] = ()
    kernel_size: Annotated[int, OneOf(KERNEL_SIZES, "the kernel size")] = 3
    downsampling: Annotated[str, OneOf(DOWNSAMPLINGS, "the downsampling")] = "pool"
    norm_position: Annotated[str, OneOf(NORM_POSITIONS, "the place of batch normalisation")] = (
        "before"
    )
    output: Annotated[str, OneOf(OUTPUTS, "the output")] = "softmax"
    norm_momentum: float = 0.99
    convolutions: Annotated[int, CONVOLUTIONS] = 1
    padding: Annotated[str, OneOf(PADDINGS, "the padding")] = "valid"
    activation: Annotated[str, OneOf(ACTIVATIONS, "the activation")] = "relu"
    recurrent: tuple[int, ...] = ()
    cell: Annotated[str, OneOf(CELLS, "the cell of recurrent layers")] = "simple"

    def __post_init__(self) -> None:
        if self.filters:
            object.__setattr__(self, "filters", _check_sizes("convolutions", self.filters))
        if self.recurrent:
            sizes = _check_sizes("recurrent layers", self.recurrent)
            object.__setattr__(self, "recurrent", sizes)
            if self.filters:
                raise InvalidInput(
                    "Convolutions read pictures and recurrent layers read sequences: a network"
                    " has one or the other."
                )
        if self.hidden:
            object.__setattr__(self, "hidden", _check_sizes("hidden layers", self.hidden))
        if not 0 < self.norm_momentum < 1:
            raise InvalidInput(
                "Expected the momentum of batch normalisation between 0 and 1."
                f" Received: {self.norm_momentum}"
            )

    @property
    def summary(self) -> str:
        """The network in one line, for lists and legends."""
        times = f"{self.convolutions}x " if self.convolutions > 1 else ""
        layers = [f"{times}conv {size}" for size in self.filters]
        layers += [f"{self.cell_name.lower()} {units}" for units in self.recurrent]
        layers += [f"dense {units}" for units in self.hidden]
        if not layers:
            layers = ["no hidden layer"]
        if self.filters and self.kernel_size != 3:
            layers.append(f"kernels {self.kernel_size}x{self.kernel_size}")
        if self.filters and self.downsampling == "stride":
            layers.append("stride 2")
        if self.activation != "relu" and (self.filters or self.hidden):
            layers.append(self.activation_name or "no activation")
        if self.batch_norm:
            layers.append("batch norm")
        if self.dropout:
            layers.append(f"dropout {self.dropout:g}")
        if self.output == "linear":
            layers.append("logits")
        return ", ".join(layers)

    def layers(self, input_shape: tuple[int, ...], num_classes: int) -> list[Layer]:
        """Lists the layers with shapes and sizes, worked out without building the network.

        Args:
            input_shape: of one example, without the batch: (7,), (6, 10) or (28, 28, 1).
            num_classes: units of the last layer.

        Raises:
            InvalidInput: if convolutions are asked for an input that is not a picture, or for
                more of them than the picture has pixels for, or recurrent layers for an input
                that is not a sequence.
        """
        if self.filters and len(input_shape) != 3:
            raise InvalidInput("Convolutions need pictures; these inputs are none.")
        if self.recurrent and len(input_shape) != 2:
            raise InvalidInput("Recurrent layers need sequences; these inputs are none.")
        layers = [Layer("Input", input_shape, 0)]
        shape = input_shape
        for filters in self.filters:
            shape = self._convolved(layers, shape, filters)
        for number, units in enumerate(self.recurrent, start=1):
            weights = self._cell_weights(shape[-1], units)
            shape = (units,) if number == len(self.recurrent) else (shape[0], units)
            layers.append(Layer(self.cell_name, shape, weights))
        if len(shape) > 1:
            shape = (math.prod(shape),)
            layers.append(Layer("Flatten", shape, 0))
        for units in self.hidden:
            layers.append(Layer("Dense", (units,), (shape[0] + 1) * units))
            shape = (units,)
            layers += self._activated(shape)
            if self.dropout:
                layers.append(Layer("Dropout", shape, 0))
        if self.dropout and not self.hidden:
            layers.append(Layer("Dropout", shape, 0))
        name = "Dense, softmax" if self.output == "softmax" else "Dense, linear"
        layers.append(Layer(name, (num_classes,), (shape[0] + 1) * num_classes))
        return layers

    def _convolved(
        self, layers: list[Layer], shape: tuple[int, ...], filters: int
    ) -> tuple[int, ...]:
        """Appends a block of convolutions with all that belongs to it; returns the shape after."""
        height, width, channels = shape
        for stride in self.strides:
            height, width = (self._side_after(side, stride) for side in (height, width))
            if min(height, width) < 1:
                self._refuse_convolutions()
            shape = (height, width, filters)
            weights = self.kernel_size**2 * channels * filters + filters
            layers.append(
                Layer(f"Convolution {self.kernel_size}x{self.kernel_size}", shape, weights)
            )
            layers += self._activated(shape)
            channels = filters
        if self.downsampling == "pool":
            if min(height, width) < 2:
                self._refuse_convolutions()
            shape = (height // 2, width // 2, filters)
            layers.append(Layer("Max-pooling 2x2", shape, 0))
        return shape

    @property
    def activation_name(self) -> str:
        """What the field calls the activation; empty for none."""
        return _ACTIVATION_NAMES.get(self.activation, "")

    @property
    def cell_name(self) -> str:
        """What the field calls a recurrent layer of this cell."""
        return _CELL_NAMES[self.cell]

    def _cell_weights(self, features: int, units: int) -> int:
        """Returns the weights of a recurrent layer; Keras' GRU has a second row of biases."""
        biases = 2 if self.cell == "gru" else 1
        return _GATES[self.cell] * units * (features + units + biases)

    @property
    def strides(self) -> tuple[int, ...]:
        """How many pixels each convolution of a block moves at a time."""
        last = 2 if self.downsampling == "stride" else 1
        return (1,) * (self.convolutions - 1) + (last,)

    def _side_after(self, side: int, stride: int) -> int:
        if self.padding == "same":
            return -(-side // stride)
        return (side - self.kernel_size) // stride + 1

    def _refuse_convolutions(self) -> None:
        raise InvalidInput(
            f"The picture has too few pixels for {len(self.filters) * self.convolutions}"
            f" convolutions of {self.kernel_size}x{self.kernel_size}: take fewer, or smaller ones."
        )

    def _activated(self, shape: tuple[int, ...]) -> list[Layer]:
        """Returns the activation after a layer, with batch normalisation where it belongs."""
        function = [Layer(self.activation_name, shape, 0)] if self.activation_name else []
        if not self.batch_norm:
            return function
        norm = [Layer("Batch normalisation", shape, 4 * shape[-1])]
        return norm + function if self.norm_position == "before" else function + norm

    def parameter_count(self, input_shape: tuple[int, ...], num_classes: int) -> int:
        """Returns the number of weights, those that are not trained included."""
        return sum(layer.parameters for layer in self.layers(input_shape, num_classes))


ARCHITECTURE = TypeAdapter(Architecture)
