"""A run that is under way, as this server follows it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from core.runs.info import RunInfo, State
from core.training.card import TrainedModel
from core.training.events import Event
from core.training.history import History
from core.workers.commands import Command, SignalKind
from core.workers.job import Job

TrainingRun = Job[TrainedModel | None]
ENDS_A_PAUSE: tuple[SignalKind, ...] = ("resume", "step_batch", "step_epoch", "stop")


@dataclass(eq=False)
class LiveRun:
    """A run that is under way. Guarded by the lock of its manager.

    Args:
        info: its record.
        number: its place in the order of asking.
        events: all that it has emitted.
        stored: how many of these are in the database.
        network: the one that it left, until it is in the database.
        failures: how often in a row it could not be written there.
        trouble: why, in a sentence; empty unless it was so the last time.
        checkpoint: the newest one.
        checkpoint_epoch: the epoch at whose end that was taken.
        job: the work, while a worker has it.
        pending: commands for its next job; those sent in a pause too, until one is seen to be
            obeyed: the worker may be leaving, or dead already.
        urgent: whether it goes on after its worker was lost.
        losses: workers lost since the last checkpoint.
        begun: whether the job has told of a worker.
        preempting: whether it has been asked to leave its worker.
        slot: whether it has a place among workers that several servers share.
    """

    info: RunInfo
    number: int = 0
    events: list[Event] = field(default_factory=list)
    stored: int = 0
    network: TrainedModel | None = None
    failures: int = 0
    trouble: str = ""
    checkpoint: bytes | None = None
    checkpoint_epoch: int = 0
    job: TrainingRun | None = None
    pending: list[Command] = field(default_factory=list)
    urgent: bool = False
    losses: int = 0
    begun: bool = False
    preempting: bool = False
    slot: bool = False

    @property
    def history(self) -> History:
        """What it has emitted, as pages look at it."""
        return History.of(self.events, epochs_wanted=self.info.config.epochs)

    @property
    def kept(self) -> bool:
        """Whether all of it is in the database."""
        return not self.trouble and self.network is None and self.stored == len(self.events)

    @property
    def over(self) -> bool:
        """Whether it has ended, and nothing of it is left to be stored."""
        return self.kept and not self.info.under_way

    @property
    def waits(self) -> bool:
        """Whether it is queued, and no worker has it."""
        return self.info.state == "queued" and self.job is None

    @property
    def stays_paused(self) -> bool:
        """Whether it is paused, and no command that waits would end that."""
        wanted = any(command.kind in ENDS_A_PAUSE for command in self.pending)
        return self.info.state == "paused" and not wanted

    @property
    def next_step(self) -> str:
        """What happens now that its worker is lost, in a sentence."""
        if self.stays_paused:
            return "The run stays paused; when you resume it, another worker goes on with it."
        if self.checkpoint is None:
            return "The run begins again on another worker."
        epoch = self.checkpoint_epoch
        return f"The run goes on from the end of epoch {epoch} on another worker."

    def add(self, event: Event, *, state: State | None = None) -> None:
        """Adds an event, and sets the state that it leads to."""
        self.events.append(event)
        if state is not None:
            self.info = replace(self.info, state=state)
