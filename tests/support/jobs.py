"""Jobs without worker processes: played by hand, or done in the test's own process."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any, TypeVar

from core.workers.commands import Command, ControlQueue, check_stopped
from core.workers.context import JobContext
from core.workers.job import CheckpointSaved, Job, JobProducer, JobSpec, Listener
from core.workers.progress import Progress

R = TypeVar("R")
T = TypeVar("T")


def sent(value: T) -> T:
    """Returns what arrives when a value is sent to another process."""
    copy: T = pickle.loads(pickle.dumps(value))
    return copy


class RecordingContext(JobContext):
    """Stands in for a job's context, so that `spec.run(context)` can be called in a test.

    Args:
        commands: those that the work finds when it looks.
        checkpoint: what the job saved in an earlier life. Defaults to nothing.
        listener: given everything that is emitted. Defaults to nobody.

    Attributes:
        emitted: the events, oldest first, without the reports.
        reports: the progress reported, oldest first; it took no time.
        checkpoints: those saved, oldest first.
        unsaved: checkpoints for whose saving nobody has waited.
    """

    def __init__(
        self,
        *commands: Command,
        checkpoint: bytes | None = None,
        listener: Listener = lambda event: None,
    ) -> None:
        self.emitted: list[object] = []
        self.reports: list[Progress] = []
        self.checkpoints: list[bytes] = []
        self.unsaved = 0
        self._checkpoint = checkpoint
        self._listener = listener
        self._queue = ControlQueue()
        for command in commands:
            self._queue.send(command)

    def emit(self, event: object) -> None:
        self.emitted.append(event)
        self._listener(event)

    def report(self, done: int, total: int, *, note: str = "") -> None:
        self.reports.append(Progress(done, total, note=note))
        self._listener(self.reports[-1])

    @property
    def controls(self) -> Any:
        return self._queue

    def check_stopped(self) -> None:
        check_stopped(self._queue)

    def save_checkpoint(self, make: Callable[[], bytes]) -> None:
        self.checkpoints.append(make())
        self.unsaved += 1
        self.emit(CheckpointSaved(len(self.checkpoints)))

    def finish_saving(self) -> None:
        self.unsaved = 0

    def latest_checkpoint(self) -> bytes | None:
        return self._checkpoint

    def close(self) -> None:
        pass


class HandPlayedSlot:
    """Where a hand-played job has its newest checkpoint."""

    def __init__(self) -> None:
        self.content: tuple[int, bytes] | None = None
        self.discarded = False

    def latest(self) -> tuple[int, bytes] | None:
        return self.content

    def discard(self) -> None:
        self.content, self.discarded = None, True


class HandPlayedJob(JobProducer[R]):
    """A job whose work a test plays. It is in no worker, but whoever sends it commands is heard.

    Args:
        spec: what is to be done.
        listener: as for `JobProducer`. Defaults to none.
        job_id: unique name. Defaults to one for a job that is alone.

    Attributes:
        commands: those that it was sent, oldest first.
        slot: with its newest checkpoint.
    """

    def __init__(
        self, spec: JobSpec[R], listener: Listener | None = None, *, job_id: str = "job"
    ) -> None:
        super().__init__(job_id, spec, listener)
        self.spec = spec
        self.commands: list[Command] = []
        self.slot = HandPlayedSlot()
        self.attach(self.commands.append, self.slot)

    def emit(self, *events: object) -> None:
        """Adds events, in this order."""
        for event in events:
            super().emit(event)

    def save(self, number: int, checkpoint: bytes) -> None:
        """Saves a checkpoint and tells of it."""
        self.slot.content = (number, checkpoint)
        self.emit(CheckpointSaved(number))

    def work(self) -> RecordingContext:
        """Does the work here and now, and sends everything as a worker would have to.

        Returns:
            What the work made of its context.
        """
        context = RecordingContext(listener=lambda event: self.emit(sent(event)))
        self.finish(sent(sent(self.spec).run(context)))
        return context


class HandPlayedWorkers:
    """Takes jobs like `Workers` and leaves them to the test.

    Args:
        training_slots: as many long jobs it says can be done at a time. Defaults to 1.

    Attributes:
        jobs: those that it was given, oldest first.
        slots: as many it says now.
        shared: whether other servers use them as well. Defaults to False.
        error: raised in place of an answer to how many can be done. Defaults to none.
    """

    def __init__(self, training_slots: int = 1) -> None:
        self.jobs: list[HandPlayedJob[Any]] = []
        self.error: Exception | None = None
        self.slots = training_slots
        self.shared = False

    def training_slots(self) -> int:
        if self.error:
            raise self.error
        return self.slots

    def submit(self, spec: JobSpec[R], *, listener: Listener | None = None) -> Job[R]:
        played = HandPlayedJob(spec, listener, job_id=f"job-{len(self.jobs)}")
        self.jobs.append(played)
        return played.job
