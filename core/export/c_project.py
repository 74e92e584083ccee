"""A saved model as a C99 project for microcontrollers: sources, a test, and an Arduino sketch."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.data import Inputs
from core.datasets.tables.description import NumberInput, Record, is_table
from core.datasets.uploads import is_upload
from core.errors import DataUnavailable
from core.export import c_text
from core.export.c_network import CNetwork
from core.export.plans import plan_of
from core.export.rendering import render_file
from core.models.saved_model import SavedModel
from core.networks.plan_forward import run_plan
from core.networks.quantisation import quantise_network
from core.segments.patterns import ALL_PATTERNS
from core.tasks.base import Task

EXAMPLES = 20  # inputs of the test, where not all that exist are few
_TIE = 1e-5  # an answer with such a lead depends on the order of the sums
_MAX_FEATURES = 200  # lines about inputs in the README
# Files of the project that are templates, and their paths in it.
_FILES = {
    "test.c": "test/test.c",
    "Makefile": "Makefile",
    "startup.c": "arm/startup.c",
    "alone.c": "arm/alone.c",
    "memory.ld": "arm/memory.ld",
}


@dataclass(frozen=True, eq=False)
class TestVectors:
    """Inputs with the answers that the program must give.

    Args:
        about: what the inputs are.
        x: float32, shape (n, *input_shape).
        answers: int64, shape (n,): the class, or -1 for none.
        probabilities: float32, shape (n, classes).
    """

    __test__ = False  # no test of pytest's

    about: str
    x: Inputs
    answers: NDArray[np.int64]
    probabilities: Inputs


def every_input(task: Task) -> Inputs | None:
    """Returns all inputs of a task where they are few; None for others."""
    if is_segments(task):
        return ALL_PATTERNS
    inputs = math.prod(task.input_shape)
    if inputs <= 10 and any(source.patterns == 2**inputs for source in task.sources):
        bits = np.arange(2**inputs)[:, np.newaxis] >> np.arange(inputs)[::-1]
        return np.asarray(bits & 1, np.float32).reshape(-1, *task.input_shape)
    return None


def is_segments(task: Task) -> bool:
    """Returns whether a task's inputs are the seven segments of a display."""
    return task.channel is not None and task.input_shape == ALL_PATTERNS.shape[1:]


def network_of(model: SavedModel, *, int8: bool) -> CNetwork:
    """Returns a saved model as it will stand in C.

    Args:
        model: a network, not an ensemble.
        int8: whether its weights become 8-bit integers.

    Raises:
        ModelUnusable: if it cannot be written as a program.
    """
    steps = plan_of(model)
    task = model.task
    rounded = quantise_network(steps, every_input(task)) if int8 else None
    return CNetwork(
        model.name,
        task.title,
        _input_words(task),
        task.classes,
        rounded.steps if rounded else steps,
        model.calibration,
        rounded,
    )


def vectors_of(network: CNetwork, model: SavedModel) -> TestVectors:
    """Returns what the program is tested with: nothing from a person's own data."""
    return vectors_for(network, *_inputs(model))


def vectors_for(network: CNetwork, about: str, x: Inputs) -> TestVectors:
    """Returns a network's answers to inputs, without those that rounding might decide.

    Args:
        network: computed here by NumPy.
        about: what the inputs are.
        x: float32, shape (n, *input_shape).
    """
    threshold = network.calibration.threshold
    probabilities = network.calibration.apply(run_plan(network.steps, x))
    ranked = np.sort(probabilities, axis=1)
    decided = (ranked[:, -1] - ranked[:, -2] > _TIE) & (np.abs(ranked[:, -1] - threshold) > _TIE)
    answers = np.where(ranked[:, -1] >= threshold, probabilities.argmax(axis=1), -1)
    return TestVectors(about, x[decided], answers[decided].astype(np.int64), probabilities[decided])


def _inputs(model: SavedModel) -> tuple[str, Inputs]:
    task = model.task
    every = every_input(task)
    if every is not None:
        return f"all {len(every)} inputs that exist", every
    if not (is_table(task.name) or is_upload(model.card.source)):
        try:
            return "test examples", task.available_source().examples(EXAMPLES).x
        except DataUnavailable:
            pass
    generator = np.random.default_rng(0)
    shape = (EXAMPLES, *task.input_shape)
    x = generator.standard_normal(shape) if len(shape) == 2 else generator.random(shape)
    return "random numbers", x.round(4).astype(np.float32)


def program_files(network: CNetwork, vectors: TestVectors) -> dict[str, str]:
    """Returns the sources of a network and of its test, by their paths in the project."""
    files = network.sources()
    files |= {path: render_file(f"c/{name}.j2") for name, path in _FILES.items()}
    files["test/test_vectors.h"] = render_file(
        "c/test_vectors.h.j2",
        about=vectors.about,
        count=len(vectors.x),
        inputs=c_text.numbers(vectors.x),
        answers=c_text.numbers(vectors.answers),
        probabilities=c_text.numbers(vectors.probabilities),
    )
    return files


def project_files(
    model: SavedModel, network: CNetwork, measured: Mapping[str, str]
) -> dict[str, bytes]:
    """Returns the files of the project.

    Args:
        model: a network, not an ensemble.
        network: the same as it will stand in C.
        measured: what was measured of it, in words, for the README.

    Returns:
        Their bytes by their paths; the first folder is the project's, and an Arduino sketch.
    """
    folder = c_text.folder_name(model.name)
    vectors = vectors_of(network, model)
    task = model.task
    values: dict[str, Any] = {
        "name": c_text.in_comment(model.name),
        "title": c_text.in_comment(task.title),
        "folder": folder,
        "inputs": math.prod(task.input_shape),
        "segments": is_segments(task),
    }
    files = program_files(network, vectors)
    files[f"{folder}.ino"] = render_file("c/sketch.ino.j2", **values)
    files["README.md"] = render_file(
        "c/README.md.j2",
        **values,
        heading=c_text.in_markdown(f"{task.title}: {model.name}"),
        summary=c_text.in_markdown(model.summary),
        class_names=[c_text.in_markdown(name) for name in task.classes],
        input_words=_input_words(task),
        features=_features(task),
        shape=task.input_shape,
        int8=network.int8 is not None,
        needs=network.needs,
        vectors=len(vectors.x),
        about=vectors.about,
        measured={name: c_text.in_markdown(words) for name, words in measured.items()},
    )
    return {f"{folder}/{path}": text.encode() for path, text in files.items()}


def _input_words(task: Task) -> str:
    if is_segments(task):
        return "segments a to g"
    if task.features:
        return "named in README.md"
    return " x ".join(str(size) for size in task.input_shape)


def _features(task: Task) -> list[str]:
    """Returns what each input is, where it has a name."""
    if is_segments(task):
        return []
    named = [c_text.in_markdown(name) for name in task.features]
    if task.table is not None and not task.table.choices.hands:
        named = [name + _scaling(task.table, number) for number, name in enumerate(named)]
    more = len(named) - _MAX_FEATURES
    return named if more <= 0 else [*named[:_MAX_FEATURES], f"and {more} more"]


def _scaling(record: Record, number: int) -> str:
    """Returns how a number of the table becomes an input."""
    columns = [each for each in record.inputs if isinstance(each, NumberInput)]
    if number >= len(columns):
        return ": 1 if it is so, otherwise 0"
    each = columns[number]
    if record.choices.scaling == "min-max":
        return f": value * {each.factor:.9g} + ({each.offset:.9g})"
    return f": (value - ({each.offset:.9g})) / {each.factor:.9g}"
