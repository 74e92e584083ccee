"""What a person can ask of a job while it is under way, and how the wish travels."""

from __future__ import annotations

import queue
from typing import Annotated, Literal, Protocol

from pydantic import Field, TypeAdapter
from pydantic.dataclasses import dataclass

from core.errors import Abandoned
from core.schema import DEFERRED

SignalKind = Literal[
    "pause", "resume", "step_batch", "step_epoch", "slow", "fast", "stop", "preempt"
]


@dataclass(frozen=True, config=DEFERRED)
class Signal:
    """A command that needs no value.

    Args:
        kind: "pause", "resume", "step_batch" or "step_epoch" (one more, then pause), "slow" (wait
            between epochs) or "fast" (do not), "stop" (end with what there is) or "preempt" (if
            paused, leave the worker to others).
    """

    kind: SignalKind


@dataclass(frozen=True, config=DEFERRED)
class SetLearningRate:
    """Another learning rate from the next batch on.

    Args:
        learning_rate: of that batch; the schedule goes on from there.
    """

    learning_rate: float
    kind: Literal["learning_rate"] = "learning_rate"


Command = Signal | SetLearningRate
# Commands travel to workers as plain values.
COMMAND: TypeAdapter[Command] = TypeAdapter(
    Annotated[Command, Field(discriminator="kind")], config=DEFERRED
)


class Controls(Protocol):
    """Where a run's commands arrive."""

    def receive(self, timeout: float) -> Command | None:
        """Returns the next command, waiting for one up to `timeout` seconds; None if none came."""
        ...


class ControlQueue:
    """Commands between two threads of one process."""

    def __init__(self) -> None:
        self._commands: queue.SimpleQueue[Command] = queue.SimpleQueue()

    def send(self, command: Command) -> None:
        """Hands a command over."""
        self._commands.put(command)

    def receive(self, timeout: float) -> Command | None:
        """Returns the next command, waiting for one up to `timeout` seconds; None if none came."""
        try:
            return self._commands.get(timeout=timeout) if timeout else self._commands.get_nowait()
        except queue.Empty:
            return None


def check_stopped(controls: Controls) -> None:
    """Raises Abandoned if a "stop" has come; for work that knows no other command."""
    command = controls.receive(0)
    if command is not None and command.kind == "stop":
        raise Abandoned("It was stopped, and nothing was kept.")
