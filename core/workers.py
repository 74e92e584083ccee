"""Work that must not run in the server: handed to Dask worker processes, followed by events.

A job is a function of this package and plain arguments. In the worker it is given a `Reporter`,
through which it tells of its progress and learns that it should stop; in the server a `Job`
collects what it tells. Training and noise curves are jobs alike.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from core.errors import DigitLabError, WorkersUnavailable

if TYPE_CHECKING:
    from distributed import Client, Future

State = Literal["waiting", "running", "finished", "failed"]
START_SECONDS = 60.0
STOP_CHECK_SECONDS = 0.25
LOST = "The worker processes were lost. Please start again."
_PROJECT = Path(__file__).resolve().parent.parent

Work = Callable[..., Any]


class Reporter:
    """What a job has of the server while it runs in a worker.

    Args:
        job_id: names the job's topic and its stop signal.
    """

    def __init__(self, job_id: str) -> None:
        from distributed import Event, get_worker

        self._worker = get_worker()
        self._stop = Event(_stop_name(job_id))
        self._topic = job_id
        self._asked_at = 0.0
        self._stopped = False

    def tell(self, entry: Mapping[str, Any]) -> None:
        """Sends one event, plain values only, to the server."""
        # Dask adds keys of its own beside ours, hence the wrapping.
        self._worker.log_event(self._topic, {"told": dict(entry)})

    def should_stop(self) -> bool:
        """Returns whether the person has stopped the job; asks no more than four times a second."""
        now = time.monotonic()
        if not self._stopped and now - self._asked_at >= STOP_CHECK_SECONDS:
            self._asked_at = now
            self._stopped = self._stop.is_set()
        return self._stopped


class Job:
    """One piece of work, as the server sees it. Safe to read from any thread.

    Args:
        job_id: unique name.
    """

    def __init__(self, job_id: str) -> None:
        self.id = job_id
        self.submitted = time.monotonic()
        self._lock = threading.Lock()
        self._events: list[dict[str, Any]] = []
        self._state: State = "waiting"
        self._result: Any = None
        self._error = ""
        self._stop: Callable[[], None] = lambda: None
        self._stopping = False
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
    def stopping(self) -> bool:
        """Whether it has been asked to stop."""
        return self._stopping

    @property
    def events(self) -> list[dict[str, Any]]:
        """What it has told so far, oldest first."""
        with self._lock:
            return list(self._events)

    @property
    def result(self) -> Any:
        """What the work returned, once finished; None before."""
        with self._lock:
            return self._result

    @property
    def error(self) -> str:
        """Why it failed, in a sentence; empty unless it did."""
        with self._lock:
            return self._error

    def stop(self) -> None:
        """Asks the work to end early with what it has. Does nothing once it has ended."""
        with self._lock:
            self._stopping = True
            stop = self._stop
        stop()

    def wait(self, timeout: float | None = None) -> bool:
        """Waits for the end; returns whether it came within `timeout` seconds."""
        return self._ended.wait(timeout)

    def _attach(self, stop: Callable[[], None]) -> None:
        with self._lock:
            self._stop = stop
            asked = self._stopping
        if asked:
            stop()

    def _add(self, entry: dict[str, Any]) -> None:
        with self._lock:
            if self._state == "waiting":
                self._state = "running"
            self._events.append(entry)

    def _finish(self, result: Any) -> None:
        with self._lock:
            if not self._ended.is_set():
                self._state, self._result = "finished", result
        self._ended.set()

    def _fail(self, error: str) -> None:
        with self._lock:
            if not self._ended.is_set():
                self._state, self._error = "failed", error
        self._ended.set()


class Workers:
    """The server's hold on its worker processes: one cluster, started when first needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._client: Client | None = None
        self._jobs: dict[str, Job] = {}

    def warm_up(self) -> None:
        """Starts the workers and has them import TensorFlow, without waiting for either."""
        threading.Thread(target=self._warm_up, name="warm-up", daemon=True).start()

    def submit(self, work: Work, *arguments: Any) -> Job:
        """Hands work to the next free worker.

        Args:
            work: a function of a module that workers can import, called with a `Reporter` and
                the arguments.
            arguments: plain values or small frozen objects.

        Returns:
            The job, at once; a start-up that fails shows as a failed job.
        """
        job = Job(f"job-{uuid.uuid4().hex}")
        threading.Thread(
            target=self._submit, args=(job, work, arguments), name=job.id, daemon=True
        ).start()
        return job

    def close(self) -> None:
        """Ends the worker processes. Jobs under way fail."""
        with self._lock:
            client, process = self._client, self._process
            self._client = self._process = None
        if client is not None:
            with contextlib.suppress(Exception):
                client.close(timeout=2)
        if process is not None:
            _end(process)
        self._fail_all("The worker processes were ended.")

    def _warm_up(self) -> None:
        with contextlib.suppress(WorkersUnavailable, OSError):
            self._connect().run(_import_training)

    def _connect(self) -> Client:
        """Returns the client, after starting a cluster if there is none or it has died."""
        with self._lock:
            if (
                self._client is not None
                and self._client.status == "running"
                and self._process is not None
                and self._process.poll() is None
            ):
                return self._client
            if self._client is not None:  # else it looks for the lost cluster for a minute
                with contextlib.suppress(Exception):
                    self._client.close(timeout=2)
            if self._process is not None:
                _end(self._process)
            self._fail_all(LOST)
            self._process = _start_cluster()
            self._client = _connect_to(self._process)
            return self._client

    def _submit(self, job: Job, work: Work, arguments: tuple[Any, ...]) -> None:
        try:
            client = self._connect()
            from distributed import Event

            signal = Event(_stop_name(job.id), client=client)
            client.subscribe_topic(job.id, lambda event: _receive(job, event[1]))
            with self._lock:
                self._jobs[job.id] = job
            future = client.submit(_run, job.id, work, *arguments, key=job.id, pure=False)
            job._attach(lambda: _set(signal))
            future.add_done_callback(lambda done: self._collect(client, job, done))
        except Exception as error:  # whatever Dask raises, the person must hear of it
            job._fail(f"The work could not be handed to a worker process ({error}).")

    def _collect(self, client: Client, job: Job, future: Future) -> None:
        from distributed import CancelledError, KilledWorker

        try:
            job._finish(future.result(timeout=START_SECONDS))
        except DigitLabError as error:
            job._fail(str(error))
        except KilledWorker:
            job._fail("The worker process ended unexpectedly, perhaps for want of memory.")
        except CancelledError:
            job._fail(LOST)
        except Exception as error:
            job._fail(f"The worker process failed ({type(error).__name__}: {error}).")
        finally:
            with self._lock:
                self._jobs.pop(job.id, None)
            # A future that is kept would make a finished run start again with its worker.
            future.release()
            with contextlib.suppress(Exception):
                client.unsubscribe_topic(job.id)

    def _fail_all(self, reason: str) -> None:
        jobs, self._jobs = list(self._jobs.values()), {}
        for job in jobs:
            job._fail(reason)


def _stop_name(job_id: str) -> str:
    return f"stop-{job_id}"


def _set(signal: Any) -> None:
    with contextlib.suppress(Exception):  # the cluster is gone, and the job with it
        signal.set()


def _receive(job: Job, entry: Any) -> None:
    if isinstance(entry, dict) and "told" in entry:
        job._add(entry["told"])


def _run(job_id: str, work: Work, *arguments: Any) -> Any:
    """Runs in the worker."""
    reporter = Reporter(job_id)
    reporter.tell({"kind": "worker", "pid": os.getpid()})
    return work(reporter, *arguments)


def _import_training() -> None:
    """Runs in the worker."""
    import core.fit  # noqa: F401


def _start_cluster() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "core.cluster"],
        cwd=_PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def _connect_to(process: subprocess.Popen[str]) -> Client:
    from distributed import Client

    assert process.stdout is not None
    address = process.stdout.readline().strip()
    if not address:
        raise WorkersUnavailable("The worker processes could not be started.")
    return Client(address, timeout=START_SECONDS, set_as_default=False)


def _end(process: subprocess.Popen[str]) -> None:
    """Closes the cluster's standard input, which ends it, and makes sure that it did."""
    with contextlib.suppress(OSError):
        if process.stdin is not None:
            process.stdin.close()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
