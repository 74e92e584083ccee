"""Whether a network from outside fits a task, and what has to be added so that it does."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.data import Inputs, Labels, Split
from core.errors import InvalidInput
from core.importing.uploaded import shape_words
from core.tasks.base import Task, tasks

Outputs = NDArray[np.float32]
Shape = tuple[int | None, ...]
PROBE = 1_000  # validation examples that the scale is found by
NEAR = 0.05  # accuracies that lie no further apart tell no scales apart
_ROUNDING = 1e-3
_SMALLEST = 1e-12


@dataclass(frozen=True)
class Scale:
    """How a picture's values may be written, where ours run from 0 (paper) to 1 (ink).

    Args:
        words: for a sentence.
        factor: what ours are multiplied by.
        offset: what is then added.
    """

    words: str
    factor: float
    offset: float


SCALES = (
    Scale("0 to 1", 1, 0),
    Scale("0 to 255", 255, 0),
    Scale("−1 to 1", 2, -1),
    Scale("0 to 1 with dark ink on white paper", -1, 1),
    Scale("0 to 255 with dark ink on white paper", -255, 255),
)


@dataclass(frozen=True)
class Adaptation:
    """What is added to a network, before its input and behind its output.

    Args:
        reshape: whether examples are put into another shape first. Defaults to False.
        factor: what their values are multiplied by. Defaults to 1.
        offset: what is then added to them. Defaults to 0.
        softmax: whether its outputs are logits, which a softmax turns into probabilities.
    """

    reshape: bool = False
    factor: float = 1
    offset: float = 0
    softmax: bool = False


@dataclass(frozen=True)
class Match:
    """How a network fits a task.

    Args:
        adaptation: what has to be added.
        findings: what was found out, as sentences.
    """

    adaptation: Adaptation
    findings: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class _Tried:
    """What came of a scale: its accuracy, and how surprising the right answers are, in nats."""

    scale: Scale
    outputs: Outputs
    accuracy: float
    surprise: float


def check_shapes(taken: Shape, given: Shape, task: Task) -> bool:
    """Looks whether a network's shapes fit a task.

    Args:
        taken: shape of its input without the batch.
        given: shape of its output without the batch.
        task: the task.

    Returns:
        Whether examples have to be reshaped for it.

    Raises:
        InvalidInput: if they do not fit.
    """
    wanted = task.input_shape
    if given != (len(task.classes),):
        raise InvalidInput(
            f"The network gives {shape_words(given)} answers, but {task.title.lower()} have"
            f" {len(task.classes)} classes. {_others(taken, given)}"
        )
    filled = wanted if len(taken) == len(wanted) else ()
    sizes = [
        size if size is not None else other for size, other in zip(taken, filled, strict=False)
    ]
    exact = tuple(sizes) if filled else taken
    if exact == wanted:
        return False
    flat = (math.prod(wanted),)
    if None not in exact and exact and _squeezed(exact) in (_squeezed(wanted), flat):
        return True
    raise InvalidInput(
        f"The network takes examples of {shape_words(taken)}, but {task.title.lower()} are"
        f" {shape_words(wanted)}. {_others(taken, given)}"
    )


def find_match(
    predict: Callable[[Inputs], Outputs], validation: Split, task: Task, *, reshape: bool
) -> Match:
    """Finds out, on validation data, on what scale a network reads and what its outputs are.

    Test data is not touched: what is chosen by it would look better on it than it is.

    Args:
        predict: `(x) -> outputs`, shape (n, classes), for x of the task's shape, on any scale.
        validation: the examples.
        task: the task.
        reshape: from `check_shapes`.

    Raises:
        InvalidInput: if its outputs are neither probabilities nor logits.
    """
    x, y = validation.x[:PROBE], validation.y[:PROBE]
    scales = SCALES if len(task.input_shape) == 3 else SCALES[:1]
    tried: list[_Tried] = []
    for scale in scales:
        outputs = predict(np.asarray(x * scale.factor + scale.offset, np.float32))
        if np.isfinite(outputs).all():
            accuracy = float((outputs.argmax(axis=1) == y).mean())
            tried.append(_Tried(scale, outputs, accuracy, _surprise(outputs, y)))
    if not tried:
        raise InvalidInput("The network's answers are no numbers (NaN or infinity).")
    # Some networks are right on any scale, but too sure of themselves, or not sure enough, on all
    # but their own. The first of equals is taken.
    best = max(each.accuracy for each in tried)
    chosen = min(
        (each for each in tried if each.accuracy >= best - NEAR), key=lambda each: each.surprise
    )
    scale, outputs, accuracy = chosen.scale, chosen.outputs, chosen.accuracy
    findings = [*_output_findings(outputs)]
    adaptation = Adaptation(reshape, scale.factor, scale.offset, softmax=bool(findings))
    if reshape:
        shape = shape_words(task.input_shape)
        findings.insert(0, f"Its input has another shape: our {shape} values are put into it.")
    if scale is not SCALES[0]:
        findings.insert(0, f"It reads values of {scale.words}: ours are converted before.")
    if accuracy < 2 / len(task.classes):
        findings.append(
            "It is hardly better than guessing here. Was it made for another task, or with its"
            " classes in another order?"
        )
    return Match(adaptation, tuple(findings))


def _surprise(outputs: Outputs, y: Labels) -> float:
    """Returns the cross-entropy of the right answers, in nats; outputs may be logits."""
    values = outputs.astype(np.float64)
    if not _are_probabilities(outputs):
        values = np.exp(values - values.max(axis=1, keepdims=True))
        values /= values.sum(axis=1, keepdims=True)
    return float(-np.log(np.maximum(values[np.arange(len(y)), y], _SMALLEST)).mean())


def _are_probabilities(outputs: Outputs) -> bool:
    adds_up = np.abs(outputs.sum(axis=1) - 1).max() < _ROUNDING
    return bool(outputs.min() >= -_ROUNDING and adds_up)


def _output_findings(outputs: Outputs) -> Iterator[str]:
    """Says what outputs are if they are no probabilities."""
    if _are_probabilities(outputs):
        return
    if outputs.min() >= 0 and outputs.max() <= 1:
        raise InvalidInput(
            "The network's outputs lie between 0 and 1, but do not add up to 1 (sigmoid): each"
            " class is judged by itself. Let it end in a softmax, or without any activation."
        )
    yield "Its outputs are logits: a softmax was added, which turns them into probabilities."


def _squeezed(shape: Shape) -> Shape:
    return tuple(size for size in shape if size != 1)


def _others(taken: Shape, given: Shape) -> str:
    """Names the tasks that a network would fit, or what the tasks here take."""
    fitting = [
        task.title.lower()
        for task in tasks().values()
        if given == (len(task.classes),) and None not in taken and taken == task.input_shape
    ]
    if fitting:
        return f"It would fit: {', '.join(fitting)}."
    here = dict.fromkeys(
        f"{shape_words(task.input_shape)} → {len(task.classes)}" for task in tasks().values()
    )
    return f"The tasks here take and give: {'; '.join(here)}."
