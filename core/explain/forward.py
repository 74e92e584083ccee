"""The forward pass of a dense network, step by step: each unit's output, and where it goes.

A dense network is small enough to be computed here directly, without Keras.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.networks.plan_forward import FUNCTIONS, activate
from core.networks.saved_layers import SavedLayer

Values = NDArray[np.float32]
ColumnKind = Literal["input", "hidden", "scores"]
BATCH_NORM_EPSILON = 1e-3  # Keras' default


@dataclass(frozen=True)
class LayerOutput:
    """The output of one layer for one input.

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
    """A column of units in a network diagram: the input, or a layer with what follows it.

    Args:
        kind: what it is; the scores are the last layer before its softmax.
        values: float32, shape (units,), the output of each unit.
        layer: number of a hidden layer, from 1. Defaults to 0, for other columns.
    """

    kind: ColumnKind
    values: Values
    layer: int = 0


@dataclass(frozen=True)
class Connection:
    """A connection in the diagram, from a unit of one column to a unit of the next.

    Args:
        column: index of the column that it starts from.
        source: index of the unit there.
        target: index of the unit in the next column.
        weight: its weight.
        signal: the source's output times the weight.
    """

    column: int
    source: int
    target: int
    weight: float
    signal: float


@dataclass(frozen=True)
class ForwardPass:
    """One input's forward pass through a dense network.

    Args:
        columns: the input first, the scores of the classes last.
        weights: float32, shape (units, units of the next column), between neighbouring columns.
    """

    columns: tuple[Column, ...]
    weights: tuple[Values, ...]

    def strongest(self, count: int) -> tuple[Connection, ...]:
        """Returns the connections with the largest signals, equally many for each pair of columns.

        Signals of different layers are not comparable, hence the equal numbers; zero signals are
        left out.

        Args:
            count: maximum number in total.
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

    def decisive(self, target: int, each: int) -> tuple[Connection, ...]:
        """Returns the connections that decided a score: a path back to the first column.

        For the score, these are the strongest signals into it; for each unit that they come from,
        the strongest signals into that unit, and so on. Zero signals are left out.

        Args:
            target: the class whose score is explained.
            each: maximum number for each unit.

        Returns:
            The connections, those into the score first.
        """
        found: list[Connection] = []
        targets = [target]
        for number in reversed(range(len(self.weights))):
            values, weights = self.columns[number].values, self.weights[number]
            sources: dict[int, None] = {}
            for unit in targets:
                signals = values * weights[:, unit]
                order = np.argsort(-np.abs(signals), kind="stable")[:each]
                for source in order[signals[order] != 0].tolist():
                    weight, signal = float(weights[source, unit]), float(signals[source])
                    found.append(Connection(number, source, unit, weight, signal))
                    sources[source] = None
            targets = list(sources)
        return tuple(found)


def layer_outputs(layers: Sequence[SavedLayer], x: Values) -> tuple[LayerOutput, ...] | None:
    """Returns every layer's output for an input, or None if a layer is not one of a dense network.

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
    """Returns an input's forward pass through a dense network, or None for any other network.

    Every dense layer forms a column together with what follows it, up to the next one. The last is
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
        else:  # it changes the output of its column, or of the input
            columns[-1] = replace(columns[-1], values=output.values)
    if not weights:
        return None
    columns[-1] = Column("scores", columns[-1].values)
    return ForwardPass(tuple(columns), tuple(weights))


def scores_of(layers: Sequence[SavedLayer], outputs: Sequence[LayerOutput]) -> Values | None:
    """Returns the scores (logits) behind a network's answer: float32, shape (classes,).

    Args:
        layers: of the network, in order.
        outputs: of each layer, for one input.

    Returns:
        The last output, or what a softmax at the end made it from; None if that is not known.
    """
    if not outputs or outputs[-1].values.ndim != 1:
        return None
    last = next((layer for layer in reversed(layers) if layer.name == outputs[-1].name), None)
    if last is None:
        return None
    answer = outputs[-1].values
    if last.kind != "Softmax" and last.settings.get("activation") != "softmax":
        return answer
    if len(outputs) < 2 or outputs[-2].values.ndim != 1:
        return None
    before = outputs[-2].values
    if last.kind == "Dense":
        if len(before) != len(last.weights[0]):
            return None
        before = before @ last.weights[0] + (last.weights[1] if len(last.weights) > 1 else 0)
    if before.shape != answer.shape or not np.allclose(
        activate("softmax", before), answer, atol=1e-4
    ):
        return None  # a branch lies between
    return np.asarray(before, np.float32)


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
    function = _FUNCTIONS.get(str(layer.settings.get("activation", "linear")))
    return None if function is None else function(x)


def apply_activation(name: str, x: Values) -> Values | None:
    """Returns an activation of every number, float32 of the same shape; None for one not known."""
    function = _FUNCTIONS.get(name) if name != "softmax" else None
    return None if function is None else np.asarray(function(x), np.float32)


def _relu(layer: SavedLayer, x: Values) -> Values | None:
    settings = layer.settings
    if settings.get("negative_slope") or settings.get("threshold") or settings.get("max_value"):
        return None
    return np.maximum(x, 0)


def _normalise(layer: SavedLayer, x: Values) -> Values | None:
    """Batch normalisation in inference mode, with the moving averages."""
    settings = layer.settings
    if not (settings.get("scale", True) and settings.get("center", True)) or x.ndim != 1:
        return None
    scale, offset, mean, variance = layer.weights
    epsilon = float(settings.get("epsilon", BATCH_NORM_EPSILON))
    normal: Values = scale * (x - mean) / np.sqrt(variance + epsilon) + offset
    return normal


def _softmax_layer(layer: SavedLayer, x: Values) -> Values | None:
    return activate("softmax", x)


def _identity(layer: SavedLayer, x: Values) -> Values | None:
    return x


def _flatten(layer: SavedLayer, x: Values) -> Values | None:
    return x.ravel()


_FUNCTIONS: dict[str, Callable[[Values], Values]] = dict(FUNCTIONS.items())
_STEPS: dict[str, Callable[[SavedLayer, Values], Values | None]] = {
    "Activation": _activate,
    "BatchNormalization": _normalise,
    "Dense": _dense,
    "Dropout": _identity,
    "Flatten": _flatten,
    "ReLU": _relu,
    "Softmax": _softmax_layer,
}
