"""The forward pass of a dense network, step by step: what each unit hands on, and to whom.

A dense network is small enough to be reckoned through here, without Keras and at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.models.keras_layers import SavedLayer

Values = NDArray[np.float32]
ColumnKind = Literal["input", "hidden", "scores"]
BATCH_NORM_EPSILON = 1e-3  # what Keras takes if nothing else was set


@dataclass(frozen=True)
class LayerOutput:
    """What one layer makes of one input.

    Args:
        name: of the layer.
        kind: the name of its Keras class, such as "Conv2D".
        values: float32, without the batch: (units,) or (height, width, maps).
    """

    name: str
    kind: str
    values: Values


@dataclass(frozen=True)
class Column:
    """A column of units in the diagram of a network: the input, or a layer with what follows it.

    Args:
        kind: what it is; the scores are the last layer before its softmax.
        values: float32, shape (units,), what each unit hands on.
        layer: of a hidden layer its number, from 1. Defaults to 0.
    """

    kind: ColumnKind
    values: Values
    layer: int = 0


@dataclass(frozen=True)
class Connection:
    """A line of the diagram, from a unit of one column to a unit of the next.

    Args:
        column: number of the column that it starts from.
        source: number of the unit there.
        target: number of the unit in the next column.
        weight: what the value is multiplied by.
        signal: the value times the weight: what arrives.
    """

    column: int
    source: int
    target: int
    weight: float
    signal: float


@dataclass(frozen=True)
class ForwardPass:
    """One input's way through a dense network.

    Args:
        columns: the input first, the scores of the classes last.
        weights: float32, shape (units, units of the next column), between each two columns.
    """

    columns: tuple[Column, ...]
    weights: tuple[Values, ...]

    def strongest(self, count: int) -> tuple[Connection, ...]:
        """Returns the connections with the largest signals, between each two columns as many.

        Signals of different layers do not compare, hence the same number of each; those of zero
        are left out.

        Args:
            count: how many in all, at most.
        """
        found: list[Connection] = []
        share = count // max(1, len(self.weights))
        for number, weights in enumerate(self.weights):
            signals = self.columns[number].values[:, np.newaxis] * weights
            strengths = np.abs(signals).ravel()
            order = np.argsort(-strengths, kind="stable")[:share]
            for index in order[strengths[order] > 0]:
                source, target = divmod(int(index), weights.shape[1])
                found.append(
                    Connection(
                        number,
                        source,
                        target,
                        float(weights[source, target]),
                        float(signals[source, target]),
                    )
                )
        return tuple(found)


def layer_outputs(layers: Sequence[SavedLayer], x: Values) -> tuple[LayerOutput, ...] | None:
    """Returns what every layer makes of an input, or None if one is not of a dense network.

    Args:
        layers: of the network, in order.
        x: float32, shape of one input.
    """
    values = x.astype(np.float32)
    found = []
    for layer in layers:
        step = _STEPS.get(layer.kind)
        if step is None or (after := step(layer, values)) is None:
            return None
        values = after.astype(np.float32)
        found.append(LayerOutput(layer.name, layer.kind, values))
    return tuple(found)


def forward_pass(layers: Sequence[SavedLayer], x: Values) -> ForwardPass | None:
    """Returns an input's way through a dense network, or None if the network is another.

    Every dense layer is a column together with what follows it up to the next one. The last is
    shown before its softmax, where the signals add up.
    """
    outputs = layer_outputs(_without_softmax(layers), x)
    if outputs is None:
        return None
    columns = [Column("input", x.ravel())]
    weights: list[Values] = []
    for layer, output in zip(layers, outputs, strict=False):
        if layer.kind == "Dense":
            weights.append(layer.weights[0])
            columns.append(Column("hidden", output.values, len(weights)))
        else:  # it changes what its column, or the input, hands on
            columns[-1] = replace(columns[-1], values=output.values)
    if not weights:
        return None
    columns[-1] = Column("scores", columns[-1].values)
    return ForwardPass(tuple(columns), tuple(weights))


def _without_softmax(layers: Sequence[SavedLayer]) -> list[SavedLayer]:
    last = layers[-1]
    if last.kind == "Softmax":
        return list(layers[:-1])
    if last.settings.get("activation") == "softmax":
        if last.kind == "Activation":
            return list(layers[:-1])
        settings = {**last.settings, "activation": "linear"}
        return [*layers[:-1], SavedLayer(last.name, last.kind, settings, last.weights)]
    return list(layers)


def _dense(layer: SavedLayer, x: Values) -> Values | None:
    if x.ndim != 1:
        return None
    values = x @ layer.weights[0]
    if len(layer.weights) > 1:
        values = values + layer.weights[1]
    return _activate(layer, values)


def _activate(layer: SavedLayer, x: Values) -> Values | None:
    function = _ACTIVATIONS.get(str(layer.settings.get("activation", "linear")))
    return None if function is None else function(x)


def _relu(layer: SavedLayer, x: Values) -> Values | None:
    settings = layer.settings
    if settings.get("negative_slope") or settings.get("threshold") or settings.get("max_value"):
        return None
    return np.maximum(x, 0)


def _normalise(layer: SavedLayer, x: Values) -> Values | None:
    """Batch normalisation with the running means, as a trained network answers."""
    settings = layer.settings
    if not (settings.get("scale", True) and settings.get("center", True)) or x.ndim != 1:
        return None
    scale, offset, mean, variance = layer.weights
    epsilon = float(settings.get("epsilon", BATCH_NORM_EPSILON))
    normal: Values = scale * (x - mean) / np.sqrt(variance + epsilon) + offset
    return normal


def _softmax(layer: SavedLayer, x: Values) -> Values | None:
    return _exponential_shares(x)


def _exponential_shares(x: Values) -> Values:
    powers = np.exp(x - x.max())
    shares: Values = powers / powers.sum()
    return shares


def _as_it_is(layer: SavedLayer, x: Values) -> Values | None:
    return x


def _in_a_row(layer: SavedLayer, x: Values) -> Values | None:
    return x.ravel()


_ACTIVATIONS: dict[str, Callable[[Values], Values]] = {
    "linear": lambda x: x,
    "relu": lambda x: np.maximum(x, 0),
    "softmax": _exponential_shares,
}
_STEPS: dict[str, Callable[[SavedLayer, Values], Values | None]] = {
    "Activation": _activate,
    "BatchNormalization": _normalise,
    "Dense": _dense,
    "Dropout": _as_it_is,
    "Flatten": _in_a_row,
    "ReLU": _relu,
    "Softmax": _softmax,
}
