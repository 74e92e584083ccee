"""Weights as 8-bit integers: a quarter of the memory, and as good as the same answers.

Only weights become integers; sums, biases and activations stay floats. Each column of a kernel has
its own scale, so that `int8 * scale` is the weight (Jacob et al. 2018, "Quantization and Training
of Neural Networks for Efficient Integer-Arithmetic-Only Inference", has more of it: there the
activations are integers as well, which costs accuracy and needs examples to choose their range).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.networks.plan import Convolution, Dense, Recurrent, Step, Values
from core.networks.plan_forward import run_step

LARGEST = 127  # -128 is left out, so that a weight and its negative are equally exact
MARGIN = 1e-4  # of a score over the others; rounding in another order of the sums is 1e-6


@dataclass(frozen=True, eq=False)
class Quantised:
    """A kernel whose weights are integers.

    Args:
        codes: int8, in the kernel's shape, -127..127.
        scale: float32, shape (columns,), above 0: what 1 is worth in each column.
    """

    codes: NDArray[np.int8]
    scale: Values

    @property
    def kernel(self) -> Values:
        """The weights that it stands for: float32."""
        return self.codes.astype(np.float32) * self.scale


@dataclass(frozen=True, eq=False)
class Int8Network:
    """A network with 8-bit weights.

    Args:
        steps: with the weights that the integers stand for.
        kernels: the integers, by the number of their step: one kernel, or a recurrent layer's two.
    """

    steps: tuple[Step, ...]
    kernels: dict[int, tuple[Quantised, ...]]


def quantise(kernel: Values) -> Quantised:
    """Rounds every weight to the nearest of 255 values, evenly spread from minus to plus its
    column's largest.

    Args:
        kernel: float32; the last axis holds the columns, one for each output.
    """
    largest = np.abs(kernel.reshape(-1, kernel.shape[-1])).max(axis=0)
    scale = (largest / LARGEST).astype(np.float32)
    # Weights too small for a scale of their own are 0.
    scale[scale < np.finfo(np.float32).tiny] = 1
    codes = np.clip(np.rint(kernel / scale), -LARGEST, LARGEST)
    return Quantised(codes.astype(np.int8), scale)


def quantise_network(steps: Sequence[Step], every_input: Values | None = None) -> Int8Network:
    """Rounds the weights of all layers.

    Args:
        steps: of the network.
        every_input: float32, shape (n, *input_shape): all inputs that exist, where they are few.
            Then the biases of the last layer move by as little as keeps every answer.
    """
    rounded: list[Step] = []
    kernels: dict[int, tuple[Quantised, ...]] = {}
    for number, step in enumerate(steps):
        if isinstance(step, Dense | Convolution):
            one = quantise(step.kernel)
            kernels[number] = (one,)
            step = replace(step, kernel=one.kernel)
        elif isinstance(step, Recurrent):
            one, other = quantise(step.kernel), quantise(step.recurrent_kernel)
            kernels[number] = (one, other)
            step = replace(step, kernel=one.kernel, recurrent_kernel=other.kernel)
        rounded.append(step)
    if every_input is not None:
        rounded = _keep_answers(steps, rounded, every_input)
    return Int8Network(tuple(rounded), kernels)


def _keep_answers(before: Sequence[Step], rounded: list[Step], x: Values) -> list[Step]:
    """Returns the rounded network with other biases in its last layer, if they can mend it.

    That the right score stays the largest is linear in the biases: the least change that does it
    for every input is a linear program.
    """
    last = rounded[-1]
    if not isinstance(last, Dense) or last.activation != "softmax":
        return rounded
    answers = _scores(before, x).argmax(axis=1)
    scores = _scores(rounded, x).astype(np.float64)
    change = _least_change(scores, answers)
    if change is None:
        return rounded
    return [*rounded[:-1], replace(last, bias=(last.bias + change).astype(np.float32))]


def _scores(steps: Sequence[Step], x: Values) -> Values:
    for step in steps:
        if step is steps[-1] and isinstance(step, Dense):
            step = replace(step, activation="linear")
        x = run_step(step, x)
    return x


def _least_change(
    scores: NDArray[np.float64], answers: NDArray[np.int64]
) -> NDArray[np.float64] | None:
    """Returns what to add to each class's scores; None if nothing helps.

    Args:
        scores: float64, shape (n, classes).
        answers: int64, shape (n,), the class that is to have the largest.
    """
    from scipy.optimize import linprog

    n, classes = scores.shape
    rows = np.arange(n)
    if (answers == scores.argmax(axis=1)).all():
        return None
    # Unknown are the changes and their largest size, which is to be small. A row for each input
    # and other class: change[other] - change[answer] <= lead - margin.
    lead = scores[rows, answers][:, np.newaxis] - scores
    input_of, other = np.nonzero(np.arange(classes) != answers[:, np.newaxis])
    limits = np.zeros((len(other), classes + 1))
    limits[np.arange(len(other)), other] = 1
    limits[np.arange(len(other)), answers[input_of]] -= 1
    size = np.concatenate([np.eye(classes), -np.eye(classes)])
    limits = np.concatenate([limits, np.column_stack([size, -np.ones(2 * classes)])])
    bounds = np.concatenate([lead[input_of, other] - MARGIN, np.zeros(2 * classes)])
    found = linprog([0.0] * classes + [1.0], limits, bounds, bounds=[(None, None)] * (classes + 1))
    return np.asarray(found.x[:classes], np.float64) if found.status == 0 else None
