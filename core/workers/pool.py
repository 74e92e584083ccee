"""Work that must not run in the server: handed to Dask worker processes, followed by events.

A job is described by a `JobSpec`. In the worker it is given a `JobContext`, through which it
reports its progress; in the server a `Job` collects what it emits. The workers start when the
machine is idle or when they are first needed.
"""

from __future__ import annotations

import contextlib
import itertools
import math
import pickle
import subprocess
import threading
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from core.errors import DigitLabError
from core.files import reason
from core.workers.checkpoint_slot import CheckpointSlot
from core.workers.commands import COMMAND, Command
from core.workers.context import ATTENDANCE, control_topic, run_job
from core.workers.dask_cluster import (
    START_SECONDS,
    address_of,
    addresses,
    await_workers,
    connect,
    end_cluster,
    scheduler_address,
    start_cluster,
    training_addresses,
)
from core.workers.idle import wait_until_idle
from core.workers.job import Job, JobProducer, JobSpec, Listener
from core.workers.turns import Turns

if TYPE_CHECKING:
    from distributed import Client, Future

R = TypeVar("R")

FIRST_SECONDS = 10.0  # as long as a busy machine delays what `Workers.warm_up` does first
URGENT = 1  # Dask's priority: the higher, the earlier; 0 is that of all other jobs
SWEEP_SECONDS = 5.0  # between two looks for work that nobody waits for any more
LOST = "The worker processes were lost."
ENDED = "The worker processes were ended."
KILLED = "The worker process ended unexpectedly, perhaps for want of memory."


class Workers:
    """The server's hold on the worker processes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._client: Client | None = None
        self._jobs: dict[str, JobProducer[Any]] = {}
        self._chosen: dict[str, str] = {}  # job's id -> address of the worker for it
        self._turns = Turns()
        self._sweeping = False
        self._closed = threading.Event()

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

    @property
    def shared(self) -> bool:
        """Whether other servers may use the same workers; known once these are reached."""
        return self._client is not None and self._process is None

    def training_slots(self) -> int:
        """Returns how many long jobs can be done at a time; 0 while there is no worker at all.

        One worker is kept free of them, where there are several, so that short jobs wait only for
        one another.

        Raises:
            WorkersUnavailable: if the workers cannot be started or reached.
        """
        return len(training_addresses(self._connect()))

    def submit(self, spec: JobSpec[R], *, listener: Listener | None = None) -> Job[R]:
        """Hands work to the workers.

        In a cluster of our own a job that is not long goes to the one worker kept for such jobs,
        where there are several, though other workers may be idle. It waits for its turn here, see
        `core.workers.turns`.

        Args:
            spec: the work. The caller sees to it that no more long jobs are under way than
                `training_slots`.
            listener: as for `JobProducer`; called from other threads.

        Returns:
            The job, at once; a start-up that fails shows as a failed job.
        """
        producer = JobProducer(f"{type(spec).__name__}-{uuid.uuid4().hex}", spec, listener)
        job = producer.job
        if spec.long:
            self._start(job.id, lambda: self._submit(producer))
        else:
            self._turns.add(producer)
            self._start(job.id, self._serve)
            self._sweep_from_now_on()
        return job

    def close(self) -> None:
        """Ends the worker processes. Jobs under way fail."""
        self._closed.set()
        with self._lock:
            client, process = self._client, self._process
            self._client = self._process = None
        if client is not None:
            with contextlib.suppress(Exception):
                client.close(timeout=2)
        if process is not None:
            end_cluster(process)
        self._fail_all(ENDED)
        for producer in self._turns.clear():
            producer.fail(ENDED, lost=True)

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
                if not wait_until_idle(lambda: not self._closed.is_set(), at_most=at_most):
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
                workers=training_addresses(client)[:1],
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
                end_cluster(self._process)
            self._process = self._client = None
            self._fail_all(LOST)
            address = scheduler_address()
            if address is None:
                self._process = start_cluster()
                address = address_of(self._process)
                threading.Thread(
                    target=self._watch, args=(self._process,), name="watch", daemon=True
                ).start()
            self._client = connect(address)
            return self._client

    def _watch(self, process: subprocess.Popen[str]) -> None:
        """Tells of a cluster's death at once; Dask's client would hope for it a while longer."""
        process.wait()
        with self._lock:
            if self._process is process:
                self._fail_all(LOST)

    def _alive(self) -> bool:
        return self._process is None or self._process.poll() is None

    def _start(self, name: str, work: Callable[[], None]) -> None:
        threading.Thread(target=work, name=name, daemon=True).start()

    def _serve(self) -> None:
        """Hands over the short jobs whose turn it is, as many as can be done at a time."""
        try:
            while self._turns.waiting:
                client = self._connect()
                await_workers(client)  # a run waits as long as need be, and its page says for what
                producer = self._turns.next(self._places(client))
                if producer is None:
                    return
                self._hand_over(client, producer)
        except Exception as error:  # whatever Dask raises, people must hear of it
            for producer in self._turns.clear():
                producer.fail(_not_handed_over(error))

    def _places(self, client: Client) -> int:
        """Returns how many short jobs can be done at a time."""
        if self._process is not None:
            return 1  # for there is one worker for them
        with self._lock:
            long = sum(producer.job.spec.long for producer in self._jobs.values())
        threads = int(sum(client.nthreads().values()))
        return max(1, threads - long)

    def _sweep_from_now_on(self) -> None:
        with self._lock:
            if not self._sweeping:
                self._sweeping = True
                self._start("sweep", self._sweep)

    def _sweep(self) -> None:
        """Drops what nobody waits for any more, until there is no short job."""
        while not self._closed.wait(SWEEP_SECONDS):
            self._turns.drop_unwanted()
            with self._lock:
                if not self._turns.busy:
                    self._sweeping = False
                    return

    def _submit(self, producer: JobProducer[Any]) -> None:
        """Hands a long job over."""
        try:
            client = self._connect()
        except Exception as error:
            producer.fail(_not_handed_over(error))
            return
        self._hand_over(client, producer)

    def _hand_over(self, client: Client, producer: JobProducer[Any]) -> None:
        job = producer.job
        try:
            client.subscribe_topic(job.id, lambda event: _receive(producer, event[1]))
            with self._lock:
                self._jobs[job.id] = producer
                chosen = self._choose(client, job)
            future = client.submit(
                run_job,
                job.id,
                job.spec,
                key=job.id,
                pure=False,
                priority=URGENT if job.spec.urgent else 0,
                # Dask would take what comes within a tenth of a second in any order.
                fifo_timeout=0,
                workers=chosen,
                allow_other_workers=chosen is not None,
            )
            producer.attach(_sender(client, job.id), CheckpointSlot(client, job.id))
            future.add_done_callback(lambda done: self._collect(client, producer, done))
        except Exception as error:  # whatever Dask raises, the person must hear of it
            producer.fail(_not_handed_over(error))
            with self._lock:
                self._jobs.pop(job.id, None)
                self._chosen.pop(job.id, None)
            self._turns.done(job.id)

    def _choose(self, client: Client, job: Job[Any]) -> list[str] | None:
        """Returns the addresses of the workers that should do a job, or None (or none) for any.

        A job for a chosen worker waits for ever when another cluster gives it a second life after
        that worker's death, so there Dask chooses.
        """
        if self._process is None:
            return None
        training = training_addresses(client)
        if not job.spec.long:
            others = [address for address in addresses(client) if address not in training]
            return others or training or None
        free = [each for each in training if each not in self._chosen.values()] or training
        if free:
            self._chosen[job.id] = free[0]
        return free[:1]

    def _collect(self, client: Client, producer: JobProducer[Any], future: Future) -> None:
        from distributed import CancelledError, KilledWorker

        job = producer.job
        with self._lock:
            self._jobs.pop(job.id, None)
            self._chosen.pop(job.id, None)
        try:
            producer.finish(future.result(timeout=START_SECONDS))
        except DigitLabError as error:
            producer.fail(str(error))
        except KilledWorker:
            producer.fail(KILLED, lost=True)
        except CancelledError:
            producer.fail(LOST, lost=True)
        except Exception as error:
            what = reason(error) if isinstance(error, OSError) else error
            producer.fail(f"The worker process failed ({type(error).__name__}: {what}).")
        finally:
            # A future that is kept would make a finished run start again with its worker.
            future.release()
            with contextlib.suppress(Exception):
                client.unsubscribe_topic(job.id)
            self._turns.done(job.id)
            self._serve_others()

    def _serve_others(self) -> None:
        """Hands over what waits; in a thread of its own, for there may be no cluster now."""
        if self._turns.waiting and not self._closed.is_set():
            self._start("serve", self._serve)

    def _fail_all(self, reason: str) -> None:
        producers, self._jobs = list(self._jobs.values()), {}
        self._chosen.clear()
        for producer in producers:
            producer.fail(reason, lost=True)
            self._turns.done(producer.job.id)
        self._serve_others()


def _not_handed_over(error: Exception) -> str:
    """Says why work could not be handed over."""
    if isinstance(error, DigitLabError):
        return str(error)
    what = reason(error) if isinstance(error, OSError) else error
    return f"The work could not be handed to a worker process ({what})."


def _sender(client: Client, job_id: str) -> Callable[[Command], None]:
    """Returns what sends a job its commands, numbered so that it can tell new ones from old."""
    numbers = itertools.count()

    def send(command: Command) -> None:
        with contextlib.suppress(Exception):  # the cluster is gone, and the job with it
            entry = COMMAND.dump_python(command) | {"number": next(numbers)}
            client.log_event(control_topic(job_id), entry)

    return send


def _receive(producer: JobProducer[Any], entry: Any) -> None:
    if isinstance(entry, dict) and "event" in entry:
        producer.emit(pickle.loads(entry["event"]))  # from a worker, as its result will be


def _attended(work: Callable[[], None]) -> None:
    """Runs in the worker."""
    with ATTENDANCE.job():
        work()
