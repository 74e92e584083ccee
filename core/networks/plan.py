"""A trained network as the few steps that compute its answer, for programs that are no Keras.

What only training needs is gone: dropout does nothing, and batch normalisation is folded into the
layer before it, where nothing stands between them (Jacob et al. 2018, section 3.2).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelUnusable
from core.networks.saved_layers import SavedLayer

Values: TypeAlias = NDArray[np.float32]
Shape: TypeAlias = tuple[int, ...]
Activation = Literal["linear", "relu", "tanh", "sigmoid", "gelu", "softmax"]
ACTIVATIONS: tuple[Activation, ...] = ("linear", "relu", "tanh", "sigmoid", "gelu", "softmax")
Cell = Literal["simple", "gru", "lstm"]
_EPSILON = 1e-3  # Keras' default in batch normalisation


@dataclass(frozen=True, eq=False)
class Step:
    """One step of a network.

    Args:
        name: of the layer that it comes from.
        input_shape: of one example, without the batch.
        output_shape: likewise.
    """

    name: str
    input_shape: Shape
    output_shape: Shape

    @property
    def weights(self) -> tuple[Values, ...]:
        """All its weights."""
        return ()

    @property
    def multiplications(self) -> int:
        """Multiplications of an input or a state by a weight, for one example."""
        return 0


@dataclass(frozen=True, eq=False)
class Dense(Step):
    """`activation(x @ kernel + bias)`.

    Args:
        kernel: float32, shape (inputs, units).
        bias: float32, shape (units,).
        activation: of the sums.
    """

    kernel: Values
    bias: Values
    activation: Activation = "linear"

    @property
    def weights(self) -> tuple[Values, ...]:
        """Kernel and bias."""
        return self.kernel, self.bias

    @property
    def multiplications(self) -> int:
        """One for each weight."""
        return self.kernel.size


@dataclass(frozen=True, eq=False)
class Convolution(Step):
    """A two-dimensional convolution (cross-correlation, as everywhere in this field).

    Args:
        kernel: float32, shape (height, width, channels, filters).
        bias: float32, shape (filters,).
        stride: pixels from one place to the next, in both directions.
        padding: rows of zeros above and below, columns left and right of the picture.
        activation: of the sums.
    """

    kernel: Values
    bias: Values
    stride: int = 1
    padding: tuple[int, int, int, int] = (0, 0, 0, 0)
    activation: Activation = "linear"

    @property
    def weights(self) -> tuple[Values, ...]:
        """Kernel and bias."""
        return self.kernel, self.bias

    @property
    def multiplications(self) -> int:
        """One for each weight at each place, those with the zeros of the padding included."""
        height, width, _ = self.output_shape
        return height * width * self.kernel.size


@dataclass(frozen=True, eq=False)
class MaxPooling(Step):
    """The largest value of each square of `size` times `size` pixels; what is left over is cut."""

    size: int = 2


@dataclass(frozen=True, eq=False)
class Flatten(Step):
    """The values in a row, the last axis running fastest."""


@dataclass(frozen=True, eq=False)
class Scale(Step):
    """`x * factor + offset` for each channel, the last axis: a normalisation that stands alone.

    Args:
        factor: float32, shape (channels,).
        offset: float32, shape (channels,).
    """

    factor: Values
    offset: Values

    @property
    def weights(self) -> tuple[Values, ...]:
        """Factor and offset."""
        return self.factor, self.offset

    @property
    def multiplications(self) -> int:
        """One for each value."""
        return math.prod(self.input_shape)


@dataclass(frozen=True, eq=False)
class Activate(Step):
    """A function of each value; a softmax, of all of them."""

    activation: Activation = "relu"


@dataclass(frozen=True, eq=False)
class Recurrent(Step):
    """A recurrent layer, from (steps, features) to (units,) or (steps, units).

    The formulas are those of Keras 3, with a tanh of the state and sigmoid gates. The columns of
    the weights hold the gates in Keras' order: update, reset, candidate for a GRU; input, forget,
    candidate, output for an LSTM. A GRU resets the product of state and weights
    (`reset_after=True`).

    Args:
        cell: what it is made of.
        kernel: float32, shape (features, gates * units).
        recurrent_kernel: float32, shape (units, gates * units).
        bias: float32, shape (gates * units,); for a GRU (2, gates * units): of input and of state.
        every_step: whether it hands on its state after every step, not only after the last.
    """

    cell: Cell
    kernel: Values
    recurrent_kernel: Values
    bias: Values
    every_step: bool = False

    @property
    def weights(self) -> tuple[Values, ...]:
        """Kernel, recurrent kernel and bias."""
        return self.kernel, self.recurrent_kernel, self.bias

    @property
    def multiplications(self) -> int:
        """One for each weight at each step; the few of the gates are not counted."""
        return self.input_shape[0] * (self.kernel.size + self.recurrent_kernel.size)


def plan_network(
    layers: Sequence[SavedLayer], input_shape: Shape, *, name: str
) -> tuple[Step, ...]:
    """Returns the steps from an input to probabilities.

    Args:
        layers: of the network, a chain: each takes what the one before gives.
        input_shape: of one example, without the batch.
        name: of the model, for messages.

    Returns:
        The steps; the last output is a softmax's.

    Raises:
        ModelUnusable: if a layer is of another kind than those that the Train page builds, or has
            settings that it never chooses.
    """
    steps: list[Step] = []
    shape = input_shape
    for layer in layers:
        make = _MAKERS.get(layer.kind)
        try:
            made = None if make is None else make(layer, shape)
        except (KeyError, IndexError, TypeError, ValueError):
            made = None
        if made is None:
            raise ModelUnusable(
                f"{name}: its layer {layer.name!r} ({layer.kind}) cannot be written as a program;"
                " networks from the Train page can."
            )
        for step in made:
            steps = _joined(steps, step)
            shape = step.output_shape
    if not _ends_in_softmax(steps):
        steps = _joined(steps, Activate("softmax", shape, shape, "softmax"))
    return tuple(steps)


def multiplications(steps: Sequence[Step]) -> int:
    """Returns how often a value is multiplied by a weight for one answer."""
    return sum(step.multiplications for step in steps)


def parameters(steps: Sequence[Step]) -> int:
    """Returns the number of weights in all steps."""
    return sum(values.size for step in steps for values in step.weights)


def _ends_in_softmax(steps: Sequence[Step]) -> bool:
    return bool(steps) and getattr(steps[-1], "activation", "") == "softmax"


def _joined(steps: list[Step], step: Step) -> list[Step]:
    """Adds a step, or lets the one before do it as well."""
    before = steps[-1] if steps else None
    if isinstance(before, Dense | Convolution) and before.activation == "linear":
        if isinstance(step, Activate):
            return [*steps[:-1], replace(before, activation=step.activation)]
        if isinstance(step, Scale):
            kernel = (before.kernel * step.factor).astype(np.float32)
            bias = (before.bias * step.factor + step.offset).astype(np.float32)
            return [*steps[:-1], replace(before, kernel=kernel, bias=bias)]
    return [*steps, step]


def _activation(settings: Mapping[str, Any], usual: str = "linear") -> Activation:
    """Returns the function that a layer's settings name; raises ValueError for an unknown one."""
    named = settings.get("activation", usual)
    for known in ACTIVATIONS:
        if known == named:
            return known
    raise ValueError(named)


def _require(settings: Mapping[str, Any], **wanted: Any) -> None:
    """Raises ValueError if a setting that is given is another than the wanted one."""
    for key, value in wanted.items():
        if settings.get(key, value) != value:
            raise ValueError(key)


def _bias(layer: SavedLayer, number: int, size: int) -> Values:
    return layer.weights[number] if len(layer.weights) > number else np.zeros(size, np.float32)


def _dense(layer: SavedLayer, shape: Shape) -> list[Step]:
    kernel = layer.weights[0]
    if shape != kernel.shape[:1]:
        raise ValueError(shape)
    bias = _bias(layer, 1, kernel.shape[1])
    return [Dense(layer.name, shape, bias.shape, kernel, bias, _activation(layer.settings))]


def _convolution(layer: SavedLayer, shape: Shape) -> list[Step]:
    settings = layer.settings
    _require(settings, data_format="channels_last", dilation_rate=[1, 1], groups=1)
    kernel = layer.weights[0]
    height, width, channels, filters = kernel.shape
    stride, other = settings.get("strides", [1, 1])
    if stride != other or shape[2] != channels:
        raise ValueError(shape)
    if settings.get("padding", "valid") == "same":
        top, bottom = _same_padding(shape[0], height, stride)
        left, right = _same_padding(shape[1], width, stride)
    else:
        _require(settings, padding="valid")
        top = bottom = left = right = 0
    rows = (shape[0] + top + bottom - height) // stride + 1
    columns = (shape[1] + left + right - width) // stride + 1
    return [
        Convolution(
            layer.name,
            shape,
            (rows, columns, filters),
            kernel,
            _bias(layer, 1, filters),
            stride,
            (top, bottom, left, right),
            _activation(settings),
        )
    ]


def _same_padding(size: int, kernel: int, stride: int) -> tuple[int, int]:
    total = max((math.ceil(size / stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


def _pooling(layer: SavedLayer, shape: Shape) -> list[Step]:
    settings = layer.settings
    _require(settings, data_format="channels_last", padding="valid")
    size, other = settings["pool_size"]
    if size != other or settings.get("strides") not in (None, [size, size]):
        raise ValueError(size)
    smaller = (shape[0] // size, shape[1] // size, shape[2])
    return [MaxPooling(layer.name, shape, smaller, size)]


def _flatten(layer: SavedLayer, shape: Shape) -> list[Step]:
    return [Flatten(layer.name, shape, (math.prod(shape),))]


def _normalisation(layer: SavedLayer, shape: Shape) -> list[Step]:
    settings = layer.settings
    if settings.get("axis", -1) not in (-1, len(shape), [-1], [len(shape)]):
        raise ValueError("axis")
    weights = list(layer.weights)
    variance, mean = weights.pop(), weights.pop()
    gamma = weights.pop(0) if settings.get("scale", True) else np.ones_like(mean)
    beta = weights.pop(0) if settings.get("center", True) else np.zeros_like(mean)
    factor = gamma / np.sqrt(variance + np.float32(settings.get("epsilon", _EPSILON)))
    offset = (beta - mean * factor).astype(np.float32)
    return [Scale(layer.name, shape, shape, factor.astype(np.float32), offset)]


def _relu(layer: SavedLayer, shape: Shape) -> list[Step]:
    settings = layer.settings
    if settings.get("negative_slope") or settings.get("threshold") or settings.get("max_value"):
        raise ValueError("a ReLU of another form")
    return [Activate(layer.name, shape, shape, "relu")]


def _activate(layer: SavedLayer, shape: Shape) -> list[Step]:
    return [Activate(layer.name, shape, shape, _activation(layer.settings))]


def _softmax(layer: SavedLayer, shape: Shape) -> list[Step]:
    if layer.settings.get("axis", -1) not in (-1, len(shape)):
        raise ValueError("axis")
    return [Activate(layer.name, shape, shape, "softmax")]


def _nothing(layer: SavedLayer, shape: Shape) -> list[Step]:
    return []


def _recurrent(layer: SavedLayer, shape: Shape) -> list[Step]:
    settings = layer.settings
    _require(settings, activation="tanh", recurrent_activation="sigmoid", reset_after=True)
    _require(settings, go_backwards=False, stateful=False, return_state=False)
    cell = _CELLS[layer.kind]
    kernel, recurrent_kernel = layer.weights[:2]
    steps, features = shape
    if kernel.shape[0] != features:
        raise ValueError(shape)
    units, columns = recurrent_kernel.shape
    bias = (
        layer.weights[2]
        if len(layer.weights) > 2
        else np.zeros((2, columns) if cell == "gru" else columns, np.float32)
    )
    every_step = bool(settings.get("return_sequences", False))
    output = (steps, units) if every_step else (units,)
    return [Recurrent(layer.name, shape, output, cell, kernel, recurrent_kernel, bias, every_step)]


_CELLS: dict[str, Cell] = {"SimpleRNN": "simple", "GRU": "gru", "LSTM": "lstm"}
_MAKERS: dict[str, Callable[[SavedLayer, Shape], list[Step]]] = {
    "Activation": _activate,
    "BatchNormalization": _normalisation,
    "Conv2D": _convolution,
    "Dense": _dense,
    "Dropout": _nothing,
    "Flatten": _flatten,
    "MaxPooling2D": _pooling,
    "ReLU": _relu,
    "Softmax": _softmax,
    **dict.fromkeys(_CELLS, _recurrent),
}
