"""What a person can ask of a run while it is under way, and how the run obeys.

Commands come from another thread or process; the training loop asks its `Pilot` before every few
batches, so that each takes effect at once.
"""

from __future__ import annotations

import queue
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, Protocol

from core.errors import Abandoned

CommandKind = Literal[
    "pause", "resume", "step_batch", "step_epoch", "stop", "park", "learning_rate"
]


@dataclass(frozen=True)
class Command:
    """One wish.

    Args:
        kind: "pause", "resume", "step_batch" and "step_epoch" (one more, then pause), "stop"
            (end with what is there), "park" (leave the worker, if paused, and keep the place) or
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


class Pilot:
    """Says how far the loop may go, as the commands would have it.

    Args:
        controls: where the commands arrive.
        paused: whether the run begins with a pause.
    """

    PAUSE_SECONDS = 0.5  # a pause is looked at again this often

    def __init__(self, controls: Controls, *, paused: bool = False) -> None:
        self._controls = controls
        self._mode: Literal["running", "paused", "batch", "epoch"] = (
            "paused" if paused else "running"
        )
        self.stopped = False
        self.parked = False
        self.learning_rate: float | None = None

    @property
    def paused(self) -> bool:
        """Whether the run stands still."""
        return self._mode == "paused"

    @property
    def single_batch(self) -> bool:
        """Whether only one batch may be done now."""
        return self._mode == "batch"

    def ask(self) -> None:
        """Obeys all commands that have arrived; in a pause it waits a while for the first."""
        command = self._controls.receive(self.PAUSE_SECONDS if self.paused else 0)
        while command is not None:
            self._obey(command)
            command = self._controls.receive(0)

    def after_batches(self) -> None:
        """Ends a step of one batch."""
        if self._mode == "batch":
            self._mode = "paused"

    def after_epoch(self) -> None:
        """Ends a step of one epoch."""
        if self._mode == "epoch":
            self._mode = "paused"

    def take_learning_rate(self) -> float | None:
        """Returns a learning rate that was asked for since the last call."""
        rate, self.learning_rate = self.learning_rate, None
        return rate

    def _obey(self, command: Command) -> None:
        match command.kind:
            case "pause":
                self._mode = "paused"
            case "resume":
                self._mode = "running"
            case "step_batch":
                self._mode = "batch"
            case "step_epoch":
                self._mode = "epoch"
            case "stop":
                self.stopped = True
            case "park":
                self.parked = True
            case "learning_rate":
                self.learning_rate = command.value
