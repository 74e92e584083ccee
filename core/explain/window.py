"""One number of a feature map, recomputed: the window that a filter sees, times its weights.

Every result is checked against the output that the network itself computed, so a layer of a kind
that is not understood here is not explained at all, rather than explained wrongly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from core.explain.forward import BATCH_NORM_EPSILON, LayerOutput, apply_activation
from core.networks.saved_layers import SavedLayer

Values = NDArray[np.float32]

_MAPWISE = ("Activation", "BatchNormalization", "Dropout", "ReLU")
_CLOSE = 1e-3  # of the largest value: room for another order of the sums


@dataclass(frozen=True, eq=False)
class Window:
    """What one filter computes at one place.

    Args:
        values: float32, shape (height, width, maps), the input under the window; 0 outside it.
        weights: float32, the same shape.
        bias: is added to the sum.
        top: row of the input at which the window begins; negative where it begins outside.
        left: its column, likewise.
    """

    values: Values
    weights: Values
    bias: float
    top: int
    left: int

    @property
    def sums(self) -> NDArray[np.float64]:
        """What each input map adds: float64, shape (maps,)."""
        products = self.values.astype(np.float64) * self.weights
        total: NDArray[np.float64] = products.sum(axis=(0, 1))
        return total

    @property
    def total(self) -> float:
        """The sum of all products and the bias."""
        return float(self.sums.sum()) + self.bias


@dataclass(frozen=True, eq=False)
class Convolution:
    """A convolution with its input, and the layers after it that treat each number separately.

    Args:
        layer: the convolution.
        number: its index among the layers' outputs.
        before: float32, shape (height, width, maps), its input.
        source: index of the layer whose output that is; -1 for the network's input.
        outputs: of the convolution and of each of those layers, in order.
    """

    layer: SavedLayer
    number: int
    before: Values
    source: int
    outputs: tuple[LayerOutput, ...]

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns of a map."""
        rows, columns, _ = self.outputs[0].values.shape
        return rows, columns

    def window(self, index: int, row: int, column: int) -> Window:
        """Returns what filter `index` sees for one place of its map; all count from 0."""
        kernel = self.layer.weights[0]
        top, left = corner(self.layer, self.before.shape, row, column)
        bias = float(self.layer.weights[1][index]) if len(self.layer.weights) > 1 else 0.0
        values = _cut(self.before, top, left, kernel.shape[0], kernel.shape[1])
        return Window(values, kernel[..., index], bias, top, left)

    def place(self, row: float, column: float) -> tuple[int, int]:
        """Returns the place of a map whose window is centred nearest to a pixel of the input."""
        kernel = self.layer.weights[0]
        top, left = corner(self.layer, self.before.shape, 0, 0)
        steps = self.layer.settings.get("strides", [1, 1])
        found = [
            round((at - first - (side - 1) / 2) / step)
            for at, first, side, step in zip(
                (row, column), (top, left), kernel.shape[:2], steps, strict=True
            )
        ]
        rows, columns = self.size
        return min(max(found[0], 0), rows - 1), min(max(found[1], 0), columns - 1)


def convolution_behind(
    layers: Sequence[SavedLayer], outputs: Sequence[LayerOutput], number: int, x: Values
) -> Convolution | None:
    """Returns the convolution whose maps a layer passes on, or None if there is none to explain.

    Args:
        layers: of the network, in any order.
        outputs: of each layer, for one input.
        number: index of the layer among the outputs: the convolution itself or one after it.
        x: float32, shape of one input.
    """
    known = {layer.name: layer for layer in layers}
    first = number
    while first >= 0 and outputs[first].kind in _MAPWISE:
        first -= 1
    if first < 0 or outputs[first].kind != "Conv2D":
        return None
    chain = outputs[first : number + 1]
    if any(output.name not in known for output in chain):
        return None
    layer = known[outputs[first].name]
    if not _is_plain(layer):
        return None
    if not all(_follows(known[b.name], a.values, b.values) for a, b in pairwise(chain)):
        return None
    # Nearest first: in most networks it is the layer just before.
    for source in range(first - 1, -2, -1):
        before = x if source < 0 else outputs[source].values
        if _makes(layer, before, outputs[first].values):
            return Convolution(layer, first, before, source, tuple(chain))
    return None


def corner(layer: SavedLayer, shape: Sequence[int], row: int, column: int) -> tuple[int, int]:
    """Returns the row and column of the input at which a place's window begins."""
    kernel = layer.weights[0]
    found = []
    for at, length, side, step in zip(
        (row, column), shape, kernel.shape, layer.settings.get("strides", [1, 1]), strict=False
    ):
        outside = 0
        if layer.settings.get("padding") == "same":  # the odd pixel comes at the end
            outside = max((-(-length // step) - 1) * step + side - length, 0) // 2
        found.append(at * step - outside)
    return found[0], found[1]


def _is_plain(layer: SavedLayer) -> bool:
    settings = layer.settings
    return (
        bool(layer.weights)
        and layer.weights[0].ndim == 4
        and list(settings.get("dilation_rate", [1, 1])) == [1, 1]
        and settings.get("groups", 1) == 1
        and settings.get("padding", "valid") in ("valid", "same")
        and settings.get("data_format") in (None, "channels_last")
        and settings.get("activation", "linear") in ("linear", "relu")
    )


def _cut(before: Values, top: int, left: int, height: int, width: int) -> Values:
    """Returns a part of the input, with zeros where it lies outside."""
    part = np.zeros((height, width, before.shape[2]), np.float32)
    rows = slice(max(top, 0), min(top + height, before.shape[0]))
    columns = slice(max(left, 0), min(left + width, before.shape[1]))
    part[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left] = before[
        rows, columns
    ]
    return part


def _makes(layer: SavedLayer, before: Values, after: Values) -> bool:
    """Whether a convolution of one output gives another: tried at its corners and its middle."""
    kernel = layer.weights[0]
    if before.ndim != 3 or before.shape[2] != kernel.shape[2] or after.ndim != 3:
        return False
    steps = layer.settings.get("strides", [1, 1])
    same = layer.settings.get("padding") == "same"
    for length, side, step, made in zip(
        before.shape, kernel.shape, steps, after.shape, strict=False
    ):
        if made != (-(-length // step) if same else (length - side) // step + 1):
            return False
    rows, columns = after.shape[0] - 1, after.shape[1] - 1
    room = _CLOSE * max(1.0, float(np.abs(after).max()))
    for row, column in (
        (0, 0),
        (0, columns),
        (rows, 0),
        (rows, columns),
        (rows // 2, columns // 2),
    ):
        top, left = corner(layer, before.shape, row, column)
        part = _cut(before, top, left, kernel.shape[0], kernel.shape[1])
        values = np.einsum("hwm,hwmf->f", part, kernel)
        if len(layer.weights) > 1:
            values = values + layer.weights[1]
        if layer.settings.get("activation") == "relu":
            values = np.maximum(values, 0)
        if np.abs(values - after[row, column]).max() > room:
            return False
    return True


def _follows(layer: SavedLayer, before: Values, after: Values) -> bool:
    """Whether a layer that treats each number separately makes one output from another."""
    if before.shape != after.shape:
        return False
    if layer.kind == "Dropout":
        made = before
    elif layer.kind in ("Activation", "ReLU"):
        function = str(layer.settings.get("activation", "relu"))
        found = apply_activation(function, before)
        if found is None:
            return False
        made = found
    elif layer.kind == "BatchNormalization" and len(layer.weights) == 4:
        scale, offset, mean, variance = layer.weights
        epsilon = float(layer.settings.get("epsilon", BATCH_NORM_EPSILON))
        made = scale * (before - mean) / np.sqrt(variance + epsilon) + offset
    else:
        return False
    return bool(np.allclose(made, after, atol=_CLOSE * max(1.0, float(np.abs(after).max()))))
