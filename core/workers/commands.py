"""What a person can ask of a job while it is under way, and how the wish travels."""

from __future__ import annotations

import queue
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, Protocol

from core.errors import Abandoned

CommandKind = Literal[
    "pause", "resume", "step_batch", "step_epoch", "stop", "preempt", "learning_rate"
]


@dataclass(frozen=True)
class Command:
    """One wish.

    Args:
        kind: "pause", "resume", "step_batch" and "step_epoch" (one more, then pause), "stop"
            (end with what is there), "preempt" (leave the worker, if paused, and keep the place) or
            "learning_rate".
        value: the new learning rate; 0 for all other kinds.
    """

    kind: CommandKind
    value: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """Returns plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> Command:
        """Reads what `to_json` wrote."""
        return cls(entry["kind"], float(entry["value"]))


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
