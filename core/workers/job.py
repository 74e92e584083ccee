"""A job: its description, what the server sees of it, and the side that makes it move."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Generic, Literal, Protocol, TypeVar

from core.workers.commands import Command, Signal
from core.workers.progress import Progress

if TYPE_CHECKING:
    from core.workers.context import JobContext

R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)
E = TypeVar("E")

State = Literal["waiting", "running", "finished", "failed"]
Listener = Callable[[object], None]


class JobSpec(ABC, Generic[R_co]):
    """A kind of work with its arguments: made in the server, run in a worker.

    Each is a frozen dataclass of plain values or small frozen objects, in a module that both can
    import. What takes long to import, Keras above all, is imported in `run`.
    """

    long: ClassVar[bool] = False
    """Whether it is a training run; whoever submits it keeps to `Workers.training_slots`."""
    urgent: ClassVar[bool] = False
    """Whether it goes before waiting jobs that are not: done in a moment, while a person waits."""
    kept: ClassVar[bool] = False
    """Whether it is done although nobody looks at it any more; else it is dropped after a while."""

    @abstractmethod
    def run(self, context: JobContext) -> R_co:
        """Does the work, in a worker."""


@dataclass(frozen=True)
class WorkerStarted:
    """A job's first event; a second one says that its scheduler has started it anew.

    Args:
        pid: id of the worker's process.
    """

    pid: int


@dataclass(frozen=True)
class CheckpointSaved:
    """A checkpoint is in the job's slot.

    Args:
        number: 1 for the job's first, and so on.
    """

    number: int


@dataclass(frozen=True)
class Ended:
    """The last event that a listener hears: the job is over, however it ended."""


class Slot(Protocol):
    """Where a job's newest checkpoint is; see `core.workers.checkpoint_slot`."""

    def latest(self) -> tuple[int, bytes] | None:
        """Returns the newest checkpoint with its number, or None if it cannot be had."""
        ...

    def discard(self) -> None:
        """Frees the memory."""
        ...


class Job(Generic[R_co]):
    """One piece of work, as whoever asked for it sees it. Safe to read from any thread.

    Args:
        job_id: unique name.
        spec: what is to be done.

    Attributes:
        lost: whether it failed with its worker, so that another might do it.
        dropped: whether it ended because nobody waited for it any more.
    """

    def __init__(self, job_id: str, spec: JobSpec[R_co]) -> None:
        self.id = job_id
        self.spec = spec
        self.submitted = time.monotonic()
        self.lost = False
        self.dropped = False
        self._asked: dict[str, float] = {}
        self._lock = threading.Lock()
        self._sending = threading.Lock()  # commands arrive in the order of sending
        self._events: list[object] = []
        self._progress = Progress()
        self._state: State = "waiting"
        self._result: R_co | None = None
        self._error = ""
        self._unsent: list[Command] = []
        self._send: Callable[[Command], None] | None = None
        self._slot: Slot | None = None
        self._ended = threading.Event()

    @property
    def state(self) -> State:
        """Where the job stands."""
        with self._lock:
            return self._state

    @property
    def active(self) -> bool:
        """Whether the job is still waiting or running."""
        return self.state in ("waiting", "running")

    @property
    def asked(self) -> dict[str, float]:
        """When each person last asked for it, by `time.monotonic`."""
        with self._lock:
            return dict(self._asked)

    def ask(self, person: str) -> None:
        """Notes that somebody waits for it now. Whoever goes on waiting asks again and again."""
        with self._lock:
            self._asked[person] = time.monotonic()

    @property
    def progress(self) -> Progress:
        """How far it is, as last reported; all of it once it has finished."""
        with self._lock:
            if self._state == "finished":
                return Progress(1, 1, self._progress.seconds)
            return self._progress

    @property
    def seconds(self) -> float:
        """How long ago it was submitted."""
        return time.monotonic() - self.submitted

    @property
    def result(self) -> R_co | None:
        """What the work returned, once finished; None before."""
        with self._lock:
            return self._result

    @property
    def error(self) -> str:
        """Why it failed, in a sentence; empty unless it did."""
        with self._lock:
            return self._error

    def events(self, kind: type[E]) -> list[E]:
        """Returns the events of a kind so far, oldest first. A listener takes them instead."""
        with self._lock:
            return [event for event in self._events if isinstance(event, kind)]

    def send(self, command: Command) -> None:
        """Sends a command to the work, now or as soon as it has been handed over."""
        with self._sending:
            if self._send is None:
                self._unsent.append(command)
            else:
                self._send(command)

    def stop(self) -> None:
        """Has the work end early."""
        self.send(Signal("stop"))

    def latest_checkpoint(self) -> tuple[int, bytes] | None:
        """Returns the newest checkpoint of the work with its number, if there is one."""
        return self._slot.latest() if self._slot else None

    def discard_checkpoint(self) -> None:
        """Frees the memory that holds it."""
        if self._slot:
            self._slot.discard()

    def wait(self, timeout: float | None = None) -> bool:
        """Waits for the end; returns whether it came within `timeout` seconds."""
        return self._ended.wait(timeout)


class JobProducer(Generic[R]):
    """The side of a job that makes it move: the pool's, or a test's.

    Args:
        job_id: unique name.
        spec: what is to be done.
        listener: given every event in place of `Job.events`, and `Ended` at last. Called from
            other threads.
    """

    def __init__(self, job_id: str, spec: JobSpec[R], listener: Listener | None = None) -> None:
        self.job = Job(job_id, spec)
        self._listener = listener

    def attach(self, send: Callable[[Command], None], slot: Slot | None = None) -> None:
        """Connects the job to the work: commands that wait are sent now, others as they come."""
        job = self.job
        with job._sending:
            job._send, job._slot = send, slot
            for command in job._unsent:
                send(command)
            job._unsent.clear()

    def emit(self, event: object) -> None:
        """Adds an event; the first one says that the job runs."""
        job = self.job
        with job._lock:
            if job._state == "waiting":
                job._state = "running"
            if isinstance(event, Progress):
                job._progress = event
            elif self._listener is None:
                job._events.append(event)
        if self._listener is not None:
            self._listener(event)

    def finish(self, result: R) -> None:
        """Ends the job with its result."""
        self._end("finished", result, "")

    def fail(self, error: str, *, lost: bool = False) -> None:
        """Ends the job with an error.

        Args:
            error: a sentence for the person.
            lost: whether its worker is gone, so that another might do it.
        """
        self._end("failed", None, error, lost=lost)

    def drop(self, error: str) -> None:
        """Ends the job as one that nobody waits for; work under way is told to stop."""
        self.job.stop()
        self._end("failed", None, error, dropped=True)

    def _end(
        self,
        state: State,
        result: R | None,
        error: str,
        *,
        lost: bool = False,
        dropped: bool = False,
    ) -> None:
        job = self.job
        with job._lock:
            if job._ended.is_set():
                return
            job._state, job._result, job._error = state, result, error
            job.lost, job.dropped = lost, dropped
            job._ended.set()
        if self._listener is not None:
            self._listener(Ended())
