"""The searches of this server, and the thread that drives them.

A search makes ordinary runs: they belong to its owner, count among that person's runs and wait
their turn with everybody's. The thread looks at them twice a second, tells Optuna of their epochs,
ends the hopeless ones, and asks for the next. Whatever it decides is in the database before it is
done, so that a search goes on after a restart as if nothing had happened. Where several servers
share the database, one of them drives a search (`core.runs.servers`) and is told by the others what
people want of it.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from core.database import Database, SearchRow
from core.errors import (
    DatabaseUnavailable,
    DigitLabError,
    InvalidInput,
    LeaseLost,
    LimitReached,
    NoSuchRun,
    NoSuchSearch,
    UnreadableRun,
)
from core.runs.info import RunInfo, clean_name
from core.runs.mailbox import Mailbox
from core.runs.manager import Runs, new_id
from core.runs.orders import STOPPED_EARLY
from core.runs.tries import Tries
from core.search.active import Active
from core.search.config import SearchConfig
from core.search.info import SearchInfo, Verdict
from core.search.orders import STOPPED, Orders
from core.search.repository import SearchRepository
from core.search.results import best_trial
from core.search.study import judge, propose
from core.search.trial import Trial
from core.training.card import TrainedModel
from core.training.events import DIVERGED
from core.training.history import History
from core.workers.commands import Signal
from core.workers.job import Job
from core.workers.pool import Workers

TICK_SECONDS = 0.5
KEPT_SECONDS = 5.0  # the time that a search has been going on is stored this often
MAX_FAILURES = 5  # trials that may fail one after the other
PRUNED = "The search has ended this run: others were better after as many epochs."
DELETED = "Its run was deleted before it was over."
STRANGER = "This search is somebody else's: you can look at it."
TIME_OVER = "The time allowed is over."
EXHAUSTED = "All that the space has was tried."
_LOG = logging.getLogger(__name__)


class Searches:
    """All searches. Those that were under way when a server ended go on here.

    Args:
        database: where they are kept.
        runs: of the server; they do the work.
        workers: where winners are measured.

    Raises:
        DatabaseUnavailable: if the searches cannot be read.
    """

    def __init__(self, database: Database, runs: Runs, workers: Workers) -> None:
        self._runs = runs
        self._workers = workers
        token = runs.servers.token
        self._repository = SearchRepository(database, token)
        self._mailbox = Mailbox(database, SearchRow, token)
        self._lock = threading.RLock()
        self._active: dict[str, Active] = {}
        self._orders = Orders(
            runs, workers, count=self._count, keep=self._keep, command=self._command
        )
        self._take_over()
        self._wake = threading.Event()
        self._over = False
        self._pulsed = False
        self._trouble = ""
        self._tries = Tries()
        self._thread = threading.Thread(target=self._follow, name="searches", daemon=True)
        self._thread.start()
        runs.servers.listen(self._on_pulse)

    def start(self, config: SearchConfig, *, owner: str, name: str = "") -> str:
        """Begins a new search and returns its id.

        Args:
            config: the search.
            owner: whose it is.
            name: what it is called. Defaults to what varies.

        Raises:
            LimitReached: if one run of it is more than this server allows.
            DatabaseUnavailable: if it cannot be kept.
        """
        self._runs.check_size(config.base)
        info = SearchInfo(
            id=new_id(),
            owner=owner,
            name=clean_name(name) or clean_name(f"Search: {', '.join(config.space.names)}"),
            state="running",
            created=datetime.now(UTC),
            config=config,
        )
        self._repository.add(info)
        with self._lock:
            self._active[info.id] = Active(info)
        self._wake.set()
        return info.id

    def get(self, search_id: str) -> SearchInfo:
        """Returns one search, whoever asks.

        Raises:
            NoSuchSearch: if there is none of that id, or this version does not understand it.
        """
        active = self._active.get(search_id)
        found = active.info if active is not None else self._repository.get(search_id)
        if found is None:
            raise NoSuchSearch(
                f"There is no search “{search_id[:40]}” here; it may have been deleted."
            )
        return found

    def of(self, owner: str) -> list[SearchInfo]:
        """Returns a person's searches, the newest first."""
        actives = dict(self._active)  # one that ends meanwhile says so here
        found = self._repository.of(owner)
        return [actives[info.id].info if info.id in actives else info for info in found]

    def pause(self, search_id: str, *, owner: str) -> None:
        """Pauses a search with its runs; does nothing to one that is not running.

        Raises:
            NoSuchSearch: if there is none of that id, or it is somebody else's.
        """
        self._ask(search_id, owner, "pause")

    def resume(self, search_id: str, *, owner: str) -> None:
        """Has a paused or stopped search go on; one that compares tries again what was left out.

        Raises:
            NoSuchSearch: if there is none of that id, or it is somebody else's.
            InvalidInput: if its test data was opened.
            LimitReached: if its owner has too many runs under way.
        """
        self._ask(search_id, owner, "resume")

    def stop(self, search_id: str, *, owner: str) -> None:
        """Ends a search: its runs under way leave what they have, and no other begins.

        Raises:
            NoSuchSearch: if there is none of that id, or it is somebody else's.
        """
        self._ask(search_id, owner, "stop")

    def extend(self, search_id: str, *, owner: str, trials: int = 0, seconds: float = 0.0) -> None:
        """Gives a search more trials, or more time; one that has ended goes on.

        Args:
            search_id: of the search.
            owner: whose it is.
            trials: how many more.
            seconds: how much longer, where its time is limited.

        Raises:
            NoSuchSearch: if there is none of that id, or it is somebody else's.
            InvalidInput: if that is too many, or its test data was opened.
        """
        self._ask(search_id, owner, "extend", trials=trials, seconds=seconds)

    def open_test(self, search_id: str, *, owner: str) -> None:
        """Measures the winner on the test data, once and for all: the search is over then.

        Raises:
            NoSuchSearch: if there is none of that id, or it is somebody else's.
            InvalidInput: if it is still going on, or has no winner.
            DatabaseUnavailable: if the winner's network cannot be read.
        """
        self._ask(search_id, owner, "open_test")

    def rename(self, search_id: str, name: str, *, owner: str) -> None:
        """Gives a search another name; an empty one changes nothing.

        Raises:
            NoSuchSearch: if there is none of that id, or it is somebody else's.
        """
        self._own(search_id, owner)
        if name := clean_name(name):
            self._repository.rename(search_id, name)
            self._ask(search_id, owner, "rename", name=name)

    def delete(self, search_id: str, *, owner: str, with_runs: bool = False) -> None:
        """Ends a search, if it is under way, and forgets it.

        Args:
            search_id: of the search.
            owner: whose it is.
            with_runs: whether its runs are deleted as well, rather than stopped. Defaults to False.

        Raises:
            NoSuchSearch: if there is none of that id, or it is somebody else's.
            DatabaseUnavailable: if it cannot be deleted.
        """
        with self._lock:
            info = self._own(search_id, owner)
            self._repository.delete(search_id)
            self._active.pop(search_id, None)
            self._command(info, "stop", STOPPED)
            for trial in info.trials if with_runs else ():
                try:
                    self._runs.delete(trial.run_id, owner=owner)
                except NoSuchRun:
                    continue

    def close(self) -> None:
        """Stops driving the searches; those under way go on with the next server."""
        self._over = True
        self._wake.set()
        self._thread.join(timeout=5)

    def _ask(self, search_id: str, owner: str, action: str, **arguments: Any) -> None:
        """Does what a person wants of a search, or has the server do it that looks after it.

        Args:
            search_id: of the search.
            owner: of the search; anybody else may not.
            action: one of `core.search.orders.ORDERS`.
            arguments: of that.
        """
        with self._lock:
            info = self._own(search_id, owner)
            if not self._do(search_id, action, arguments):
                self._orders.check(info, action, arguments)
                self._mailbox.send(search_id, {"action": action, "arguments": arguments})
        self._wake.set()

    def _own(self, search_id: str, owner: str) -> SearchInfo:
        """Returns a search of this owner."""
        info = self.get(search_id)
        if not owner or info.owner != owner:
            raise NoSuchSearch(STRANGER)
        return info

    # What follows happens in the thread `searches`, or under the lock.

    def _do(self, search_id: str, action: str, arguments: dict[str, Any]) -> bool:
        """Does what a person wants of a search; returns False if another server looks after it."""
        active = self._active.get(search_id)
        if active is None:
            info = self._repository.take(search_id)
            if info is None:
                return False
            active = self._active.setdefault(search_id, Active(info))
        try:
            self._orders.obey(active, action, arguments)
        except LeaseLost:
            del self._active[search_id]
            return False
        return True

    def _on_pulse(self) -> None:
        self._pulsed = True
        self._wake.set()

    def _look_at_leases(self) -> None:
        """Drops what other servers look after, takes over what none does, and obeys commands."""
        with self._lock:
            lost = self._active.keys() - self._repository.held() if self._active else ()
            for search_id in list(lost):
                info = self._active.pop(search_id).info
                if self._repository.get(search_id) is None:
                    self._command(info, "stop", STOPPED)  # it was deleted; a run may be new
            self._take_over()
            self._mailbox.obey(self._obey)

    def _take_over(self) -> None:
        for info in self._repository.unsettled():
            taken = self._repository.take(info.id)
            if taken is not None:
                self._active[taken.id] = Active(taken)

    def _obey(self, search_id: str, content: dict[str, Any]) -> None:
        try:
            self._do(search_id, content["action"], content["arguments"])
        except DigitLabError as error:  # it was right when the person asked
            _LOG.warning("A search did not obey: %s", error)

    def _follow(self) -> None:
        while not self._over:
            self._wake.wait(TICK_SECONDS if self._active else None)
            self._wake.clear()
            if self._pulsed and not self._over:
                self._pulsed = False
                self._tries.do("Looking after the leases of searches", self._look_at_leases)
            for active in list(self._active.values()):
                if self._over:
                    return
                with self._lock:
                    if self._active.get(active.info.id) is active:
                        self._attend(active)

    def _attend(self, active: Active) -> None:
        """Looks after one search; its trouble ends neither it nor the others."""
        try:
            self._count(active)
            trouble = self._advance(active)
        except LeaseLost:
            self._active.pop(active.info.id, None)
            return
        except Exception as error:
            if self._trouble != repr(error):  # the log says it once
                self._trouble = repr(error)
                known = isinstance(error, DigitLabError)
                _LOG.error("A search does not go on: %s", error, exc_info=not known)
            trouble = str(error) if isinstance(error, DigitLabError) else repr(error)
        active.info = replace(active.info, trouble=trouble or _of_job(active))
        if active.info.settled and not active.info.trouble:
            self._active.pop(active.info.id, None)
            with contextlib.suppress(DatabaseUnavailable):  # others may ask this server, then
                self._repository.let_go(active.info.id)

    def _advance(self, active: Active) -> str:
        """Brings a search on; returns what keeps it from that, in a sentence."""
        if active.job is not None and not active.job.active:
            self._take_test(active, active.job)
        trouble = ""
        for trial in active.info.open:
            followed, problem = self._follow_trial(active.info, trial)
            trouble = trouble or problem
            if followed != trial:
                self._keep_trial(active, followed)
        if active.info.state == "running":
            trouble = self._begin_trials(active) or trouble
            self._end(active)
        if active.info.seconds - active.kept_seconds >= KEPT_SECONDS:
            self._keep(active, active.info)
        return trouble

    def _follow_trial(self, info: SearchInfo, trial: Trial) -> tuple[Trial, str]:
        """Returns a trial as its run has it now, and what keeps it from going on."""
        try:
            run = self._runs.get(trial.run_id)
            history = self._runs.history(trial.run_id)
        except UnreadableRun as error:
            return replace(trial, state="failed", reason=str(error)), ""
        except NoSuchRun:
            if trial.state != "waiting":
                return replace(trial, state="deleted", reason=DELETED), ""
            if info.state == "stopped":
                return replace(trial, state="stopped"), ""
            return (trial, "") if info.state == "paused" else self._begin(info, trial)
        trial = replace(trial, state="running", weights=run.config.parameters)
        wanted = run.config.epochs if run.under_way else 0
        trial, hopeless = judge(info.config, info.trials, trial, history.epochs, wanted=wanted)
        if hopeless:
            self._runs.command(run.id, Signal("stop"), owner=info.owner, note=PRUNED)
            return replace(trial, state="pruned"), ""
        if run.under_way:
            if info.state == "stopped":  # it was not, when that was asked
                self._runs.command(run.id, Signal("stop"), owner=info.owner)
            return trial, ""
        if run.state == "interrupted":
            return self._go_on(info, trial)
        return _ended(trial, run, history), ""

    def _begin(self, info: SearchInfo, trial: Trial) -> tuple[Trial, str]:
        """Queues a trial's run."""
        try:
            config = info.config.space.apply(info.config.base, trial.parameters)
            self._runs.check_size(config)
        except InvalidInput as error:
            return replace(trial, state="failed", reason=str(error)), ""
        try:
            self._runs.start_trial(
                config,
                owner=info.owner,
                name=_run_name(info, trial),
                # Where nothing is chosen, a run may be measured on test data like any other.
                search="" if info.config.compares else info.id,
                run_id=trial.run_id,
            )
        except LimitReached as error:
            return trial, str(error)
        return replace(trial, state="running", weights=config.parameters), ""

    def _go_on(self, info: SearchInfo, trial: Trial) -> tuple[Trial, str]:
        """Has a run go on that an earlier server has left."""
        if info.state == "stopped":
            return replace(trial, state="stopped"), ""
        if info.state == "running":
            try:
                self._runs.resume(trial.run_id, owner=info.owner)
            except LimitReached as error:
                return trial, str(error)
        return trial, ""

    def _begin_trials(self, active: Active) -> str:
        """Makes new trials while there is room; returns what keeps their runs from beginning."""
        while _has_room(active.info):
            info = active.info
            parameters = propose(info.config, info.trials)
            if parameters is None:
                self._keep(active, replace(info, reason=EXHAUSTED))
                return ""
            trial = Trial(len(info.trials), parameters, run_id=new_id())
            self._keep(active, info, trial)
            trial, problem = self._begin(active.info, trial)
            if problem:
                return problem
            self._keep_trial(active, trial)
        return ""

    def _keep_trial(self, active: Active, trial: Trial) -> None:
        """Stores a trial; gives the search up if this is one failure too many."""
        self._keep(active, active.info, trial)
        ended = [each for each in active.info.trials if not each.open][-MAX_FAILURES:]
        failed = len(ended) == MAX_FAILURES and all(each.state == "failed" for each in ended)
        if trial.state == "failed" and failed and active.info.state == "running":
            reason = f"{MAX_FAILURES} runs in a row have failed. {trial.reason}"
            self._command(active.info, "stop", STOPPED)
            self._keep(active, replace(active.info, state="stopped", reason=reason))

    def _end(self, active: Active) -> None:
        """Ends a search with which nothing is left to be done."""
        info = active.info
        if info.state == "running" and not info.open and not _has_room(info):
            over = _time_is_over(info) and len(info.trials) < info.config.most_trials
            reason = TIME_OVER if over else info.reason
            self._keep(active, replace(info, state="finished", reason=reason))

    def _take_test(self, active: Active, job: Job[TrainedModel]) -> None:
        """Takes what was measured of the winner."""
        winner = best_trial(active.info.config, active.info.trials)
        if job.result is not None and winner is not None:
            self._runs.keep_test(winner.run_id, job.result)
            test = Verdict(winner.number, winner.run_id, job.result.card.figures)
            self._keep(active, replace(active.info, test=test, testing=False))
            active.job = None
        active.info = replace(active.info, testing=False)

    def _command(self, info: SearchInfo, kind: str, note: str = "") -> None:
        """Passes a command on to all runs of a search that are under way."""
        for trial in info.open:
            try:
                self._runs.command(
                    trial.run_id,
                    Signal(kind),  # type: ignore[arg-type]
                    owner=info.owner,
                    note=note,
                )
            except NoSuchRun:
                continue

    def _count(self, active: Active) -> None:
        """Counts the time that a search has been going on."""
        now = time.monotonic()
        if active.looked is not None:
            active.info = replace(active.info, seconds=active.info.seconds + now - active.looked)
        active.looked = now if active.info.state == "running" else None

    def _keep(self, active: Active, info: SearchInfo, *changed: Trial) -> None:
        """Stores a search in a new state, with the trials that are new or have changed."""
        trials = list(info.trials)
        for trial in changed:
            trials[trial.number : trial.number + 1] = [trial]
        info = replace(info, trials=tuple(trials))
        self._repository.store(info, changed)
        active.info, active.kept_seconds = info, info.seconds


def _run_name(info: SearchInfo, trial: Trial) -> str:
    if not info.config.compares:
        return f"{info.name}, trial {trial.number + 1}"
    values = (f"{value}".replace(",", "-") for value in trial.parameters.values())
    return f"{info.name}, {', '.join(values)}"


def _has_room(info: SearchInfo) -> bool:
    """Whether another trial may begin."""
    config = info.config
    return (
        info.state == "running"
        and not info.reason
        and len(info.trials) < config.trials
        and len(info.open) < config.parallel
        and not _time_is_over(info)
    )


def _time_is_over(info: SearchInfo) -> bool:
    return bool(info.config.seconds) and info.seconds >= info.config.seconds


def _ended(trial: Trial, run: RunInfo, history: History) -> Trial:
    """Returns the trial of a run that has ended by itself, or by a person."""
    trial = replace(trial, seconds=history.seconds)
    if run.error == STOPPED_EARLY:
        return replace(trial, state="stopped")
    if run.state != "finished":
        diverged = run.error.startswith(DIVERGED)
        return replace(trial, state="diverged" if diverged else "failed", reason=run.error)
    finished = history.finished
    if finished is None or finished.ending == "stopped" or not trial.losses:
        return replace(trial, state="stopped")
    return replace(trial, state="complete", kept_epoch=finished.kept_epoch or finished.epochs)


def _of_job(active: Active) -> str:
    """Says why the winner could not be measured."""
    return active.job.error if active.job is not None and not active.job.active else ""
