"""How a run obeys the commands that reach it.

The training loop polls its `RunControl` before every few batches, so that each command takes effect
at once.
"""

from __future__ import annotations

import time
from typing import Literal

from core.workers.commands import Command, Controls, SetLearningRate, Signal


class RunControl:
    """Says how far the loop may go, as the commands would have it.

    Args:
        controls: where the commands arrive.
        paused: whether the run begins with a pause.
        slow: whether it begins in slow motion. Defaults to False.
    """

    PAUSE_SECONDS = 0.5  # a pause is looked at again this often

    def __init__(self, controls: Controls, *, paused: bool = False, slow: bool = False) -> None:
        self._controls = controls
        self._mode: Literal["running", "paused", "batch", "epoch"] = (
            "paused" if paused else "running"
        )
        self.slow = slow
        self.stopped = False
        self.preempted = False
        self.learning_rate: float | None = None

    @property
    def paused(self) -> bool:
        """Whether the run stands still."""
        return self._mode == "paused"

    @property
    def single_batch(self) -> bool:
        """Whether only one batch may be done now."""
        return self._mode == "batch"

    def poll(self) -> None:
        """Obeys all commands that have arrived; in a pause it waits a while for the first."""
        command = self._controls.receive(self.PAUSE_SECONDS if self.paused else 0)
        while command is not None:
            self._apply(command)
            command = self._controls.receive(0)

    def linger(self, seconds: float) -> None:
        """Waits between two epochs in slow motion, until a command would have the run go on."""
        end = time.monotonic() + seconds
        while self.slow and self._mode == "running" and not self.stopped:
            left = end - time.monotonic()
            command = self._controls.receive(left) if left > 0 else None
            if command is None:
                return
            self._apply(command)

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

    def _apply(self, command: Command) -> None:
        match command:
            case Signal("pause"):
                self._mode = "paused"
            case Signal("resume"):
                self._mode = "running"
            case Signal("step_batch"):
                self._mode = "batch"
            case Signal("step_epoch"):
                self._mode = "epoch"
            case Signal("slow"):
                self.slow = True
            case Signal("fast"):
                self.slow = False
            case Signal("stop"):
                self.stopped = True
            case Signal("preempt"):
                self.preempted = True
            case SetLearningRate(rate):
                self.learning_rate = rate
