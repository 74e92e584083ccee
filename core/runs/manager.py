"""The manager of all runs: what people ask for, and the thread that follows what happens.

A run belongs to its owner, an anonymous id. Whoever knows a run's own id may look at it; only its
owner controls it. What a run emits goes into the database as it comes, so that a page, a tab, a
worker or the whole server may go away without the run being lost. Several servers may share the
database; `core.runs.servers` says which of them follows which run.
"""

from __future__ import annotations

import contextlib
import queue
import secrets
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from core.database import Database, RunRow
from core.errors import DatabaseUnavailable, NoSuchRun, UnreadableRun
from core.runs import dispatcher
from core.runs.caretaker import Caretaker
from core.runs.dispatcher import Dispatcher
from core.runs.follower import RunFollower
from core.runs.info import MAX_NAME, UNREADABLE, RunInfo, Unreadable, check_owner, clean_name
from core.runs.keeper import Keeper
from core.runs.live import LiveRun, TrainingRun
from core.runs.lives import Lives
from core.runs.mailbox import Mailbox
from core.runs.orders import Orders
from core.runs.quota import Quota
from core.runs.reader import EventReader
from core.runs.repository import RunRepository
from core.runs.servers import Servers
from core.runs.shared_slots import SharedSlots
from core.runs.tries import Tries
from core.settings import Settings
from core.training.card import TrainedModel
from core.training.config import TrainingConfig
from core.training.events import Failed, PaceChanged
from core.training.history import History
from core.workers.commands import COMMAND, Command
from core.workers.job import Ended
from core.workers.pool import Workers

NOT_DELETED = "The run was not deleted, and nothing about it has changed. Try again in a moment."
# A run, its job and an event of that; a wish to have all looked at; None ends the following.
_Message = tuple[LiveRun, TrainingRun, object] | str | None
_WAKE, _PULSE = "wake", "pulse"


class Runs:
    """All runs of this server, and a view of those of the others that share its database.

    Args:
        database: where they are kept.
        workers: where they are done.
        limits: how much one run and one person may ask for.

    Attributes:
        servers: this server among those that share the database.

    Raises:
        DatabaseUnavailable: if the database fails.
    """

    def __init__(self, database: Database, workers: Workers, limits: Settings) -> None:
        self.limits = limits
        self.servers = Servers(database)
        token = self.servers.token
        self._quota = Quota(limits)
        self._repository = RunRepository(database, token)
        self._mailbox = Mailbox(database, RunRow, token)
        self._reader = EventReader(self._repository)
        self._inbox: queue.SimpleQueue[_Message] = queue.SimpleQueue()
        self._lives = Lives(self._wake)
        # Two tabs must not both be given the last free place.
        self._asking = threading.Lock()
        self._orders = Orders(self._lives, self._wake)
        self._keeper = Keeper(self._repository, self._lives)
        self._follower = RunFollower(self._repository, self._lives, self._keeper)
        self._caretaker = Caretaker(self._repository, self._lives, self._mailbox, self._orders.obey)
        self._tries = Tries()
        self._dispatcher = Dispatcher(
            self._lives,
            workers,
            SharedSlots(database, token),
            limits.max_examples,
            self._tries,
            lambda live, job, event: self._inbox.put((live, job, event)),
        )
        if not self.servers.others:
            self._repository.interrupt_left_overs()
        self._thread = threading.Thread(target=self._follow, name="runs", daemon=True)
        self._thread.start()
        self.servers.listen(lambda: self._inbox.put(_PULSE))

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
        lives = self._lives.all()  # one that ends meanwhile says so here
        return self._seen(self._repository.of(owner), lives)

    def unreadable(self, owner: str) -> list[Unreadable]:
        """Returns a person's runs that this version does not understand, the newest first."""
        return [run for run in self._repository.of(owner) if isinstance(run, Unreadable)]

    def history(self, run_id: str) -> History:
        """Returns all that a run has emitted so far, whoever asks.

        Raises:
            NoSuchRun: if there is none of that id.
            UnreadableRun: if this version does not understand it.
        """
        with self._lives.lock:
            live = self._lives.get(run_id)
            if live is not None:
                return live.history
        info = self.get(run_id)
        return History.of(self._reader.events(info), epochs_wanted=info.config.epochs)

    def result(self, run_id: str) -> TrainedModel | None:
        """Returns the network that a run left, stored or not, or None if it left none."""
        live = self._lives.get(run_id)
        return (live and live.network) or self._repository.result(run_id)

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
        info = self._own(run_id, owner)
        live = self._lives.get(run_id)
        if live is not None:
            self._orders.command(live, command, note)
        elif info.under_way:  # another server follows it
            sent = COMMAND.dump_python(command, mode="json")
            self._mailbox.send(run_id, {"command": sent, "note": note})

    def resume(self, run_id: str, *, owner: str) -> None:
        """Queues a run again that was interrupted or failed, to go on from its last checkpoint.

        Raises:
            NoSuchRun: if there is none of that id, or it is somebody else's.
            LimitReached: if its owner has too many runs under way.
        """
        info = self._own(run_id, owner)
        if not info.resumable:
            return
        self._quota.check_size(info.config)
        with self._asking:
            if self._lives.get(run_id) is not None:
                return
            live = self._caretaker.load(info)
            if self._repository.resume(info, live.stored, self._check_number):
                self._lives.enqueue(live)

    def keep_test(self, run_id: str, model: TrainedModel) -> None:
        """Keeps what was measured of a run's network on test data; see `core.training.testing`.

        Raises:
            DatabaseUnavailable: if it cannot be kept, as the network itself is not stored yet, say.
        """
        live = self._lives.get(run_id)
        if live is not None and not live.kept:
            raise DatabaseUnavailable("The network of this run is not stored yet.")
        self._repository.save_card(run_id, model)

    def rename(self, run_id: str, name: str, *, owner: str) -> None:
        """Gives a run another name; an empty one changes nothing.

        Raises:
            NoSuchRun: if there is none of that id, or it is somebody else's.
        """
        info = self._own(run_id, owner)
        name = clean_name(name)
        if not name:
            return
        self._repository.rename(run_id, name)
        if self._lives.get(run_id) is None and info.under_way:
            self._mailbox.send(run_id, {"name": name})
        self._orders.rename(run_id, name)

    def delete(self, run_id: str, *, owner: str) -> None:
        """Ends a run, if it is under way, and forgets all of it, whether it is understood or not.

        Raises:
            NoSuchRun: if there is none of that id, or it is somebody else's.
            DatabaseUnavailable: if it cannot be deleted; then nothing has happened to it.
        """
        check_owner(self._find(run_id), owner)
        try:
            self._repository.delete(run_id)
        except DatabaseUnavailable as error:
            raise DatabaseUnavailable(f"{NOT_DELETED} {error}") from error
        live = self._lives.get(run_id)
        if live is not None:
            self._lives.drop(live)

    def close(self) -> None:
        """Stops following the runs. Another server goes on with those under way, if one is up."""
        self._inbox.put(None)
        self._thread.join(timeout=5)
        with contextlib.suppress(DatabaseUnavailable):
            self.servers.leave()
        self._repository.close()

    def _start(self, infos: Sequence[RunInfo], *, slow: bool) -> None:
        if not infos:
            return
        for info in infos:
            self._quota.check_size(info.config)
        with self._asking:
            self._repository.add(infos, lambda mine: self._check_number(mine, new=len(infos)))
            with self._lives.lock:
                for info in infos:
                    live = LiveRun(info)
                    if slow:
                        live.add(PaceChanged(slow=True))
                    self._lives.enqueue(live)

    # What follows happens in the thread `runs`, or under the lock.

    def _follow(self) -> None:
        """Takes the events of the runs, stores them, and starts the next ones."""
        calm = True
        while True:
            messages: list[_Message] = []
            with contextlib.suppress(queue.Empty):
                messages.append(self._inbox.get(timeout=None if calm else dispatcher.RETRY_SECONDS))
                while True:
                    messages.append(self._inbox.get_nowait())
            for message in messages:
                if isinstance(message, tuple):
                    self._tries.do("An event of a run", self._take, *message)
            over = None in messages
            if _PULSE in messages and not over:
                self._tries.do("Looking after the leases", self._caretaker.look)
            dispatched = over or self._tries.do("Starting runs", self._dispatcher.dispatch)
            stored = self._tries.do("Storing the runs", self._keeper.keep_all)
            if over:
                return
            # Workers come and go without a message.
            calm = dispatched and stored and self._dispatcher.slots is None

    def _wake(self) -> None:
        self._inbox.put(_WAKE)

    def _take(self, live: LiveRun, job: TrainingRun, event: object) -> None:
        if self._lives.get(live.info.id) is live and live.job is job:
            self._follower.take(live, job, event)
        elif isinstance(event, Ended):  # its run was deleted, or is another server's now
            job.discard_checkpoint()

    def _find(self, run_id: str) -> RunInfo | Unreadable:
        live = self._lives.get(run_id)
        if live is not None:
            return self._info(live)
        found = self._repository.get(run_id)
        if found is None:
            raise NoSuchRun(f"There is no run “{run_id[:40]}” here; it may have been deleted.")
        return found

    def _own(self, run_id: str, owner: str) -> RunInfo:
        info = self.get(run_id)
        check_owner(info, owner)
        return info

    def _check_number(self, mine: Sequence[RunInfo | Unreadable], *, new: int = 0) -> None:
        """Raises LimitReached if the person whose runs these are may not have more."""
        infos = self._seen(mine, self._lives.all())
        self._quota.check_number(infos, new=new, unreadable=len(mine) - len(infos))

    def _seen(
        self, stored: Sequence[RunInfo | Unreadable], lives: Sequence[LiveRun]
    ) -> list[RunInfo]:
        """Returns stored runs as they are now, where that is known here."""
        here = {live.info.id: live for live in lives}
        with self._lives.lock:
            return [
                self._info(here[info.id]) if info.id in here else info
                for info in stored
                if isinstance(info, RunInfo)
            ]

    def _info(self, live: LiveRun) -> RunInfo:
        with self._lives.lock:
            waiting = self._lives.waiting()
            last = live.events[-1] if live.events else None
            without = self._dispatcher.slots == 0 and live.info.state in ("queued", "running")
            return replace(
                live.info,
                unsaved=live.trouble if live.network is not None else "",
                without_workers=without,
                queue_position=waiting.index(live) + 1 if live in waiting else 0,
                has_checkpoint=live.checkpoint is not None,
                error=last.error if isinstance(last, Failed) else "",
            )


def new_id() -> str:
    """Returns an id that no run has."""
    return secrets.token_hex(8)
