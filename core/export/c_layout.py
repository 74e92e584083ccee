"""A planned network as the calls of a small C program, and the memory that they share.

Every layer writes from the start of one buffer; what it reads was moved to the buffer's end before.
A convolution goes through its picture from top to bottom and needs only a few rows of it at a time,
so its output may run into the part of the input that is done with: the buffer is hardly larger than
the larger of the two. A pooling that follows a convolution is part of it, and the picture between
the two is never stored.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from core.networks.plan import (
    Activate,
    Activation,
    Convolution,
    Dense,
    Flatten,
    MaxPooling,
    Recurrent,
    Scale,
    Shape,
    Step,
)

Kind = Literal["dense", "convolve", "pool", "recur", "scale", "activate"]
# The largest of some values is the same before and after these, as they never fall.
_RISING: tuple[Activation, ...] = ("linear", "relu", "tanh", "sigmoid")


@dataclass(frozen=True, eq=False)
class Operation:
    """One call of the C program.

    Args:
        kind: of the function.
        number: of the step in the network, from 0; its arrays are named for it.
        step: what it computes.
        output_shape: of what it leaves behind.
        pool: size of the squares of which a convolution keeps only the largest value; 1 for all.
        activation: for an activation, which.
        source: C expression of what it reads.
        target: C expression of where it writes; the same as the source where it works in place.
        scratch: C expression of memory that it needs besides; empty for none.
    """

    kind: Kind
    number: int
    step: Step
    output_shape: Shape
    pool: int = 1
    activation: Activation = "linear"
    source: str = ""
    target: str = ""
    scratch: str = ""

    @property
    def moves(self) -> bool:
        """Whether it writes elsewhere than it reads."""
        return self.kind not in ("scale", "activate")

    @property
    def count(self) -> int:
        """How many values it leaves behind."""
        return math.prod(self.output_shape)

    @property
    def scratch_count(self) -> int:
        """How many values it needs besides: a recurrent layer's states."""
        return 3 * len(self.step.recurrent_kernel) if isinstance(self.step, Recurrent) else 0

    def lead(self) -> int:
        """Returns by how many values the output must start before the input, at least."""
        if not isinstance(self.step, Convolution | MaxPooling):
            return self.count + self.scratch_count
        written = math.prod(self.output_shape[1:])
        read = math.prod(self.step.input_shape[1:])
        if isinstance(self.step, Convolution):
            rows, above = self.step.stride * self.pool, self.step.padding[0]
        else:
            rows, above = self.step.size, 0
        return max(
            (row + 1) * written - max(0, row * rows - above) * read
            for row in range(self.output_shape[0])
        )


@dataclass(frozen=True, eq=False)
class Layout:
    """The calls and the buffer.

    Args:
        operations: in order.
        work: floats in the buffer that they share; 0 for none.
        copies: C expression of where the input is copied at first; empty where it is not.
    """

    operations: tuple[Operation, ...]
    work: int
    copies: str = ""


def lay_out(steps: Sequence[Step]) -> Layout:
    """Returns the calls that compute a network, and how much memory they share."""
    operations = list(_operations(steps))
    inputs = math.prod(steps[0].input_shape)
    moving = [number for number, each in enumerate(operations) if each.moves]
    first, last = (moving[0], moving[-1]) if moving else (len(operations), -1)
    copies = ""
    if first > 0:  # what works in place must not write over the caller's input
        copies = "work" if moving else "probabilities"
    work = inputs if copies == "work" else 0
    placed, count = [], inputs
    for number, each in enumerate(operations):
        target = "probabilities" if number >= last else "work"
        source = target
        scratch = ""
        if each.moves:
            from_caller = number == first and not copies
            own = 0 if target == "probabilities" else each.count
            if from_caller:
                source, kept = "input", 0
                work = max(work, own + each.scratch_count)
            elif target == "work":
                source, kept = f"to_end({count})", 0
                work = max(work, count + each.lead())
            else:
                source, kept = "work", count
                work = max(work, count + each.scratch_count)
            scratch = f"work + {own + kept}" if each.scratch_count else ""
            count = each.count
        placed.append(replace(each, source=source, target=target, scratch=scratch))
    return Layout(tuple(placed), work, copies)


def _operations(steps: Sequence[Step]) -> Iterator[Operation]:
    """Yields the calls without their places."""
    pooled = -1
    for number, step in enumerate(steps):
        shape = step.output_shape
        match step:
            case Dense():
                yield Operation("dense", number, step, shape)
            case Convolution():
                following = steps[number + 1] if number + 1 < len(steps) else None
                pool = 1
                if isinstance(following, MaxPooling) and step.activation in _RISING:
                    pooled, pool, shape = number + 1, following.size, following.output_shape
                yield Operation("convolve", number, step, shape, pool)
            case MaxPooling() if number != pooled:
                yield Operation("pool", number, step, shape)
            case Scale():
                yield Operation("scale", number, step, shape)
            case Recurrent():
                yield Operation("recur", number, step, shape)
            case Activate() if step.activation != "linear":
                yield Operation("activate", number, step, shape, activation=step.activation)
            case MaxPooling() | Flatten() | Activate():
                pass
            case _:
                raise TypeError(type(step).__name__)
        if isinstance(step, Dense | Convolution) and step.activation != "linear":
            yield Operation("activate", number, step, shape, activation=step.activation)
