"""A job's ties to the server while it runs in a worker: what it tells, hears and puts in safety."""

from __future__ import annotations

import contextlib
import os
import queue
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from core.errors import Abandoned
from core.workers.commands import Command
from core.workers.memory import Attendance

KEPT = "kept"
CHECK_SECONDS = 1.0
ATTENDANCE = Attendance()  # of this process, as a worker


def control_topic(job_id: str) -> str:
    """Returns the name of the topic of a job's commands."""
    return f"control-{job_id}"


def kept_name(job_id: str) -> str:
    """Returns the name of the variable that holds what a job puts in safety, and of its topic."""
    return f"kept-{job_id}"


class Reporter:
    """What a job has of the server while it runs in a worker.

    Args:
        job_id: names the job's topics.
    """

    def __init__(self, job_id: str) -> None:
        from distributed import get_client, get_worker

        self._worker = get_worker()
        self._client = get_client()
        self._job_id = job_id
        self._kept = 0
        self._beside = ThreadPoolExecutor(1, thread_name_prefix="keep")
        self._keeping: list[Future[None]] = []

    def tell(self, entry: Mapping[str, Any]) -> None:
        """Sends one event, plain values only, to the server."""
        # Dask adds keys of its own beside ours, hence the wrapping.
        self._worker.log_event(self._job_id, {"told": dict(entry)})

    def keep(self, make: Callable[[], bytes]) -> None:
        """Puts bytes where they outlive this process, in place of those kept before.

        They lie with the scheduler until the server, told of it, has fetched them. Making and
        sending them happens beside the work, which need not wait for it.

        Args:
            make: returns the bytes.
        """
        self._keeping.append(self._beside.submit(self._keep, make))

    def finish_keeping(self) -> None:
        """Waits until everything is safe that was to be kept; raises what went wrong in it."""
        for future in self._keeping:
            future.result()
        self._keeping.clear()

    def _keep(self, make: Callable[[], bytes]) -> None:
        from distributed import Variable

        data = make()
        self._kept += 1
        Variable(kept_name(self._job_id), client=self._client).set((self._kept, data))
        # A topic of its own: Dask keeps the newest entries only, and a long epoch tells many.
        self._worker.log_event(kept_name(self._job_id), self._kept)
        self.tell({"kind": KEPT, "number": self._kept})

    def kept(self) -> bytes | None:
        """Returns what this job kept in an earlier life, which a scheduler may have given it."""
        from distributed import Variable

        if not self._client.get_events(kept_name(self._job_id)):
            return None
        number, data = Variable(kept_name(self._job_id), client=self._client).get()
        self._kept = int(number)
        return bytes(data)

    def controls(self) -> TopicControls:
        """Returns the commands that the server sends to this job."""
        return TopicControls(self._job_id, self._worker)


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
                self._commands.put(Command.from_json(entry))

    def _check_wanted(self) -> None:
        if time.monotonic() - self._checked < CHECK_SECONDS:
            return
        self._checked = time.monotonic()
        task = self._worker.state.tasks.get(self._job_id)
        if task is None or task.state != "executing":
            raise Abandoned("Nobody waits for this work any more.")


def run_job(job_id: str, work: Callable[..., Any], *arguments: Any) -> Any:
    """Runs a piece of work; this is what the worker is given."""
    with ATTENDANCE.job():
        reporter = Reporter(job_id)
        reporter.tell({"kind": "worker", "pid": os.getpid()})
        return work(reporter, *arguments)
