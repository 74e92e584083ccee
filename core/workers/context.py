"""What a job has of the server while it runs in a worker: events, commands, checkpoints."""

from __future__ import annotations

import contextlib
import os
import pickle
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from core.errors import Abandoned
from core.workers.checkpoint_slot import CheckpointSlot, checkpoint_name
from core.workers.commands import COMMAND, Command, check_stopped
from core.workers.job import CheckpointSaved, JobSpec, WorkerStarted
from core.workers.memory import Attendance
from core.workers.progress import Progress

R = TypeVar("R")

CHECK_SECONDS = 1.0
ATTENDANCE = Attendance()  # of this process, as a worker


def control_topic(job_id: str) -> str:
    """Returns the name of the topic of a job's commands."""
    return f"control-{job_id}"


class JobContext:
    """A job's ties to the server while it runs in a worker.

    Args:
        job_id: names the job's topics.
    """

    def __init__(self, job_id: str) -> None:
        from distributed import get_client, get_worker

        self._worker = get_worker()
        self._client = get_client()
        self._job_id = job_id
        self._started: float | None = None
        self._controls: TopicControls | None = None
        self._slot = CheckpointSlot(self._client, job_id)
        self._saved = 0
        self._saver = ThreadPoolExecutor(1, thread_name_prefix="checkpoints")
        self._saving: list[Future[None]] = []

    def emit(self, event: object) -> None:
        """Sends one event, a small frozen dataclass, to the server."""
        # Dask's topics hold plain values only, and add keys of their own beside them.
        self._worker.log_event(self._job_id, {"event": pickle.dumps(event)})

    def report(self, done: int, total: int, *, note: str = "") -> None:
        """Reports how far the work is; the time that it takes is counted from the first report.

        Args:
            done: how much is done, in units of the work's own.
            total: how much there is to do.
            note: what is being done. Defaults to nothing.
        """
        now = time.monotonic()
        if self._started is None:
            self._started = now
        self.emit(Progress(done, total, now - self._started, note))

    @property
    def controls(self) -> TopicControls:
        """The commands that the server sends to this job."""
        if self._controls is None:
            self._controls = TopicControls(self._job_id, self._worker)
        return self._controls

    def check_stopped(self) -> None:
        """Raises Abandoned if a "stop" has come; for work that knows no other command."""
        check_stopped(self.controls)

    def save_checkpoint(self, make: Callable[[], bytes]) -> None:
        """Saves a checkpoint where it outlives this process, in place of the one before.

        Making and sending it happens beside the work, which need not wait for it.

        Args:
            make: returns its bytes.
        """
        self._saving.append(self._saver.submit(self._save, make))

    def finish_saving(self) -> None:
        """Waits until every checkpoint is saved; raises what went wrong in it."""
        for future in self._saving:
            future.result()
        self._saving.clear()

    def latest_checkpoint(self) -> bytes | None:
        """Returns what this job saved before its scheduler gave it to this worker, if it did."""
        if not self._client.get_events(checkpoint_name(self._job_id)):
            return None
        found = self._slot.latest()
        if found is None:
            return None
        self._saved, data = found
        return data

    def close(self) -> None:
        """Lets go of the commands."""
        if self._controls is not None:
            self._controls.close()

    def _save(self, make: Callable[[], bytes]) -> None:
        data = make()
        self._saved += 1
        self._slot.save(self._saved, data)
        # A topic of its own: Dask keeps the newest entries only, and a long epoch has many events.
        self._worker.log_event(checkpoint_name(self._job_id), self._saved)
        self.emit(CheckpointSaved(self._saved))


class TopicControls:
    """A job's commands, as `core.workers.commands.Controls` wants them.

    The topic only says that there is something new; what it is is read from the topic's own list,
    so that nothing is lost that came before the job did. Commands are numbered, so that none comes
    twice: their places in the list tell nothing, as Dask forgets the oldest of a long one.

    Args:
        job_id: of the job.
        worker: the Dask worker that it runs in.
    """

    def __init__(self, job_id: str, worker: Any) -> None:
        from distributed import get_client

        self._worker = worker
        self._job_id = job_id
        self._client = get_client()
        self._seen: set[int] = set()
        self._commands: queue.SimpleQueue[Command] = queue.SimpleQueue()
        self._news = threading.Event()
        self._news.set()
        self._checked = time.monotonic()
        self._client.subscribe_topic(control_topic(job_id), self._notice)

    def receive(self, timeout: float) -> Command | None:
        """Returns the next command, waiting for one up to `timeout` seconds; None if none came.

        Raises:
            Abandoned: if the server is gone, so that nobody waits for this job any more.
        """
        self._check_wanted()
        if self._commands.empty() and (self._news.is_set() or self._news.wait(timeout)):
            self._news.clear()
            self._fetch()
        return None if self._commands.empty() else self._commands.get_nowait()

    def close(self) -> None:
        """Lets go of the topic."""
        with contextlib.suppress(Exception):
            self._client.unsubscribe_topic(control_topic(self._job_id))

    async def _notice(self, event: Any) -> None:
        self._news.set()

    def _fetch(self) -> None:
        entries = self._client.get_events(control_topic(self._job_id))
        for _, entry in entries:
            if entry["number"] not in self._seen:
                self._seen.add(entry["number"])
                self._commands.put(COMMAND.validate_python(entry))

    def _check_wanted(self) -> None:
        if time.monotonic() - self._checked < CHECK_SECONDS:
            return
        self._checked = time.monotonic()
        task = self._worker.state.tasks.get(self._job_id)
        if task is None or task.state != "executing":
            raise Abandoned("Nobody waits for this work any more.")


def run_job(job_id: str, spec: JobSpec[R]) -> R:
    """Runs a job; this is what the worker is given."""
    with ATTENDANCE.job():
        context = JobContext(job_id)
        context.emit(WorkerStarted(os.getpid()))
        try:
            return spec.run(context)
        finally:
            context.close()
