"""Networks as C, compiled and asked from Python, and networks made of random layers."""

import ctypes
import os
import shutil
import subprocess

import numpy as np
import pytest

from core.export.c_network import CNetwork
from core.inference.calibration import Calibration
from core.networks.plan import Activate, Convolution, Dense, Flatten, MaxPooling, Recurrent, Scale

STRICT = [
    "-std=c99",
    "-pedantic",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-Wconversion",
    "-Wshadow",
    "-Wdouble-promotion",
]
NO_EMULATOR = (
    "no cross compiler or emulator on this machine; on Debian: apt-get install gcc-arm-none-eabi"
    " libnewlib-arm-none-eabi qemu-system-arm"
)


def need(*programs):
    """Skips the test where a program is missing, or fails where they are required."""
    if all(map(shutil.which, programs)):
        return
    if os.environ.get("DIGIT_LAB_REQUIRE_EMULATOR") == "1":
        pytest.fail(NO_EMULATOR, pytrace=False)
    pytest.skip(NO_EMULATOR)


def write(folder, files):
    """Writes the files of a project, texts or bytes, by their paths."""
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())


def run(*command, folder=None):
    """Runs a program that has to succeed, and returns what it prints."""
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


class Program:
    """A network's C code, compiled without a warning and loaded.

    Args:
        network: as it stands in C.
        folder: to build it in.
        optimisation: a flag of gcc's. Defaults to -O1.
    """

    def __init__(self, network, folder, optimisation="-O1"):
        write(folder, network.sources())
        library = folder / "network.so"
        flags = [*STRICT, optimisation, "-shared", "-fPIC"]
        run("gcc", *flags, "network.c", "-o", str(library), "-lm", folder=folder)
        self._library = ctypes.CDLL(str(library))
        self._classes = network.steps[-1].output_shape[-1]

    def names(self):
        """Returns what its classes are called."""
        array = ctypes.c_char_p * self._classes
        found = array.in_dll(self._library, "network_class_names")
        return tuple(name.decode() for name in found)

    def predict(self, x):
        """Returns answers and probabilities for inputs: float32, shape (n, ...)."""
        answers = np.zeros(len(x), np.int64)
        probabilities = np.full((len(x), self._classes), np.nan, np.float32)
        for number, each in enumerate(np.ascontiguousarray(x, np.float32)):
            answers[number] = self._library.network_predict(
                each.ctypes.data_as(ctypes.c_void_p),
                probabilities[number].ctypes.data_as(ctypes.c_void_p),
            )
        return answers, probabilities


def network_of_steps(steps, *, int8=None, calibration=None, **changes):
    """Returns steps as a network that is to become C."""
    classes = tuple(f"class {n}" for n in range(steps[-1].output_shape[-1]))
    entries = {"name": "made", "title": "Made", "input_words": "numbers", "class_names": classes}
    entries |= changes
    steps = int8.steps if int8 else tuple(steps)
    return CNetwork(**entries, steps=steps, calibration=calibration or Calibration(), int8=int8)


def random_steps(seed):
    """Returns a network of layers in an order that nobody would choose, and inputs for it."""
    draw = np.random.default_rng(seed)

    def weights(*shape):
        # Strong enough that the answers differ after several layers.
        return draw.normal(0, 3 / np.sqrt(np.prod(shape[:-1]) + 1), shape).astype(np.float32)

    def activation():
        return str(draw.choice(["linear", "relu", "tanh", "relu", "sigmoid", "gelu", "softmax"]))

    if draw.random() < 0.25:
        shape, steps = (int(draw.integers(2, 6)), int(draw.integers(1, 5))), []
        every_step = True
        while every_step:
            every_step = bool(draw.random() < 0.5)
            units, cell = int(draw.integers(1, 6)), str(draw.choice(["simple", "gru", "lstm"]))
            columns = units * {"simple": 1, "gru": 3, "lstm": 4}[cell]
            bias = weights(2, columns) if cell == "gru" else weights(columns)
            after = (shape[0], units) if every_step else (units,)
            kernels = weights(shape[1], columns), weights(units, columns)
            steps.append(Recurrent("recurrent", shape, after, cell, *kernels, bias, every_step))
            shape = after
    else:
        shape = tuple(int(size) for size in draw.integers((6, 6, 1), (14, 14, 4)))
        steps = []
        for _ in range(draw.integers(1, 6)):
            steps.append(_picture_step(draw, shape, weights, activation))
            shape = steps[-1].output_shape
        steps.append(Flatten("flatten", shape, (int(np.prod(shape)),)))
        shape = steps[-1].output_shape
    first = steps[0].input_shape
    for units in draw.integers(1, 9, draw.integers(0, 3)):
        layer = weights(shape[0], units), weights(units)
        steps.append(Dense("dense", shape, (int(units),), *layer, activation()))
        shape = (int(units),)
    layer = weights(shape[0], 5), weights(5)
    steps.append(Dense("last", shape, (5,), *layer, "softmax"))
    return tuple(steps), draw.normal(0, 1, (40, *first)).astype(np.float32)


def _picture_step(draw, shape, weights, activation):
    rows, columns, channels = shape
    kind = draw.choice(["convolution", "convolution", "pool", "pool", "scale", "activate"])
    if kind == "pool" and min(rows, columns) >= 4:
        size = int(draw.integers(2, 4))
        return MaxPooling("pool", shape, (rows // size, columns // size, channels), size)
    if kind == "scale":
        return Scale("scale", shape, shape, weights(channels), weights(channels))
    if kind == "activate":
        return Activate("activate", shape, shape, activation())
    height, width = (int(draw.integers(1, min(size, 5) + 1)) for size in (rows, columns))
    stride, filters = int(draw.integers(1, 3)), int(draw.integers(1, 7))
    above, below = (int(n) for n in draw.integers(0, height, 2))
    left, right = (int(n) for n in draw.integers(0, width, 2))
    after = (
        (rows + above + below - height) // stride + 1,
        (columns + left + right - width) // stride + 1,
        filters,
    )
    return Convolution(
        "convolution",
        shape,
        after,
        weights(height, width, channels, filters),
        weights(filters),
        stride,
        (above, below, left, right),
        activation(),
    )
