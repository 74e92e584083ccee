"""What an HTML page with a network holds: its steps, its weights, and how a person gives an input.

The page's JavaScript reads all of it as JSON; names are written there as JavaScript has them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from core.networks.plan import (
    Activate,
    Convolution,
    Dense,
    Flatten,
    MaxPooling,
    Recurrent,
    Scale,
    Step,
)

Kind = Literal["dense", "convolution", "pooling", "flatten", "scale", "activate", "recurrent"]
_KINDS: dict[type[Step], Kind] = {
    Dense: "dense",
    Convolution: "convolution",
    MaxPooling: "pooling",
    Flatten: "flatten",
    Scale: "scale",
    Activate: "activate",
    Recurrent: "recurrent",
}


class _Part(BaseModel):
    model_config = ConfigDict(
        frozen=True, alias_generator=to_camel, populate_by_name=True, defer_build=True
    )


class StepEntry(_Part):
    """A step of a network, without its weights.

    Args:
        kind: what it does.
        input: shape of one input.
        output: shape of what it makes of it.
        weights: where each of its arrays starts among all weights, and how long it is.
        activation: of a dense layer or a convolution, or the step itself.
        kernel_size: height and width of a convolution's kernel.
        stride: of a convolution.
        padding: of a convolution: above, below, left, right.
        size: of the squares of a pooling.
        cell: of a recurrent layer.
        every_step: whether a recurrent layer hands on every state.
    """

    kind: Kind
    input: tuple[int, ...]
    output: tuple[int, ...]
    weights: tuple[tuple[int, int], ...] = ()
    activation: str | None = None
    kernel_size: tuple[int, int] | None = None
    stride: int | None = None
    padding: tuple[int, int, int, int] | None = None
    size: int | None = None
    cell: str | None = None
    every_step: bool | None = None


class NetworkEntry(_Part):
    """One network.

    Args:
        steps: in order; the last gives probabilities.
        temperature: what divides the logits.
    """

    steps: tuple[StepEntry, ...]
    temperature: float


class NumberColumn(_Part):
    """A table's column of numbers; see `core.datasets.tables.description.NumberInput`."""

    kind: Literal["number"] = "number"
    name: str
    fill: float
    factor: float
    offset: float
    low: float
    high: float


class CategoryColumn(_Part):
    """A table's column of categories; `shown` are their names on the page."""

    kind: Literal["category"] = "category"
    name: str
    fill: str
    categories: tuple[str, ...]
    shown: tuple[str, ...]


class Form(_Part):
    """How a person gives an input.

    Args:
        kind: what is on the page for it.
        labels: names of the inputs.
        patterns: of the ten digits on a seven-segment display.
        side: of a network's input in pixels, where it is drawn.
        shape: of the input, for a grid of pixels and for digits one after the other.
        lines: points that are joined, in the picture of a hand.
        columns: of a table.
        min_max: whether a table's numbers are scaled by their smallest and largest.
        hands: whether a table's numbers are a hand's points, to be moved and scaled.
        largest: what a table's inputs are clipped to.
        largest_number: that a person can enter.
    """

    kind: Literal["segments", "sheet", "switches", "digits", "grid", "hand", "columns", "numbers"]
    labels: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    side: int | None = None
    shape: tuple[int, ...] = ()
    lines: tuple[tuple[int, ...], ...] = ()
    columns: tuple[NumberColumn | CategoryColumn, ...] = ()
    min_max: bool = False
    hands: bool = False
    largest: float | None = None
    largest_number: float | None = None


class Example(_Part):
    """An input to start from.

    Args:
        label: its class.
        values: the flat input; for a table, what its columns hold.
    """

    label: str
    values: tuple[float | str, ...]


class PageData(_Part):
    """All that the page's JavaScript needs, but for the weights.

    Args:
        classes: what each output stands for.
        not_read: ends "This does not look like …".
        networks: one, or the members of an ensemble.
        bytes_each: of a weight: 4, or 3 without the last eight bits.
        vote: how members vote.
        vote_weights: of the members, in a weighted vote.
        shifts: whether each member sees five shifted copies (test-time augmentation).
        temperature: what divides the logits of the vote, or 1 where it is one network.
        threshold: confidence below which there is no answer.
        input_shape: of one example.
        form: how a person gives an input.
        examples: inputs to start from.
    """

    classes: tuple[str, ...]
    not_read: str
    networks: tuple[NetworkEntry, ...]
    bytes_each: Literal[3, 4]
    vote: str
    vote_weights: tuple[float, ...]
    shifts: bool
    temperature: float
    threshold: float
    input_shape: tuple[int, ...]
    form: Form
    examples: tuple[Example, ...]


def entries_of(steps: Sequence[Step], start: int) -> tuple[tuple[StepEntry, ...], int]:
    """Returns a network's steps as the page has them.

    Args:
        steps: of the network.
        start: how many weights stand before its own.

    Returns:
        The steps, and where its weights end.
    """
    entries = []
    for step in steps:
        places = []
        for array in step.weights:
            places.append((start, int(array.size)))
            start += int(array.size)
        entry = StepEntry(
            kind=_KINDS[type(step)],
            input=step.input_shape,
            output=step.output_shape,
            weights=tuple(places),
            activation=getattr(step, "activation", None),
        )
        match step:
            case Convolution(kernel=kernel, stride=stride, padding=padding):
                height, width = kernel.shape[:2]
                more = {"kernel_size": (height, width), "stride": stride, "padding": padding}
                entry = entry.model_copy(update=more)
            case MaxPooling(size=size):
                entry = entry.model_copy(update={"size": size})
            case Recurrent(cell=cell, every_step=every_step):
                entry = entry.model_copy(update={"cell": cell, "every_step": every_step})
        entries.append(entry)
    return tuple(entries), start


def weight_bytes(networks: Sequence[Sequence[Step]], bytes_each: Literal[3, 4]) -> bytes:
    """Returns all weights one after the other, the lowest byte first.

    Args:
        networks: the steps of each.
        bytes_each: 4 for float32. With 3, the last eight of its 24 bits of precision are rounded
            off, which changes a weight by less than a hundred-thousandth of it.
    """
    arrays = [array.ravel() for steps in networks for step in steps for array in step.weights]
    bits = np.concatenate(arrays, dtype=np.float32).view(np.uint32)  # (weights,)
    if bytes_each == 3:
        bits = _rounded(bits)
    rows = bits.astype("<u4").view(np.uint8).reshape(-1, 4)  # (weights, 4)
    return rows[:, 4 - bytes_each :].tobytes()


def _rounded(bits: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Rounds the last byte off, half to even; what would become infinite is cut instead."""
    half = np.uint32(0x7F) + ((bits >> np.uint32(8)) & np.uint32(1))
    up = bits + half
    infinite = (up & np.uint32(0x7F800000)) == np.uint32(0x7F800000)
    return np.where(infinite, bits, up) & np.uint32(0xFFFFFF00)
