"""The training runs of this server: queued, handed to workers, followed, and kept for good.

A run belongs to its owner, an anonymous id. Whoever knows a run's own id may look at it; only its
owner controls it. What a run tells goes into the database as it comes, so that a page, a tab, a
worker or the whole server may go away without the run being lost.
"""

from __future__ import annotations

import contextlib
import logging
import queue
import secrets
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, get_args

from sqlalchemy import delete, func, select, update

from core.database import Database, EventRow, FileRow, RunRow
from core.datasets import uploads
from core.errors import DatabaseUnavailable, DigitLabError, LimitReached, NoSuchRun
from core.jobs.jobs import train
from core.limits import Limits
from core.networks.formats import KERAS_FILE, LITERT_FILE
from core.training.checkpoint import position_of
from core.training.config import TrainedModel, TrainingConfig
from core.training.events import (
    Event,
    Failed,
    Note,
    Paused,
    Queued,
    Resumed,
    Started,
    event_from_json,
    event_to_json,
)
from core.training.history import History
from core.workers.commands import Command, CommandKind
from core.workers.context import KEPT
from core.workers.pool import KILLED, LOST, Job, Workers

State = Literal["queued", "running", "paused", "finished", "failed", "interrupted"]
UNDER_WAY: tuple[State, ...] = ("queued", "running", "paused")
ENDS_A_PAUSE: tuple[CommandKind, ...] = ("resume", "step_batch", "step_epoch", "stop")
CHECKPOINT = "checkpoint"
MAX_NAME = 80
MAX_LOSSES = 3  # workers that may die on a run without an epoch in between
RETRY_SECONDS = 1.0  # until what went wrong in here is tried again
LEFT_OVER = "The server ended while this run was under way."
STOPPED_EARLY = "It was stopped before it had begun."
_LOG = logging.getLogger(__name__)
# Of a run's id, the job that tells it and what it tells; None ends the following.
_Message = tuple[str, Job | None, dict[str, Any]] | None


@dataclass(frozen=True)
class RunInfo:
    """A run as lists show it.

    Args:
        id: names it in links.
        owner: whose it is; never shown to others.
        name: what its owner calls it.
        state: where it stands.
        created: when it was asked for.
        config: what was asked for.
        card: what is known of the network that it left, or None before.
        place: how many runs are before it and itself, if it is queued; else 0.
        has_checkpoint: whether there is a place from which it can go on.
        error: why it has failed, in a sentence; empty unless it has.
    """

    id: str
    owner: str
    name: str
    state: State
    created: datetime
    config: TrainingConfig
    card: dict[str, Any] | None = None
    place: int = 0
    has_checkpoint: bool = False
    error: str = ""

    @property
    def under_way(self) -> bool:
        """Whether it is queued, running or paused."""
        return self.state in UNDER_WAY

    @property
    def resumable(self) -> bool:
        """Whether it has ended before its time and can go on."""
        return self.state == "interrupted" or (self.state == "failed" and self.has_checkpoint)


@dataclass(eq=False)
class _Live:
    """A run that is under way, as this server follows it. Guarded by the lock of `Runs`."""

    info: RunInfo
    number: int
    events: list[Event] = field(default_factory=list)
    stored: int = 0  # events that are in the database
    checkpoint: bytes | None = None
    kept_epoch: int = 0
    job: Job | None = None
    # For its next job; those sent in a pause too, until one is seen to be obeyed: the worker may be
    # leaving, or dead already.
    pending: list[Command] = field(default_factory=list)
    urgent: bool = False  # goes on after its worker was lost
    losses: int = 0
    begun: bool = False  # the job has told of a worker
    preempting: bool = False

    @property
    def history(self) -> History:
        return History.of(self.events, epochs_wanted=self.info.config.epochs)

    @property
    def stays_paused(self) -> bool:
        wanted = any(command.kind in ENDS_A_PAUSE for command in self.pending)
        return self.info.state == "paused" and not wanted


class Runs:
    """All runs of this server.

    Args:
        database: where they are kept.
        workers: where they are done.
        limits: how much one run and one person may ask for.
    """

    def __init__(self, database: Database, workers: Workers, limits: Limits) -> None:
        self.limits = limits
        self._database = database
        self._workers = workers
        self._lock = threading.RLock()
        # Held from the check of the limits until the runs count: two tabs must not both be given
        # the last free place.
        self._asking = threading.Lock()
        self._live: dict[str, _Live] = {}
        self._count = 0
        self._turns: dict[str, int] = {}  # when each owner's run was last handed over
        self._inbox: queue.SimpleQueue[_Message] = queue.SimpleQueue()
        self._interrupt_left_overs()
        self._thread = threading.Thread(target=self._follow, name="runs", daemon=True)
        self._thread.start()

    def start(self, config: TrainingConfig, *, owner: str, name: str = "") -> str:
        """Queues a new run and returns its id.

        Raises:
            LimitReached: if the run, or its owner's runs together, are more than is allowed.
            DatabaseUnavailable: if it cannot be kept.
        """
        return self.start_all([(config, name)], owner=owner)[0]

    def start_all(self, wanted: Sequence[tuple[TrainingConfig, str]], *, owner: str) -> list[str]:
        """Queues several new runs that belong together, all of them or none.

        Args:
            wanted: each run's configuration and name, in the order in which they shall start.
            owner: whose they are.

        Returns:
            Their ids, in the same order.

        Raises:
            LimitReached: if one of them, or the owner's runs together, are more than is allowed.
            DatabaseUnavailable: if they cannot be kept.
        """
        if not wanted:
            return []
        with self._asking:
            for config, _ in wanted:
                self._check_size(config)
            self._check_number(owner, new=len(wanted))
            now = datetime.now(UTC)
            infos = [
                RunInfo(
                    id=secrets.token_hex(8),
                    owner=owner,
                    name=_clean_name(name) or config.architecture.summary[:MAX_NAME],
                    state="queued",
                    created=now + timedelta(microseconds=index),  # lists go by it
                    config=config,
                )
                for index, (config, name) in enumerate(wanted)
            ]
            with self._database.session() as session:
                session.add_all(
                    RunRow(
                        id=info.id,
                        owner=owner,
                        name=info.name,
                        state=info.state,
                        created=info.created,
                        config=info.config.to_json(),
                    )
                    for info in infos
                )
            with self._lock:
                for info in infos:
                    self._enqueue(_Live(info, 0))
        return [info.id for info in infos]

    def get(self, run_id: str) -> RunInfo:
        """Returns one run, whoever asks.

        Raises:
            NoSuchRun: if there is none of that id.
        """
        with self._lock:
            live = self._live.get(run_id)
            if live is not None:
                return self._with_place(live)
        with self._database.session() as session:
            row = session.get(RunRow, run_id)
            if row is None:
                raise NoSuchRun(f"There is no run “{run_id[:40]}” here; it may have been deleted.")
            return _info(row, _has_checkpoint(session, run_id), _errors(session, [row]))

    def of(self, owner: str) -> list[RunInfo]:
        """Returns a person's runs, the newest first."""
        with self._lock:
            lives = dict(self._live)  # one that ends meanwhile tells of its end here
        with self._database.session() as session:
            rows = session.scalars(
                select(RunRow).where(RunRow.owner == owner).order_by(RunRow.created.desc())
            ).all()
            kept = set(session.scalars(select(FileRow.run_id).where(FileRow.name == CHECKPOINT)))
            errors = _errors(session, rows)
        with self._lock:
            return [
                self._with_place(lives[row.id])
                if row.id in lives
                else _info(row, row.id in kept, errors)
                for row in rows
            ]

    def history(self, run_id: str) -> History:
        """Returns all that a run has told so far, whoever asks.

        Raises:
            NoSuchRun: if there is none of that id.
        """
        with self._lock:
            live = self._live.get(run_id)
            if live is not None:
                return live.history
        return History.of(self._stored_events(run_id), epochs_wanted=self.get(run_id).config.epochs)

    def result(self, run_id: str) -> TrainedModel | None:
        """Returns the network that a run left, or None if it left none."""
        with self._database.session() as session:
            row = session.get(RunRow, run_id)
            if row is None or row.card is None:
                return None
            files = {
                file: content
                for file in (KERAS_FILE, LITERT_FILE)
                if (content := _file(session, run_id, file)) is not None
            }
            return TrainedModel(files, row.card)

    def command(self, run_id: str, command: Command, *, owner: str) -> None:
        """Passes a command on to a run that is under way; to one that has ended it does nothing.

        Raises:
            NoSuchRun: if there is none of that id, or it is somebody else's.
        """
        self._own(run_id, owner)
        with self._lock:
            live = self._live.get(run_id)
            if live is None or not live.info.under_way:
                return
            if live.job is not None:
                if live.info.state == "paused":
                    live.pending.append(command)
                live.job.send(command)
                return
            if live.info.state == "queued":
                if command.kind == "stop" and live.checkpoint is None:
                    self._tell(live, Failed(STOPPED_EARLY), state="failed")
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
            self._check_size(info.config)
            self._check_number(owner)
            events = self._stored_events(run_id)
            with self._database.session() as session:
                checkpoint = _file(session, run_id, CHECKPOINT)
            with self._lock:
                if run_id in self._live:
                    return
                live = _Live(info, 0, events, len(events), checkpoint)
                if checkpoint is not None:
                    live.kept_epoch = position_of(checkpoint).epoch
                self._enqueue(live)

    def rename(self, run_id: str, name: str, *, owner: str) -> None:
        """Gives a run another name; an empty one changes nothing.

        Raises:
            NoSuchRun: if there is none of that id, or it is somebody else's.
        """
        self._own(run_id, owner)
        name = _clean_name(name)
        if not name:
            return
        with self._database.session() as session:
            session.execute(update(RunRow).where(RunRow.id == run_id).values(name=name))
        with self._lock:
            if run_id in self._live:
                live = self._live[run_id]
                live.info = replace(live.info, name=name)

    def delete(self, run_id: str, *, owner: str) -> None:
        """Ends a run, if it is under way, and forgets all of it.

        Raises:
            NoSuchRun: if there is none of that id, or it is somebody else's.
        """
        self._own(run_id, owner)
        with self._lock:
            live = self._live.pop(run_id, None)
        if live is not None and live.job is not None:
            live.job.send(Command("stop"))
        with self._database.session() as session:
            for table in (EventRow, FileRow):
                session.execute(delete(table).where(table.run_id == run_id))
            session.execute(delete(RunRow).where(RunRow.id == run_id))
        self._wake()

    def close(self) -> None:
        """Stops following the runs; whatever is under way is listed as interrupted later."""
        self._inbox.put(None)
        self._thread.join(timeout=5)
        self._database.close()

    # What follows happens in the thread `runs`, or under the lock.

    def _follow(self) -> None:
        """Takes what the runs tell, keeps it, and starts the next ones."""
        well = True
        while True:
            messages: list[_Message] = []
            with contextlib.suppress(queue.Empty):
                messages.append(self._inbox.get(timeout=None if well else RETRY_SECONDS))
                while True:
                    messages.append(self._inbox.get_nowait())
            for message in messages:
                if message is not None:
                    self._try(self._take, *message)
            if None in messages:
                self._try(self._store)
                return
            dispatched, stored = self._try(self._dispatch), self._try(self._store)
            well = dispatched and stored

    def _try(self, step: Callable[..., None], *arguments: Any) -> bool:
        """Does one thing, whose trouble must not end the following of all runs."""
        try:
            step(*arguments)
        except Exception:
            _LOG.exception("Something about a run could not be dealt with")
            return False
        return True

    def _wake(self) -> None:
        self._inbox.put(("", None, {}))

    def _take(self, run_id: str, job: Job | None, entry: dict[str, Any]) -> None:
        with self._lock:
            live = self._live.get(run_id)
        if live is None or job is None or live.job is not job:
            return
        match entry["kind"]:
            case "worker":
                self._begin(live, job)
            case "ended":
                self._end_of_job(live, job)
            case kind if kind == KEPT:
                self._keep(live, job, entry["number"])
            case _:
                self._take_event(live, event_from_json(entry))

    def _begin(self, live: _Live, job: Job) -> None:
        """Notices that a job has begun, and whether its scheduler has given it another life."""
        with self._lock:
            if live.begun:
                self._tell(live, Note(f"{KILLED} {_going_on(live)}"))
                if live.stays_paused:  # what it heard in its first life might make it do more
                    job.send(Command("pause"))
            live.begun = True

    def _take_event(self, live: _Live, event: Event) -> None:
        with self._lock:
            state = live.info.state
            match event:
                case Started():
                    state = "running"
                case Paused():
                    state = "paused"
                case Resumed():  # so it has heard of that in time, and may be asked to leave again
                    state, live.preempting, live.pending = "running", False, []
            self._tell(live, event, state=state)

    def _keep(self, live: _Live, job: Job, number: int) -> None:
        kept = job.read_kept()
        if kept is None or kept[0] != number:  # a newer one is there, and its message on its way
            return
        live.losses = 0
        self._take_checkpoint(live, kept[1])

    def _take_checkpoint(self, live: _Live, content: bytes) -> None:
        with self._lock:
            live.checkpoint, live.kept_epoch = content, position_of(content).epoch
        self._store()  # first: no server must find a checkpoint without the epochs before it
        self._put_file(live.info.id, CHECKPOINT, content)

    def _end_of_job(self, live: _Live, job: Job) -> None:
        if job.error != LOST:  # else whoever had it in safety is gone as well
            if job.lost:
                self._try(self._last_kept, live, job)
            job.forget_kept()
        with self._lock:
            live.job, live.preempting = None, False
            if job.state == "finished" and job.result is None:
                if not live.stays_paused:  # it was wanted again while it was leaving
                    self._enqueue(live)
            elif job.state == "finished":
                try:
                    self._finish(live, job.result)
                except DatabaseUnavailable as error:
                    self._tell(live, Failed(str(error)), state="failed")
            elif job.lost and live.losses < MAX_LOSSES:
                live.losses += 1
                self._tell(live, Note(f"{job.error} {_going_on(live)}"))
                if not live.stays_paused:
                    live.urgent = True
                    self._enqueue(live)
            else:
                self._tell(live, Failed(job.error), state="failed")

    def _last_kept(self, live: _Live, job: Job) -> None:
        """Fetches a checkpoint whose message was lost with the worker."""
        kept = job.read_kept()
        if kept is not None and kept[1] != live.checkpoint:
            self._take_checkpoint(live, kept[1])

    def _finish(self, live: _Live, model: TrainedModel) -> None:
        run_id = live.info.id
        with self._database.session() as session:
            if session.get(RunRow, run_id) is None:
                return
            session.execute(update(RunRow).where(RunRow.id == run_id).values(card=dict(model.card)))
            for name, content in model.files.items():
                session.merge(FileRow(run_id=run_id, name=name, content=content))
            session.execute(
                delete(FileRow).where(FileRow.run_id == run_id, FileRow.name == CHECKPOINT)
            )
        live.checkpoint = None
        live.info = replace(live.info, state="finished", card=dict(model.card))

    def _dispatch(self) -> None:
        """Hands waiting runs to free workers, and asks paused ones to leave theirs."""
        with self._lock:
            waiting = self._waiting()
        if not waiting:
            return
        try:
            places = self._workers.training_slots()
        except DigitLabError as error:
            with self._lock:
                for live in waiting:
                    self._tell(live, Failed(str(error)), state="failed")
            return
        with self._lock:
            waiting = self._waiting()
            busy = [live for live in self._live.values() if live.job is not None]
            for live in waiting[: max(0, places - len(busy))]:
                self._hand_over(live)
            if len(waiting) + len(busy) > places:
                for live in busy:
                    if live.info.state == "paused" and not live.preempting and live.job:
                        live.preempting = True
                        live.job.send(Command("preempt"))

    def _hand_over(self, live: _Live) -> None:
        run_id, source = live.info.id, live.info.config.source
        try:
            upload = uploads.content(source) if uploads.is_upload(source) else None
        except DigitLabError as error:
            self._tell(live, Failed(str(error)), state="failed")
            return
        commands, live.pending = live.pending, []
        if commands and all(command.kind == "learning_rate" for command in commands):
            commands.append(Command("resume"))  # for it waits, that no step is done before them
        holder: list[Job] = []
        ready = threading.Event()

        def listen(entry: dict[str, Any]) -> None:
            ready.wait()
            self._inbox.put((run_id, holder[0], entry))

        job = self._workers.submit(
            train,
            live.info.config,
            live.checkpoint,
            live.history.changes,
            bool(commands),
            upload,
            self.limits.max_examples,
            long=True,
            listener=listen,
        )
        holder.append(job)
        self._count += 1
        self._turns[live.info.owner] = self._count
        live.job, live.urgent, live.preempting, live.begun = job, False, False, False
        ready.set()
        for command in commands:
            job.send(command)

    def _waiting(self) -> list[_Live]:
        """Returns the queued runs in the order in which they will start.

        First those whose worker was lost, then whose owner has the fewest before them, then
        whose owner's turn is longest ago: nobody waits for all the runs of somebody else.
        """
        before = Counter(live.info.owner for live in self._live.values() if live.job is not None)
        ranked = []
        for live in sorted(self._live.values(), key=lambda live: live.number):
            if live.info.state == "queued" and live.job is None:
                owner = live.info.owner
                turn = self._turns.get(owner, 0)
                ranked.append(((not live.urgent, before[owner], turn, live.number), live))
                before[owner] += 1
        return [live for _, live in sorted(ranked, key=lambda pair: pair[0])]

    def _enqueue(self, live: _Live) -> None:
        self._count += 1
        live.number = self._count
        self._live[live.info.id] = live
        self._tell(live, Queued(), state="queued")
        self._wake()

    def _tell(self, live: _Live, event: Event, *, state: State | None = None) -> None:
        live.events.append(event)
        if state is not None:
            live.info = replace(live.info, state=state)

    def _store(self) -> None:
        """Writes what is new into the database, and lets go of runs that have ended."""
        with self._lock:
            lives = list(self._live.values())
            news = [(live, live.info, list(live.events)) for live in lives]
        for live, info, events in news:
            if live.stored < len(events) or not info.under_way:
                self._store_one(info, events[live.stored :], live.stored)
                live.stored = len(events)
            if not info.under_way:
                with self._lock:
                    if live.info.state == info.state and len(live.events) == len(events):
                        self._live.pop(info.id, None)

    def _store_one(self, info: RunInfo, events: Sequence[Event], first: int) -> None:
        with self._database.session() as session:
            if session.get(RunRow, info.id) is None:  # deleted meanwhile
                return
            session.execute(update(RunRow).where(RunRow.id == info.id).values(state=info.state))
            session.add_all(
                EventRow(run_id=info.id, number=number, content=event_to_json(event))
                for number, event in enumerate(events, first)
            )

    def _put_file(self, run_id: str, name: str, content: bytes) -> None:
        with self._database.session() as session:
            if session.get(RunRow, run_id) is not None:
                session.merge(FileRow(run_id=run_id, name=name, content=content))

    def _stored_events(self, run_id: str) -> list[Event]:
        with self._database.session() as session:
            rows = session.scalars(
                select(EventRow.content).where(EventRow.run_id == run_id).order_by(EventRow.number)
            ).all()
        return [event_from_json(row) for row in rows]

    def _interrupt_left_overs(self) -> None:
        """Marks runs that were under way when an earlier server ended."""
        with self._database.session() as session:
            left = session.scalars(select(RunRow).where(RunRow.state.in_(UNDER_WAY))).all()
            for row in left:
                row.state = "interrupted"
                numbers = select(EventRow.number).where(EventRow.run_id == row.id)
                session.add(
                    EventRow(
                        run_id=row.id,
                        number=max(session.scalars(numbers), default=-1) + 1,
                        content=event_to_json(Note(LEFT_OVER)),
                    )
                )

    def _own(self, run_id: str, owner: str) -> RunInfo:
        info = self.get(run_id)
        if not owner or info.owner != owner:
            raise NoSuchRun("This run is somebody else's: you can look at it, and repeat it.")
        return info

    def _with_place(self, live: _Live) -> RunInfo:
        waiting = self._waiting()
        last = live.events[-1] if live.events else None
        return replace(
            live.info,
            place=waiting.index(live) + 1 if live in waiting else 0,
            has_checkpoint=live.checkpoint is not None,
            error=last.error if isinstance(last, Failed) else "",
        )

    def _check_size(self, config: TrainingConfig) -> None:
        limits = self.limits
        if config.epochs > limits.max_epochs:
            raise LimitReached(
                f"On this server a run may have {limits.max_epochs:,} epochs at most, so that"
                f" others get their turn. Received: {config.epochs:,}."
            )
        if config.parameters > limits.max_parameters:
            raise LimitReached(
                f"On this server a network may have {limits.max_parameters:,} parameters at most,"
                f" so that others get their turn. This one has {config.parameters:,}."
            )

    def _check_number(self, owner: str, *, new: int = 0) -> None:
        """Checks that a person may have so many new runs, or with 0 one more of theirs under way.

        Several that belong together are told how many there is room for.
        """
        limits = self.limits
        mine = self.of(owner)
        under_way = sum(info.under_way for info in mine)
        if under_way + max(1, new) > limits.max_runs:
            if new > 1:
                raise LimitReached(
                    f"These are {new} runs, and you have {under_way} waiting or under way. This"
                    f" server gives {limits.max_runs} at a time to one person, so none was started."
                )
            raise LimitReached(
                f"You have {limits.max_runs} runs waiting or under way, which is as many as this"
                " server gives to one person. Stop or delete one first."
            )
        if new and len(mine) + new > limits.max_kept_runs:
            if new > 1:
                raise LimitReached(
                    f"These are {new} runs, and you have {len(mine)} already. This server keeps"
                    f" {limits.max_kept_runs} for one person, so none was started. Delete some"
                    " first."
                )
            raise LimitReached(
                f"You have {limits.max_kept_runs} runs, which is as many as this server keeps for"
                " one person. Delete some first."
            )


def _going_on(live: _Live) -> str:
    if live.stays_paused:
        return "The run stays paused; when you resume it, another worker goes on with it."
    if live.checkpoint is None:
        return "The run begins again on another worker."
    return f"The run goes on from the end of epoch {live.kept_epoch} on another worker."


def _clean_name(name: str) -> str:
    return " ".join(name.split())[:MAX_NAME]


def _info(row: RunRow, has_checkpoint: bool, errors: Mapping[str, str]) -> RunInfo:
    state: State = row.state if row.state in get_args(State) else "failed"  # type: ignore[assignment]
    created = row.created if row.created.tzinfo else row.created.replace(tzinfo=UTC)
    return RunInfo(
        id=row.id,
        owner=row.owner,
        name=row.name,
        state=state,
        created=created,
        config=TrainingConfig.from_json(row.config),
        card=row.card,
        has_checkpoint=has_checkpoint,
        error=errors.get(row.id, ""),
    )


def _errors(session: Any, rows: Sequence[RunRow]) -> dict[str, str]:
    """Returns why those of the runs have failed that have: that is the last that they told."""
    failed = [row.id for row in rows if row.state == "failed"]
    if not failed:
        return {}
    last = (
        select(EventRow.run_id, func.max(EventRow.number).label("number"))
        .where(EventRow.run_id.in_(failed))
        .group_by(EventRow.run_id)
        .subquery()
    )
    told = session.execute(
        select(EventRow.run_id, EventRow.content).join(
            last, (EventRow.run_id == last.c.run_id) & (EventRow.number == last.c.number)
        )
    )
    return {run_id: str(content.get("error", "")) for run_id, content in told}


def _file(session: Any, run_id: str, name: str) -> bytes | None:
    content: bytes | None = session.scalar(
        select(FileRow.content).where(FileRow.run_id == run_id, FileRow.name == name)
    )
    return content


def _has_checkpoint(session: Any, run_id: str) -> bool:
    found = session.scalar(
        select(FileRow.name).where(FileRow.run_id == run_id, FileRow.name == CHECKPOINT)
    )
    return found is not None
