"""The manager of all runs: what people ask for, and the thread that follows what happens.

A run belongs to its owner, an anonymous id. Whoever knows a run's own id may look at it; only its
owner controls it. What a run emits goes into the database as it comes, so that a page, a tab, a
worker or the whole server may go away without the run being lost.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from core.database import Database
from core.datasets import uploads
from core.errors import DatabaseUnavailable, DigitLabError, NoSuchRun, UnreadableRun
from core.jobs.training import TrainingJob
from core.runs.follower import RunFollower
from core.runs.info import MAX_NAME, UNREADABLE, RunInfo, Unreadable, clean_name
from core.runs.keeper import Keeper
from core.runs.live import LiveRun, TrainingRun
from core.runs.ownership import Ownership
from core.runs.queue import Waiting, starting_order
from core.runs.quota import Quota
from core.runs.repository import RunRepository
from core.settings import Settings
from core.training.card import TrainedModel
from core.training.checkpoint import position_of
from core.training.config import TrainingConfig
from core.training.events import Failed, Note, PaceChanged, Queued
from core.training.history import History
from core.workers.commands import Command, Signal
from core.workers.job import Ended
from core.workers.pool import Workers

# Until it is looked again what went wrong in here, and whether workers have come or gone.
RETRY_SECONDS = 1.0
NOT_DELETED = "The run was not deleted, and nothing about it has changed. Try again in a moment."
STOPPED_EARLY = "It was stopped before it had begun."
_LOG = logging.getLogger(__name__)
# A run's id, its job and an event of that; None ends the following.
_Message = tuple[str, TrainingRun | None, object] | None


class Runs:
    """All runs of this server.

    Args:
        database: where they are kept.
        workers: where they are done.
        limits: how much one run and one person may ask for.

    Raises:
        DatabaseUnavailable: if another server trains with the database, or it fails.
    """

    def __init__(self, database: Database, workers: Workers, limits: Settings) -> None:
        self.limits = limits
        self._quota = Quota(limits)
        self._ownership = Ownership(database)
        self._repository = RunRepository(database, self._ownership.check)
        self._workers = workers
        self._lock = threading.RLock()
        # Held from the check of the limits until the runs count: two tabs must not both be given
        # the last free place.
        self._asking = threading.Lock()
        self._live: dict[str, LiveRun] = {}
        self._count = 0
        self._turns: dict[str, int] = {}  # when each owner's run was last handed over
        self._slots: int | None = None  # for runs, when last counted; None while none needs one
        self._counted = 0.0  # when that was
        self._inbox: queue.SimpleQueue[_Message] = queue.SimpleQueue()
        self._keeper = Keeper(self._repository, self._lock)
        self._follower = RunFollower(self._repository, self._lock, self._enqueue, self._keeper)
        self._troubles: dict[str, str] = {}  # what goes wrong now, as the log says it
        self._repository.interrupt_left_overs()
        self._thread = threading.Thread(target=self._follow, name="runs", daemon=True)
        self._thread.start()

    def start(
        self, config: TrainingConfig, *, owner: str, name: str = "", slow: bool = False
    ) -> str:
        """Queues a new run and returns its id.

        Args:
            config: the run.
            owner: whose it is.
            name: what it is called. Defaults to its network.
            slow: whether it waits between epochs, so that it can be watched. Defaults to False.

        Raises:
            LimitReached: if the run, or its owner's runs together, are more than is allowed.
            DatabaseUnavailable: if it cannot be kept.
        """
        return self.start_all([(config, name)], owner=owner, slow=slow)[0]

    def start_all(
        self,
        wanted: Sequence[tuple[TrainingConfig, str]],
        *,
        owner: str,
        slow: bool = False,
    ) -> list[str]:
        """Queues several new runs that belong together, all of them or none.

        Args:
            wanted: each run's configuration and name, in the order in which they shall start.
            owner: whose they are.
            slow: whether they wait between epochs. Defaults to False.

        Returns:
            Their ids, in the same order.

        Raises:
            LimitReached: if one of them, or the owner's runs together, are more than is allowed.
            DatabaseUnavailable: if they cannot be kept.
        """
        now = datetime.now(UTC)
        infos = [
            RunInfo(
                id=new_id(),
                owner=owner,
                name=clean_name(name) or config.architecture.summary[:MAX_NAME],
                state="queued",
                created=now + timedelta(microseconds=index),  # lists go by it
                config=config,
            )
            for index, (config, name) in enumerate(wanted)
        ]
        self._start(infos, slow=slow)
        return [info.id for info in infos]

    def start_trial(
        self, config: TrainingConfig, *, owner: str, name: str, search: str, run_id: str
    ) -> None:
        """Queues a run of a search; it is not judged on the test data.

        Args:
            config: the run.
            owner: whose it is.
            name: what it is called.
            search: id of the search.
            run_id: the run's id, from `new_id`. The search has stored it by now, so that it finds
                the run again after whatever happens in between.

        Raises:
            LimitReached: if the owner's runs together are more than is allowed; see `check_size`.
            DatabaseUnavailable: if it cannot be kept.
        """
        now = datetime.now(UTC)
        info = RunInfo(run_id, owner, clean_name(name), "queued", now, config, search=search)
        self._start([info], slow=False)

    def check_size(self, config: TrainingConfig) -> None:
        """Raises LimitReached if one run is larger than this server allows."""
        self._quota.check_size(config)

    def check_ownership(self, session: Session) -> None:
        """Raises DatabaseUnavailable if this server must not write into the database any more."""
        self._ownership.check(session)

    def get(self, run_id: str) -> RunInfo:
        """Returns one run, whoever asks.

        Raises:
            NoSuchRun: if there is none of that id.
            UnreadableRun: if this version does not understand it.
        """
        found = self._find(run_id)
        if isinstance(found, Unreadable):
            raise UnreadableRun(f"{UNREADABLE} {found.reason}")
        return found

    def of(self, owner: str) -> list[RunInfo]:
        """Returns a person's runs, the newest first, without those that are `unreadable`."""
        with self._lock:
            lives = dict(self._live)  # one that ends meanwhile says so here
        infos = [info for info in self._repository.of(owner) if isinstance(info, RunInfo)]
        with self._lock:
            return [self._info(lives[info.id]) if info.id in lives else info for info in infos]

    def unreadable(self, owner: str) -> list[Unreadable]:
        """Returns a person's runs that this version does not understand, the newest first."""
        return [run for run in self._repository.of(owner) if isinstance(run, Unreadable)]

    def history(self, run_id: str) -> History:
        """Returns all that a run has emitted so far, whoever asks.

        Raises:
            NoSuchRun: if there is none of that id.
            UnreadableRun: if this version does not understand it.
        """
        with self._lock:
            live = self._live.get(run_id)
            if live is not None:
                return live.history
        epochs = self.get(run_id).config.epochs
        return History.of(self._repository.events(run_id), epochs_wanted=epochs)

    def result(self, run_id: str) -> TrainedModel | None:
        """Returns the network that a run left, stored or not, or None if it left none."""
        with self._lock:
            live = self._live.get(run_id)
            if live is not None and live.network is not None:
                return live.network
        return self._repository.result(run_id)

    def command(self, run_id: str, command: Command, *, owner: str, note: str = "") -> None:
        """Passes a command on to a run that is under way; to one that has ended it does nothing.

        Args:
            run_id: of the run.
            command: what it is to do.
            owner: whose it is.
            note: what the run shall say about that, in a sentence. Defaults to nothing.

        Raises:
            NoSuchRun: if there is none of that id, or it is somebody else's.
        """
        self._own(run_id, owner)
        with self._lock:
            live = self._live.get(run_id)
            if live is None or not live.info.under_way:
                return
            if note:
                live.add(Note(note))
            if isinstance(command, Signal) and command.kind in ("slow", "fast"):
                live.add(PaceChanged(command.kind == "slow"))  # a next job begins with it
                if live.job is not None:
                    live.job.send(command)
                self._wake()
                return
            if live.job is not None:
                if live.info.state == "paused":
                    live.pending.append(command)
                live.job.send(command)
                return
            if live.info.state == "queued":
                if command.kind == "stop" and live.checkpoint is None:
                    live.add(Failed(STOPPED_EARLY), state="failed")
                else:
                    live.pending.append(command)
            else:
                live.pending.append(command)
                if not live.stays_paused:
                    self._enqueue(live)
        self._wake()

    def resume(self, run_id: str, *, owner: str) -> None:
        """Queues a run again that was interrupted or failed, to go on from its last checkpoint.

        Raises:
            NoSuchRun: if there is none of that id, or it is somebody else's.
            LimitReached: if its owner has too many runs under way.
        """
        info = self._own(run_id, owner)
        if not info.resumable:
            return
        with self._asking:
            self._quota.check_size(info.config)
            self._check_number(owner)
            events = self._repository.events(run_id)
            checkpoint = self._repository.checkpoint(run_id)
            with self._lock:
                if run_id in self._live:
                    return
                live = LiveRun(info, events=events, stored=len(events), checkpoint=checkpoint)
                if checkpoint is not None:
                    live.checkpoint_epoch = position_of(checkpoint).epoch
                self._enqueue(live)

    def keep_test(self, run_id: str, model: TrainedModel) -> None:
        """Keeps what was measured of a run's network on test data; see `core.training.testing`.

        Raises:
            DatabaseUnavailable: if it cannot be kept, as the network itself is not stored yet, say.
        """
        with self._lock:
            live = self._live.get(run_id)
            if live is not None and not live.kept:
                raise DatabaseUnavailable("The network of this run is not stored yet.")
        self._repository.save_card(run_id, model)

    def rename(self, run_id: str, name: str, *, owner: str) -> None:
        """Gives a run another name; an empty one changes nothing.

        Raises:
            NoSuchRun: if there is none of that id, or it is somebody else's.
        """
        self._own(run_id, owner)
        name = clean_name(name)
        if not name:
            return
        self._repository.rename(run_id, name)
        with self._lock:
            if run_id in self._live:
                live = self._live[run_id]
                live.info = replace(live.info, name=name)

    def delete(self, run_id: str, *, owner: str) -> None:
        """Ends a run, if it is under way, and forgets all of it, whether it is understood or not.

        Raises:
            NoSuchRun: if there is none of that id, or it is somebody else's.
            DatabaseUnavailable: if it cannot be deleted; then nothing has happened to it.
        """
        _check_owner(self._find(run_id), owner)
        try:
            self._repository.delete(run_id)
        except DatabaseUnavailable as error:
            raise DatabaseUnavailable(f"{NOT_DELETED} {error}") from error
        with self._lock:
            live = self._live.pop(run_id, None)
        if live is not None and live.job is not None:
            live.job.stop()
        self._wake()

    def close(self) -> None:
        """Stops following the runs; whatever is under way is listed as interrupted later."""
        self._inbox.put(None)
        self._thread.join(timeout=5)
        with contextlib.suppress(DatabaseUnavailable):
            self._ownership.release()
        self._repository.close()

    def _start(self, infos: Sequence[RunInfo], *, slow: bool) -> None:
        if not infos:
            return
        with self._asking:
            for info in infos:
                self._quota.check_size(info.config)
            self._check_number(infos[0].owner, new=len(infos))
            self._repository.add(infos)
            with self._lock:
                for info in infos:
                    live = LiveRun(info)
                    if slow:
                        live.add(PaceChanged(slow=True))
                    self._enqueue(live)

    # What follows happens in the thread `runs`, or under the lock.

    def _follow(self) -> None:
        """Takes the events of the runs, stores them, and starts the next ones."""
        calm = True
        while True:
            messages: list[_Message] = []
            with contextlib.suppress(queue.Empty):
                messages.append(self._inbox.get(timeout=None if calm else RETRY_SECONDS))
                while True:
                    messages.append(self._inbox.get_nowait())
            for message in messages:
                if message is not None:
                    self._try("An event of a run", self._take, *message)
            over = None in messages
            dispatched = over or self._try("Starting runs", self._dispatch)
            stored = self._try("Storing the runs", self._store)
            if over:
                return
            # Workers come and go without a message.
            calm = dispatched and stored and self._slots is None

    def _try(self, what: str, step: Callable[..., None], *arguments: Any) -> bool:
        """Does one thing, whose trouble must not end the following of all runs.

        It is tried again every second, and the log says it once.
        """
        try:
            step(*arguments)
        except Exception as error:
            if self._troubles.get(what) != repr(error):
                self._troubles[what] = repr(error)
                known = isinstance(error, DigitLabError)
                _LOG.error("%s does not work: %s", what, error, exc_info=not known)
            return False
        self._troubles.pop(what, None)
        return True

    def _wake(self) -> None:
        self._inbox.put(("", None, None))

    def _take(self, run_id: str, job: TrainingRun | None, event: object) -> None:
        with self._lock:
            live = self._live.get(run_id)
        if live is not None and job is not None and live.job is job:
            self._follower.take(live, job, event)
        elif isinstance(event, Ended) and job is not None:  # its run was deleted
            job.discard_checkpoint()

    def _dispatch(self) -> None:
        """Hands waiting runs to free workers, and asks paused ones to leave theirs."""
        with self._lock:
            waiting = self._waiting()
            working = any(live.job is not None for live in self._live.values())
        if not waiting and not working:
            self._slots = None
            return
        if not waiting and time.monotonic() - self._counted < RETRY_SECONDS:
            return
        try:
            self._counted = time.monotonic()
            slots = self._slots = self._workers.training_slots()
        except DigitLabError as error:
            self._slots = None
            with self._lock:
                for live in waiting:
                    live.add(Failed(str(error)), state="failed")
            return
        with self._lock:
            waiting = self._waiting()
            busy = [live for live in self._live.values() if live.job is not None]
            free = slots - len(busy)
            for live in waiting:
                if free > 0 and self._try(f"Starting run {live.info.id}", self._hand_over, live):
                    free -= live.job is not None
            if len(waiting) + len(busy) > slots:
                for live in busy:
                    if live.info.state == "paused" and not live.preempting and live.job:
                        live.preempting = True
                        live.job.send(Signal("preempt"))

    def _hand_over(self, live: LiveRun) -> None:
        run_id, source = live.info.id, live.info.config.source
        try:
            upload = uploads.content(source) if uploads.is_upload(source) else None
        except DigitLabError as error:
            live.add(Failed(str(error)), state="failed")
            return
        commands = list(live.pending)
        if commands and all(command.kind == "learning_rate" for command in commands):
            commands.append(Signal("resume"))  # for it waits, that no step is done before them
        holder: list[TrainingRun] = []
        ready = threading.Event()

        def listen(event: object) -> None:
            ready.wait()
            self._inbox.put((run_id, holder[0], event))

        spec = TrainingJob(
            live.info.config,
            self.limits.max_examples,
            checkpoint=live.checkpoint,
            changes=live.history.changes,
            paused=bool(commands),
            slow=live.history.slow,
            upload=upload,
            test=not live.info.search,
        )
        job = self._workers.submit(spec, listener=listen)
        holder.append(job)
        self._count += 1
        self._turns[live.info.owner] = self._count
        live.job, live.pending = job, []
        live.urgent, live.preempting, live.begun = False, False, False
        ready.set()
        for command in commands:
            job.send(command)

    def _waiting(self) -> list[LiveRun]:
        """Returns the queued runs in the order in which they will start."""
        order = starting_order(
            [
                Waiting(live.info.id, live.info.owner, live.number, live.urgent)
                for live in self._live.values()
                if live.info.state == "queued" and live.job is None
            ],
            busy=[live.info.owner for live in self._live.values() if live.job is not None],
            turns=self._turns,
        )
        return [self._live[run_id] for run_id in order]

    def _enqueue(self, live: LiveRun) -> None:
        self._count += 1
        live.number = self._count
        self._live[live.info.id] = live
        live.add(Queued(), state="queued")
        self._wake()

    def _store(self) -> None:
        """Writes what is new into the database, and lets go of runs that have ended."""
        with self._lock:
            lives = list(self._live.values())
        try:
            self._keeper.keep_all(lives)
        finally:
            with self._lock:
                for live in lives:
                    if live.kept and not live.info.under_way:
                        self._live.pop(live.info.id, None)

    def _find(self, run_id: str) -> RunInfo | Unreadable:
        with self._lock:
            live = self._live.get(run_id)
            if live is not None:
                return self._info(live)
        found = self._repository.get(run_id)
        if found is None:
            raise NoSuchRun(f"There is no run “{run_id[:40]}” here; it may have been deleted.")
        return found

    def _own(self, run_id: str, owner: str) -> RunInfo:
        info = self.get(run_id)
        _check_owner(info, owner)
        return info

    def _check_number(self, owner: str, *, new: int = 0) -> None:
        unreadable = len(self.unreadable(owner))
        self._quota.check_number(self.of(owner), new=new, unreadable=unreadable)

    def _info(self, live: LiveRun) -> RunInfo:
        waiting = self._waiting()
        last = live.events[-1] if live.events else None
        return replace(
            live.info,
            unsaved=live.trouble if live.network is not None else "",
            without_workers=self._slots == 0 and live.info.state in ("queued", "running"),
            queue_position=waiting.index(live) + 1 if live in waiting else 0,
            has_checkpoint=live.checkpoint is not None,
            error=last.error if isinstance(last, Failed) else "",
        )


def new_id() -> str:
    """Returns an id that no run has."""
    return secrets.token_hex(8)


def _check_owner(run: RunInfo | Unreadable, owner: str) -> None:
    if not owner or run.owner != owner:
        raise NoSuchRun("This run is somebody else's: you can look at it, and repeat it.")
