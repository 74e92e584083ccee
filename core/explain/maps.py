"""What a network does inside, and what its prediction depends on. Imports Keras: for workers only.

Four methods show what a network looked at. All of them explain the score (logit) of one class: its
probability would mix in all the other classes, and saturate where the network is confident.
"""

from __future__ import annotations

from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from core.explain.forward import LayerOutput

Values = NDArray[np.float32]

STEPS = 512  # from the empty input to the one shown: the sum is then accurate to about 1 %
PORTION = 128  # inputs per gradient computation, to keep memory flat
_CHANNELWISE = (
    keras.layers.Activation,
    keras.layers.BatchNormalization,
    keras.layers.Dropout,
    keras.layers.LeakyReLU,
    keras.layers.ReLU,
)


@dataclass(frozen=True)
class Contributions:
    """What each input adds to a class' score.

    Args:
        values: float32, shape of one input.
        score: the class' score for the input.
        baseline: its score for the empty input: a black picture, a dark display.
    """

    values: Values
    score: float
    baseline: float


@dataclass(frozen=True)
class Occlusion:
    """How the answer changes when a part of the input is covered.

    Args:
        drops: float32, by how much the class' score drops: shape (rows, columns), one for each
            position of the patch, or (inputs,) or (steps,) if each is covered by itself.
        answers: int64, shape of drops, the class that then scores highest.
    """

    drops: Values
    answers: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Probe:
    """A network prepared for inspection: all that does not depend on the input, built once.

    Args:
        outputs: computes the outputs of `layers`.
        layers: in topological order.
        scores: computes the scores of the classes, see `score_model`.
        maps: computes the feature maps for Grad-CAM, and the scores; None without a convolution.
    """

    outputs: keras.Model
    layers: tuple[keras.layers.Layer, ...]
    scores: keras.Model
    maps: keras.Model | None

    @classmethod
    def of(cls, model: keras.Model) -> Probe:
        """Prepares copies of a network's layers; the network itself is no longer needed."""
        whole = graph(model)
        inputs = keras.layers.InputLayer
        layers = tuple(layer for layer in whole.layers if not isinstance(layer, inputs))
        outputs = keras.Model(whole.input, [layer.output for layer in layers])
        scores = _without_softmax(whole)
        return cls(outputs, layers, scores, _last_maps(scores))


def graph(model: keras.Model) -> keras.Model:
    """Returns a network as one graph of copies of its layers, each used once.

    Nested sequential models are flattened; a network nested in a branching one counts as one layer.
    """
    if not isinstance(model, keras.Sequential):
        copy = keras.models.clone_model(model)
        copy.set_weights(model.get_weights())
        return copy
    x = inputs = keras.Input(model.input_shape[1:])
    for layer in _chain(model):
        copy = type(layer).from_config(layer.get_config())
        x = copy(x)
        copy.set_weights(layer.get_weights())
    return keras.Model(inputs, x)


def score_model(model: keras.Model) -> keras.Model:
    """Returns a network up to its scores, without a softmax at its end.

    If it has none, this is the whole network, copied; see `graph`.
    """
    return _without_softmax(graph(model))


def _without_softmax(whole: keras.Model) -> keras.Model:
    last = whole.outputs[0]._keras_history.operation
    if not _has_softmax(last):
        return whole
    if isinstance(last, keras.layers.Softmax | keras.layers.Activation):
        return keras.Model(whole.input, last.input)
    plain = type(last).from_config({**last.get_config(), "activation": "linear"})
    scores = plain(last.input)
    plain.set_weights(last.get_weights())
    return keras.Model(whole.input, scores)


def activations(probe: Probe, x: Values) -> list[LayerOutput]:
    """Returns every layer's output for one input, in topological order.

    Args:
        probe: the network.
        x: float32, shape of one input, without the batch.
    """
    outputs = tf.nest.flatten(probe.outputs(tf.constant(x[np.newaxis]), training=False))
    return [
        LayerOutput(layer.name, type(layer).__name__, np.array(values[0], np.float32))
        for layer, values in zip(probe.layers, outputs, strict=True)
    ]


def saliency(scores: keras.Model, x: Values, target: int) -> Values:
    """Returns the gradient of a class' score with respect to the input.

    This is the simplest map. Simonyan, Vedaldi and Zisserman (2013), "Deep Inside Convolutional
    Networks", show its magnitude; here the sign is kept, since it tells whether ink at a place
    speaks for the class or against it.

    Args:
        scores: see `score_model`.
        x: float32, shape of one input.
        target: the class.

    Returns:
        float32, shape of one input.
    """
    gradients = _gradients(scores, x[np.newaxis], target)
    return np.asarray(gradients[0], np.float32)


def integrated_gradients(
    scores: keras.Model,
    x: Values,
    target: int,
    *,
    baseline: Values | None = None,
    steps: int = STEPS,
) -> Contributions:
    """Attributes a class' score to the inputs.

    The gradient is averaged along the straight path from an empty input to this one, and multiplied
    by the change of each input. The contributions add up to the difference of the two scores
    (completeness): Sundararajan, Taly and Yan (2017), "Axiomatic Attribution for Deep Networks".

    Args:
        scores: see `score_model`.
        x: float32, shape of one input.
        target: the class.
        baseline: float32, what counts as empty. Defaults to zeros.
        steps: number of points along the path (midpoint rule). Defaults to 512.
    """
    empty = np.zeros_like(x) if baseline is None else baseline.astype(np.float32)
    shares = (np.arange(steps, dtype=np.float32) + np.float32(0.5)) / np.float32(steps)
    total = np.zeros(x.shape, np.float64)
    for start in range(0, steps, PORTION):
        portion = shares[start : start + PORTION].reshape(-1, *[1] * x.ndim)
        path = empty + portion * (x - empty)  # (portion, *shape)
        total += _gradients(scores, path, target).sum(axis=0, dtype=np.float64)
    mean = (total / steps).astype(np.float32)
    ends = _run(scores, np.stack([empty, x]))[:, target]
    return Contributions((x - empty) * mean, float(ends[1]), float(ends[0]))


def grad_cam(probe: Probe, x: Values, target: int) -> Values | None:
    """Returns where the feature maps of the last convolution support a class: coarse, but robust.

    Each map is weighted by the mean gradient of the score with respect to it, and evidence against
    the class is left out: Selvaraju et al. (2017), "Grad-CAM: Visual Explanations from Deep
    Networks via Gradient-based Localization". The maps are taken after the activation that follows
    the convolution.

    Args:
        probe: the network.
        x: float32, shape of one input.
        target: the class.

    Returns:
        float32, shape (rows, columns) of the maps, 0 or more; None without a convolution.
    """
    if probe.maps is None:
        return None
    with tf.GradientTape() as tape:
        inputs = tf.constant(x[np.newaxis])
        tape.watch(inputs)
        maps, answer = probe.maps(inputs, training=False)
        score = answer[0, target]
    gradient = tape.gradient(score, maps)
    importance = tf.reduce_mean(gradient, axis=(1, 2), keepdims=True)
    return np.array(tf.nn.relu(tf.reduce_sum(importance * maps, axis=-1))[0], np.float32)


def _last_maps(scores: keras.Model) -> keras.Model | None:
    convolutions = [each for each in scores.layers if isinstance(each, keras.layers.Conv2D)]
    if not convolutions:
        return None
    last = convolutions[-1].output
    while (after := _only_follower(scores, last)) is not None:
        last = after
    return keras.Model(scores.input, [last, scores.outputs[0]])


def _only_follower(model: keras.Model, tensor: keras.KerasTensor) -> keras.KerasTensor | None:
    """Returns the output of a tensor's only consumer, if that treats each map separately."""
    behind = [
        layer
        for layer in model.layers
        if not isinstance(layer, keras.layers.InputLayer)
        and any(given is tensor for given in tf.nest.flatten(layer.input))
    ]
    if len(behind) != 1 or not isinstance(behind[0], _CHANNELWISE):
        return None
    return behind[0].output


def occlusion(
    scores: keras.Model,
    x: Values,
    target: int,
    *,
    patch: int = 4,
    stride: int = 2,
    fill: float = 0.0,
) -> Occlusion:
    """Covers the input piece by piece and returns how much a class' score drops.

    Zeiler and Fergus (2014), "Visualizing and Understanding Convolutional Networks", use a grey
    square; on a black background, a black one removes the ink and changes nothing else.

    Args:
        scores: see `score_model`.
        x: float32, shape of one input: a picture; a row of numbers, covered one by one; or a
            sequence of shape (steps, features), covered step by step.
        target: the class.
        patch: side of the square in pixels. Defaults to 4.
        stride: pixels from one position to the next. Defaults to 2.
        fill: value of the covered inputs. Defaults to 0.
    """
    if x.ndim == 1:
        covered = np.repeat(x[np.newaxis], len(x), axis=0)
        np.fill_diagonal(covered, fill)
        shape: tuple[int, ...] = (len(x),)
    elif x.ndim == 2:
        shape = (len(x),)
        covered = np.repeat(x[np.newaxis], len(x), axis=0)
        covered[np.arange(len(x)), np.arange(len(x))] = fill
    else:
        tops = range(0, x.shape[0] - patch + 1, stride)
        lefts = range(0, x.shape[1] - patch + 1, stride)
        shape = (len(tops), len(lefts))
        covered = np.repeat(x[np.newaxis], len(tops) * len(lefts), axis=0)
        places = ((top, left) for top in tops for left in lefts)
        for picture, (top, left) in zip(covered, places, strict=True):
            picture[top : top + patch, left : left + patch] = fill
    after = _run(scores, covered)
    before = float(_run(scores, x[np.newaxis])[0, target])
    return Occlusion(
        (before - after[:, target]).reshape(shape), after.argmax(axis=1).reshape(shape)
    )


def _chain(model: keras.Model) -> list[keras.layers.Layer]:
    """Returns the layers in order, with nested sequential models flattened."""
    found: list[keras.layers.Layer] = []
    for layer in model.layers:
        if isinstance(layer, keras.Sequential):
            found += _chain(layer)
        elif not isinstance(layer, keras.layers.InputLayer):
            found.append(layer)
    return found


def _has_softmax(layer: keras.layers.Layer) -> bool:
    if isinstance(layer, keras.layers.Softmax):
        return True
    return getattr(layer, "activation", None) is keras.activations.softmax


def _run(scores: keras.Model, x: Values) -> Values:
    return np.array(scores(x, training=False), np.float32)


def _gradients(scores: keras.Model, x: Values, target: int) -> Values:
    """Returns the gradient of each example's score with respect to that example."""
    inputs = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        # Examples are independent, so the gradient of the sum contains that of each.
        total = tf.reduce_sum(scores(inputs, training=False)[:, target])
    return np.array(tape.gradient(total, inputs), np.float32)
