"""A network as C source text, and what it needs of a microcontroller.

The text is from templates of our own. emlearn (0.23) converts dense networks only, and tflite-micro
is a C++ interpreter that takes tens of kilobytes before the first weight, without a package that
makes a project of a model; a few C functions are less to read than either, take 2 to 4 kB, and
know the temperature and the threshold of our calibration.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelUnusable
from core.export import c_text
from core.export.c_layout import Layout, Operation, lay_out
from core.export.rendering import render_file
from core.inference.calibration import SMALLEST, Calibration
from core.networks.plan import (
    Convolution,
    Dense,
    Recurrent,
    Scale,
    Step,
    Values,
    multiplications,
)
from core.networks.quantisation import Int8Network

FLOAT = 4  # bytes
# Of the deepest call on a Cortex-M4, the functions of the C library included.
STACK = 400


@dataclass(frozen=True)
class Needs:
    """What a network takes of a microcontroller.

    Args:
        constants: bytes of weights, scales and biases, in flash. The code comes on top.
        input: bytes of RAM for the input.
        work: bytes of RAM that the layers share.
        probabilities: bytes of RAM for the answer.
        multiplications: for one answer.
        stack: bytes of RAM for the deepest call, about.
    """

    constants: int
    input: int
    work: int
    probabilities: int
    multiplications: int
    stack: int = STACK

    @property
    def ram(self) -> int:
        """Bytes of RAM for input, answer and what is between, without the stack."""
        return self.input + self.work + self.probabilities


def needs_of(steps: Sequence[Step], *, int8: bool) -> Needs:
    """Returns what a network takes.

    Args:
        steps: of the network.
        int8: whether its weights are 8-bit integers.
    """
    return Needs(
        constants=sum(_constants(step, int8=int8) for step in steps),
        input=FLOAT * math.prod(steps[0].input_shape),
        work=FLOAT * lay_out(steps).work,
        probabilities=FLOAT * math.prod(steps[-1].output_shape),
        multiplications=multiplications(steps),
    )


def _constants(step: Step, *, int8: bool) -> int:
    kernels: tuple[Values, ...] = ()
    if isinstance(step, Dense | Convolution):
        kernels = (step.kernel,)
    elif isinstance(step, Recurrent):
        kernels = (step.kernel, step.recurrent_kernel)
    floats: int = sum(values.size for values in step.weights)
    if not int8:
        return FLOAT * floats
    weights: int = sum(kernel.size for kernel in kernels)
    scales: int = sum(kernel.shape[-1] for kernel in kernels)
    return weights + FLOAT * (floats - weights + scales)


@dataclass(frozen=True)
class Array:
    """Constants of a layer.

    Args:
        name: what they are, as an identifier.
        comment: what they are, in words.
        type: of each, in C.
        count: how many.
        values: as C text.
    """

    name: str
    comment: str
    type: str
    count: int
    values: str


@dataclass(frozen=True, eq=False)
class Layer:
    """A call of the program, with its constants.

    Args:
        name: identifier of the layer.
        comment: what it is called in the network.
        operation: what is called.
        arrays: its constants.
    """

    name: str
    comment: str
    operation: Operation
    arrays: tuple[Array, ...]

    @property
    def kind(self) -> str:
        """Which function it calls."""
        return self.operation.kind


@dataclass(frozen=True, eq=False)
class CNetwork:
    """A network that is to become C.

    Args:
        name: of the model.
        title: of its task.
        input_words: what the inputs are.
        class_names: what the outputs are.
        steps: of the network; with 8-bit weights, those that the integers stand for.
        calibration: what corrects its probabilities.
        int8: its weights as integers, or None for floats.
    """

    name: str
    title: str
    input_words: str
    class_names: tuple[str, ...]
    steps: tuple[Step, ...]
    calibration: Calibration
    int8: Int8Network | None = None

    def __post_init__(self) -> None:
        if not all(np.isfinite(values).all() for step in self.steps for values in step.weights):
            raise ModelUnusable(f"{self.name}: some of its weights are no numbers.")

    @property
    def needs(self) -> Needs:
        """What it takes of a microcontroller."""
        return needs_of(self.steps, int8=self.int8 is not None)

    def sources(self) -> dict[str, str]:
        """Returns the text of `network.c` and `network.h` by their names."""
        layout = lay_out(self.steps)
        values = self._values(layout)
        return {name: render_file(f"c/{name}.j2", **values) for name in ("network.c", "network.h")}

    def _values(self, layout: Layout) -> dict[str, Any]:
        operations = layout.operations
        calibration = self.calibration
        return {
            "name": c_text.in_comment(self.name),
            "title": c_text.in_comment(self.title),
            "input_words": c_text.in_comment(self.input_words),
            "inputs": math.prod(self.steps[0].input_shape),
            "class_names": [c_text.string(name) for name in self.class_names],
            "int8": self.int8 is not None,
            "work": layout.work,
            "copies": layout.copies,
            "moves": any(each.source.startswith("to_end") for each in operations),
            "kinds": {each.kind for each in operations},
            "activations": {each.activation for each in operations},
            "cells": sorted(
                {each.step.cell for each in operations if isinstance(each.step, Recurrent)}
            ),
            "layers": self._layers(operations),
            "temperature": calibration.temperature,
            "temperature_c": c_text.number(calibration.temperature),
            "threshold": calibration.threshold,
            "threshold_c": c_text.number(calibration.threshold),
            "smallest": c_text.number(SMALLEST),
        }

    def _layers(self, operations: Sequence[Operation]) -> list[Layer]:
        return [
            Layer(
                f"{each.kind}_{number}",
                c_text.in_comment(each.step.name),
                each,
                tuple(self._arrays(each)),
            )
            for number, each in enumerate(operations, start=1)
        ]

    def _arrays(self, operation: Operation) -> list[Array]:
        step = operation.step
        if operation.kind == "activate":
            return []
        if isinstance(step, Scale):
            return [_floats("factor", step.factor), _floats("offset", step.offset)]
        if isinstance(step, Dense | Convolution):
            made = self._kernel("kernel", "scale", operation.number, 0, step.kernel)
            return [*made, _floats("bias", step.bias)]
        if isinstance(step, Recurrent):
            kernel = self._kernel("kernel", "scale", operation.number, 0, step.kernel)
            recurrent = self._kernel(
                "recurrent_kernel", "recurrent_scale", operation.number, 1, step.recurrent_kernel
            )
            return [*kernel, *recurrent, _floats("bias", step.bias)]
        return []

    def _kernel(
        self, name: str, scale: str, number: int, which: int, kernel: Values
    ) -> list[Array]:
        """Returns a kernel with the weights of each output side by side."""
        if self.int8 is None:
            return [_array(name, "weights, output by output", "weight_t", _rows(kernel))]
        quantised = self.int8.kernels[number][which]
        return [
            _array(name, "weights, output by output", "weight_t", _rows(quantised.codes)),
            _floats(scale, quantised.scale),
        ]


def _rows(kernel: NDArray[Any]) -> NDArray[Any]:
    return np.moveaxis(kernel, -1, 0)


def _floats(name: str, values: Values) -> Array:
    return _array(name, name.replace("_", " "), "float", values)


def _array(name: str, comment: str, kind: str, values: NDArray[Any]) -> Array:
    return Array(name, comment, kind, values.size, c_text.numbers(values))
