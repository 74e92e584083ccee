"""Work that must not run in the server: handed to Dask worker processes, followed by events.

A job is a function of this package and plain arguments. In the worker it is given a `Reporter`
(`core.workers.context`), through which it tells of its progress; in the server a `Job` collects
what it tells. Training and noise curves are jobs alike.

The workers are those of a local cluster, started when the machine is idle or when they are first
needed, or those of the cluster whose scheduler DASK_SCHEDULER names.
"""

from __future__ import annotations

import contextlib
import itertools
import math
import os
import re
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

from core.errors import DigitLabError, WorkersUnavailable
from core.paths import PROJECT
from core.workers.commands import Command
from core.workers.context import ATTENDANCE, control_topic, kept_name, run_job
from core.workers.idle import wait_until_idle

if TYPE_CHECKING:
    from distributed import Client, Future

State = Literal["waiting", "running", "finished", "failed"]
Listener = Callable[[dict[str, Any]], None]
START_SECONDS = 60.0
SAFE_SECONDS = 10.0
FIRST_SECONDS = 10.0  # as long as a busy machine delays what `Workers.warm_up` does first
URGENT = 1  # Dask's priority: the higher, the earlier; 0 is that of all other jobs
LOST = "The worker processes were lost."
KILLED = "The worker process ended unexpectedly, perhaps for want of memory."
_ADDRESS = re.compile(r"(tcp|tls)://[^\s/]+:\d+")

Work = Callable[..., Any]


class Job:
    """One piece of work, as the server sees it. Safe to read from any thread.

    Args:
        job_id: unique name.
        listener: given every event instead of the list `events`, and `{"kind": "ended"}` at last.
    """

    def __init__(self, job_id: str, listener: Listener | None = None) -> None:
        self.id = job_id
        self.submitted = time.monotonic()
        self.lost = False
        self._listener = listener
        self._lock = threading.Lock()
        self._events: list[dict[str, Any]] = []
        self._state: State = "waiting"
        self._result: Any = None
        self._error = ""
        self._unsent: list[Command] = []
        self._send: Callable[[Command], None] | None = None
        self._safe: Safe | None = None
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
    def events(self) -> list[dict[str, Any]]:
        """What it has told so far, oldest first."""
        with self._lock:
            return list(self._events)

    def newest(self, kind: str) -> dict[str, Any]:
        """Returns the last event of a kind; an empty one as long as there is none."""
        with self._lock:
            return next((event for event in reversed(self._events) if event["kind"] == kind), {})

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

    def send(self, command: Command) -> None:
        """Sends a command to the work, now or as soon as it has been handed over."""
        with self._lock:
            if self._send is None:
                self._unsent.append(command)
                return
            send = self._send
        send(command)

    def read_kept(self) -> tuple[int, bytes] | None:
        """Returns what the work has last put into safety, and the number of that, if it did."""
        return self._safe.read() if self._safe else None

    def forget_kept(self) -> None:
        """Gives the place free that holds what the work put into safety."""
        if self._safe:
            self._safe.forget()

    def wait(self, timeout: float | None = None) -> bool:
        """Waits for the end; returns whether it came within `timeout` seconds."""
        return self._ended.wait(timeout)

    def _attach(self, send: Callable[[Command], None], safe: Safe) -> None:
        with self._lock:
            self._send, self._safe = send, safe
            unsent, self._unsent = self._unsent, []
        for command in unsent:
            send(command)

    def _add(self, entry: dict[str, Any]) -> None:
        with self._lock:
            if self._state == "waiting":
                self._state = "running"
            if self._listener is None:
                self._events.append(entry)
        if self._listener is not None:
            self._listener(entry)

    def _finish(self, result: Any) -> None:
        self._end("finished", result, "")

    def _fail(self, error: str, *, lost: bool = False) -> None:
        """Ends the job; `lost` says that its worker is gone and another might do it."""
        self._end("failed", None, error, lost=lost)

    def _end(self, state: State, result: Any, error: str, *, lost: bool = False) -> None:
        with self._lock:
            if self._ended.is_set():
                return
            self._state, self._result, self._error, self.lost = state, result, error, lost
            self._ended.set()
        if self._listener is not None:
            self._listener({"kind": "ended"})


class Safe:
    """Where a job's `Reporter.keep` puts bytes: with the scheduler, under the job's name.

    Args:
        client: of the cluster.
        job_id: of the job.
    """

    def __init__(self, client: Client, job_id: str) -> None:
        self._client = client
        self._name = kept_name(job_id)

    def read(self) -> tuple[int, bytes] | None:
        """Returns the newest bytes and their number; None if the cluster is gone."""
        from distributed import Variable

        try:
            number, data = Variable(self._name, client=self._client).get(timeout=SAFE_SECONDS)
        except Exception:  # whatever Dask raises then; what was read before is in the database
            return None
        return int(number), bytes(data)

    def forget(self) -> None:
        """Gives the memory back."""
        from distributed import Variable

        with contextlib.suppress(Exception):
            Variable(self._name, client=self._client).delete()


class Workers:
    """The server's hold on the worker processes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._client: Client | None = None
        self._jobs: dict[str, Job] = {}
        self._places: dict[str, str] = {}  # job's id -> the worker that was chosen for it
        self._closed = False

    def warm_up(self, first: Callable[[], None], load: Callable[[], None]) -> None:
        """Makes the workers ready while the machine is idle, for the run that may be asked for.

        Returns at once. On a machine that is never idle they start when they are first needed.

        Args:
            first: done before that, and after a while also on a machine that is not idle.
            load: imports what a run needs; a function of a module that workers can import, done
                by the worker that is given the first run.
        """
        thread = threading.Thread(
            target=self._warm_up, args=(first, load), name="warm-up", daemon=True
        )
        thread.start()

    def training_slots(self) -> int:
        """Returns how many long jobs can be done at a time.

        One worker is kept free of them, where there are several, so that short jobs wait only for
        one another.

        Raises:
            WorkersUnavailable: if the workers cannot be started or reached.
        """
        return len(_training_slots(self._connect()))

    def submit(
        self,
        work: Work,
        *arguments: Any,
        long: bool = False,
        urgent: bool = False,
        listener: Listener | None = None,
    ) -> Job:
        """Hands work to the workers.

        In a cluster of our own a job that is not long goes to the one worker kept for such jobs,
        where there are several: it waits for those before it, though other workers may be idle.

        Args:
            work: a function of a module that workers can import, called with a `Reporter` and
                the arguments.
            arguments: plain values or small frozen objects.
            long: whether it is a long job; the caller sees to it that no more of them are
                under way than `run_places`.
            urgent: whether it goes before the waiting jobs that are not. For what is done in a
                moment while a person looks at an empty place; nothing under way is stopped.
            listener: as for `Job`; called from other threads.

        Returns:
            The job, at once; a start-up that fails shows as a failed job.
        """
        job = Job(f"{work.__name__.strip('_')}-{uuid.uuid4().hex}", listener)
        threading.Thread(
            target=self._submit,
            args=(job, work, arguments, long, urgent),
            name=job.id,
            daemon=True,
        ).start()
        return job

    def close(self) -> None:
        """Ends the worker processes. Jobs under way fail."""
        self._closed = True
        with self._lock:
            client, process = self._client, self._process
            self._client = self._process = None
        if client is not None:
            with contextlib.suppress(Exception):
                client.close(timeout=2)
        if process is not None:
            _end(process)
        self._fail_all("The worker processes were ended.")

    def _warm_up(self, first: Callable[[], None], load: Callable[[], None]) -> None:
        with contextlib.suppress(Exception):  # a run will try again, and say what is wrong
            # Another cluster's workers do not take from this machine.
            patience = math.inf if scheduler_address() is None else 0
            steps: tuple[tuple[float, Callable[[], object]], ...] = (
                (FIRST_SECONDS, first),
                (patience, self._connect),
                (patience, lambda: self._load(load)),
            )
            for at_most, step in steps:
                if not wait_until_idle(lambda: not self._closed, at_most=at_most):
                    return
                step()

    def _load(self, load: Callable[[], None]) -> None:
        """Has the worker that is given the first run load what it needs."""
        from distributed import fire_and_forget

        client = self._connect()
        # As a job: a run that comes meanwhile needs the same and waits for it.
        fire_and_forget(
            client.submit(
                _attended,
                load,
                key=f"load-{uuid.uuid4().hex}",
                pure=False,
                workers=_training_slots(client)[:1],
                allow_other_workers=True,
                priority=-URGENT,
            )
        )

    def _connect(self) -> Client:
        """Returns the client, after starting a cluster if there is none or it has died."""
        with self._lock:
            if self._client is not None and self._client.status == "running" and self._alive():
                return self._client
            if self._client is not None:  # else it looks for the lost cluster for a minute
                with contextlib.suppress(Exception):
                    self._client.close(timeout=2)
            if self._process is not None:
                _end(self._process)
            self._process = self._client = None
            self._fail_all(LOST)
            address = scheduler_address()
            if address is None:
                self._process = _start_cluster()
                address = _address_of(self._process)
                threading.Thread(
                    target=self._watch, args=(self._process,), name="watch", daemon=True
                ).start()
            self._client = _connect_to(address)
            return self._client

    def _watch(self, process: subprocess.Popen[str]) -> None:
        """Tells of a cluster's death at once; Dask's client would hope for it a while longer."""
        process.wait()
        with self._lock:
            if self._process is process:
                self._fail_all(LOST)

    def _alive(self) -> bool:
        return self._process is None or self._process.poll() is None

    def _submit(
        self, job: Job, work: Work, arguments: tuple[Any, ...], long: bool, urgent: bool
    ) -> None:
        try:
            client = self._connect()
            client.subscribe_topic(job.id, lambda event: _receive(job, event[1]))
            with self._lock:
                self._jobs[job.id] = job
                places = self._choose(client, job.id, long)
            future = client.submit(
                run_job,
                job.id,
                work,
                *arguments,
                key=job.id,
                pure=False,
                priority=URGENT if urgent else 0,
                # Dask would take what comes within a tenth of a second in any order.
                fifo_timeout=0,
                workers=places,
                allow_other_workers=places is not None,
            )
            job._attach(_sender(client, job.id), Safe(client, job.id))
            future.add_done_callback(lambda done: self._collect(client, job, done))
        except DigitLabError as error:
            job._fail(str(error))
        except Exception as error:  # whatever Dask raises, the person must hear of it
            job._fail(f"The work could not be handed to a worker process ({error}).")

    def _choose(self, client: Client, job_id: str, long: bool) -> list[str] | None:
        """Returns the addresses of the workers that should do a job, or None for any.

        A job for a chosen worker waits for ever when another cluster gives it a second life after
        that worker's death, so there Dask chooses.
        """
        if self._process is None:
            return None
        places = _training_slots(client)
        if not long:
            others = [address for address in _addresses(client) if address not in places]
            return others or places
        free = [address for address in places if address not in self._places.values()] or places
        self._places[job_id] = free[0]
        return free[:1]

    def _collect(self, client: Client, job: Job, future: Future) -> None:
        from distributed import CancelledError, KilledWorker

        with self._lock:
            self._jobs.pop(job.id, None)
            self._places.pop(job.id, None)
        try:
            job._finish(future.result(timeout=START_SECONDS))
        except DigitLabError as error:
            job._fail(str(error))
        except KilledWorker:
            job._fail(KILLED, lost=True)
        except CancelledError:
            job._fail(LOST, lost=True)
        except Exception as error:
            job._fail(f"The worker process failed ({type(error).__name__}: {error}).")
        finally:
            # A future that is kept would make a finished run start again with its worker.
            future.release()
            with contextlib.suppress(Exception):
                client.unsubscribe_topic(job.id)

    def _fail_all(self, reason: str) -> None:
        jobs, self._jobs = list(self._jobs.values()), {}
        self._places.clear()
        for job in jobs:
            job._fail(reason, lost=True)


def scheduler_address() -> str | None:
    """Returns the address that DASK_SCHEDULER names, or None for a cluster of our own.

    Raises:
        WorkersUnavailable: if it is no address.
    """
    named = os.environ.get("DASK_SCHEDULER", "").strip()
    if named and not _ADDRESS.fullmatch(named):
        raise WorkersUnavailable(
            f"Expected DASK_SCHEDULER to be an address such as tcp://host:8786. Received: {named}"
        )
    return named or None


def _addresses(client: Client) -> list[str]:
    return sorted(client.nthreads())


def _training_slots(client: Client) -> list[str]:
    """Returns the workers for long jobs: all but one, or the only one."""
    addresses = _addresses(client)
    return addresses[:-1] or addresses


def _sender(client: Client, job_id: str) -> Callable[[Command], None]:
    """Returns what sends a job its commands, numbered so that it can tell new ones from old."""
    numbers = itertools.count()

    def send(command: Command) -> None:
        with contextlib.suppress(Exception):  # the cluster is gone, and the job with it
            client.log_event(control_topic(job_id), command.to_json() | {"number": next(numbers)})

    return send


def _receive(job: Job, entry: Any) -> None:
    if isinstance(entry, dict) and "told" in entry:
        job._add(entry["told"])


def _attended(work: Callable[[], None]) -> None:
    """Runs in the worker."""
    with ATTENDANCE.job():
        work()


def _start_cluster() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "core.workers.cluster"],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )


def _address_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    address = process.stdout.readline().strip()
    if not address:
        raise WorkersUnavailable("The worker processes could not be started.")
    return address


def _connect_to(address: str) -> Client:
    from distributed import Client

    try:
        client = Client(address, timeout=START_SECONDS / 4, set_as_default=False)
    except (OSError, TimeoutError) as error:
        raise WorkersUnavailable(
            f"No scheduler of worker processes answers at {address}."
        ) from error
    try:
        client.wait_for_workers(1, timeout=START_SECONDS)
    except TimeoutError as error:
        client.close(timeout=2)
        raise WorkersUnavailable(f"The scheduler at {address} has no workers.") from error
    return client


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
