"""The steps of a planned network, computed by NumPy: what every program made from it must answer.

For small networks and for checking; LiteRT is faster.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from core.networks.plan import (
    Activate,
    Activation,
    Convolution,
    Dense,
    Flatten,
    MaxPooling,
    Recurrent,
    Scale,
    Step,
    Values,
)


def run_plan(steps: Sequence[Step], x: Values) -> Values:
    """Returns the answers to a batch.

    Args:
        steps: of the network.
        x: float32, shape (n, *input_shape).

    Returns:
        float32, shape (n, classes), each row summing to 1.
    """
    values = np.asarray(x, np.float32)
    for step in steps:
        values = run_step(step, values)
    return values


def run_step(step: Step, x: Values) -> Values:
    """Returns one step's output for a batch: float32, shape (n, *output_shape)."""
    match step:
        case Dense():
            return activate(step.activation, x @ step.kernel + step.bias)
        case Convolution():
            return activate(step.activation, _convolve(step, x))
        case MaxPooling():
            return _pool(step, x)
        case Flatten():
            return x.reshape(len(x), -1)
        case Scale():
            return x * step.factor + step.offset
        case Activate():
            return activate(step.activation, x)
        case Recurrent():
            return _recur(step, x)
    raise TypeError(type(step).__name__)


def activate(name: Activation, x: Values) -> Values:
    """Returns an activation of every value; the softmax, along the last axis. float32."""
    return np.asarray(FUNCTIONS[name](x), np.float32)


def _convolve(step: Convolution, x: Values) -> Values:
    top, bottom, left, right = step.padding
    padded = np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)))
    height, width = step.kernel.shape[:2]
    windows = np.lib.stride_tricks.sliding_window_view(padded, (height, width), axis=(1, 2))
    windows = windows[:, :: step.stride, :: step.stride]  # (n, rows, columns, channels, h, w)
    return np.asarray(
        np.einsum("nrcihw,hwio->nrco", windows, step.kernel, optimize=True) + step.bias, np.float32
    )


def _pool(step: MaxPooling, x: Values) -> Values:
    rows, columns, channels = step.output_shape
    size = step.size
    cut = x[:, : rows * size, : columns * size]
    return np.asarray(cut.reshape(len(x), rows, size, columns, size, channels).max((2, 4)))


def _recur(step: Recurrent, x: Values) -> Values:
    units = len(step.recurrent_kernel)
    state = memory = np.zeros((len(x), units), np.float32)
    states = []
    for values in np.moveaxis(x, 1, 0):
        if step.cell == "gru":
            state = _gru(step, values, state)
        elif step.cell == "lstm":
            state, memory = _lstm(step, values, state, memory)
        else:
            state = np.tanh(values @ step.kernel + step.bias + state @ step.recurrent_kernel)
        states.append(state)
    return np.stack(states, 1) if step.every_step else state


def _gru(step: Recurrent, x: Values, state: Values) -> Values:
    from_input = np.split(x @ step.kernel + step.bias[0], 3, axis=1)
    from_state = np.split(state @ step.recurrent_kernel + step.bias[1], 3, axis=1)
    update = activate("sigmoid", from_input[0] + from_state[0])
    reset = activate("sigmoid", from_input[1] + from_state[1])
    candidate = np.tanh(from_input[2] + reset * from_state[2])
    return np.asarray(update * state + (1 - update) * candidate, np.float32)


def _lstm(step: Recurrent, x: Values, state: Values, memory: Values) -> tuple[Values, Values]:
    sums = x @ step.kernel + state @ step.recurrent_kernel + step.bias
    taken, kept, candidate, shown = np.split(sums, 4, axis=1)
    memory = activate("sigmoid", kept) * memory + activate("sigmoid", taken) * np.tanh(candidate)
    return activate("sigmoid", shown) * np.tanh(memory), memory


def _softmax(x: Values) -> Values:
    powers = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True), np.float32)


def _gelu(x: Values) -> Values:
    from scipy.special import erf

    return np.asarray(x * (1 + erf(x / np.sqrt(2))) / 2, np.float32)


def _sigmoid(x: Values) -> Values:
    from scipy.special import expit

    return np.asarray(expit(x), np.float32)


FUNCTIONS: dict[Activation, Callable[[Values], Values]] = {
    "linear": lambda x: x,
    "relu": lambda x: np.maximum(x, 0),
    "tanh": lambda x: np.asarray(np.tanh(x), np.float32),
    "sigmoid": _sigmoid,
    "gelu": _gelu,
    "softmax": _softmax,
}
