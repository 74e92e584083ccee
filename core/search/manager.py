"""The searches of this server, and the thread that drives them.

A search makes ordinary runs: they belong to its owner, count among that person's runs and wait
their turn with everybody's. The thread looks at them twice a second, tells Optuna of their epochs,
ends the hopeless ones, and asks for the next. Whatever it decides is in the database before it is
done, so that a search goes on after a restart as if nothing had happened.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from core.database import Database
from core.datasets import uploads
from core.errors import (
    DigitLabError,
    InvalidInput,
    LimitReached,
    NoSuchRun,
    NoSuchSearch,
    UnreadableRun,
)
from core.jobs.judging import JudgingJob
from core.runs.info import RunInfo, clean_name
from core.runs.manager import STOPPED_EARLY, Runs, new_id
from core.search.config import SearchConfig
from core.search.info import SearchInfo, State, Verdict
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
STOPPED = "The search that this run belongs to was stopped."
DELETED = "Its run was deleted before it was over."
STRANGER = "This search is somebody else's: you can look at it."
TIME_OVER = "The time allowed is over."
EXHAUSTED = "All that the space has was tried."
OPENED = (
    "The test data of this search was opened for its winner. Whoever goes on after that chooses by"
    " the test data: start a new search."
)
_LOG = logging.getLogger(__name__)


@dataclass(eq=False)
class _Active:
    """A search in which something may happen. Guarded by the lock of its manager.

    Args:
        info: as everybody sees it; replaced, never changed.
        job: the measuring of the winner.
        looked: when its time was last counted, on the monotonic clock; None while it stands still.
        kept_seconds: of its time, those in the database.
    """

    info: SearchInfo
    job: Job[TrainedModel] | None = None
    looked: float | None = None
    kept_seconds: float = 0.0


class Searches:
    """All searches of this server. Those that were under way when it ended go on.

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
        self._repository = SearchRepository(database, runs.check_ownership)
        self._lock = threading.RLock()
        self._active = {info.id: _Active(info) for info in self._repository.unsettled()}
        self._wake = threading.Event()
        self._over = False
        self._trouble = ""
        self._thread = threading.Thread(target=self._follow, name="searches", daemon=True)
        self._thread.start()

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
            self._active[info.id] = _Active(info)
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
        with self._lock:
            active = self._own(search_id, owner)
            if active.info.state == "running":
                self._count(active)
                self._keep(active, replace(active.info, state="paused"))
                self._command(active.info, "pause")

    def resume(self, search_id: str, *, owner: str) -> None:
        """Has a paused or stopped search go on.

        Raises:
            NoSuchSearch: if there is none of that id, or it is somebody else's.
            InvalidInput: if its test data was opened.
        """
        with self._lock:
            active = self._own(search_id, owner)
            if active.info.state in ("paused", "stopped"):
                _check_closed(active)
                self._keep(active, replace(active.info, state="running", reason=""))
                self._command(active.info, "resume")
        self._wake.set()

    def stop(self, search_id: str, *, owner: str) -> None:
        """Ends a search: its runs under way leave what they have, and no other begins.

        Raises:
            NoSuchSearch: if there is none of that id, or it is somebody else's.
        """
        with self._lock:
            active = self._own(search_id, owner)
            if active.info.under_way:
                self._count(active)
                self._keep(active, replace(active.info, state="stopped"))
                self._command(active.info, "stop", STOPPED)
        self._wake.set()

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
        with self._lock:
            active = self._own(search_id, owner)
            _check_closed(active)
            config = active.info.config
            config = replace(
                config,
                trials=config.trials + trials,
                seconds=config.seconds + seconds if config.seconds else 0.0,
            )
            state: State = "paused" if active.info.state == "paused" else "running"
            self._keep(active, replace(active.info, config=config, state=state, reason=""))
        self._wake.set()

    def open_test(self, search_id: str, *, owner: str) -> None:
        """Measures the winner on the test data, once and for all: the search is over then.

        Raises:
            NoSuchSearch: if there is none of that id, or it is somebody else's.
            InvalidInput: if it is still going on, or has no winner.
            DatabaseUnavailable: if the winner's network cannot be read.
        """
        with self._lock:
            active = self._own(search_id, owner)
            info = active.info
            if info.test is not None or info.testing:
                return
            if info.under_way or info.open:
                raise InvalidInput("The test data stays closed until the search has ended.")
            winner = best_trial(info.config, info.trials)
            model = self._runs.result(winner.run_id) if winner is not None else None
            if winner is None or model is None:
                raise InvalidInput("This search has no complete run whose network is still there.")
            source = info.config.base.source
            upload = uploads.content(source) if uploads.is_upload(source) else None
            active.job = self._workers.submit(JudgingJob(model, upload))
            active.info = replace(info, testing=True, trouble="")
        self._wake.set()

    def rename(self, search_id: str, name: str, *, owner: str) -> None:
        """Gives a search another name; an empty one changes nothing.

        Raises:
            NoSuchSearch: if there is none of that id, or it is somebody else's.
        """
        with self._lock:
            active = self._own(search_id, owner)
            if name := clean_name(name):
                self._keep(active, replace(active.info, name=name))
        self._wake.set()

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
            info = self._own(search_id, owner).info
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

    # What follows happens in the thread `searches`, or under the lock.

    def _follow(self) -> None:
        while not self._over:
            self._wake.wait(TICK_SECONDS if self._active else None)
            self._wake.clear()
            for active in list(self._active.values()):
                if self._over:
                    return
                with self._lock:
                    if self._active.get(active.info.id) is active:
                        self._attend(active)

    def _attend(self, active: _Active) -> None:
        """Looks after one search; its trouble ends neither it nor the others."""
        try:
            self._count(active)
            trouble = self._advance(active)
        except Exception as error:
            if self._trouble != repr(error):  # the log says it once
                self._trouble = repr(error)
                known = isinstance(error, DigitLabError)
                _LOG.error("A search does not go on: %s", error, exc_info=not known)
            trouble = str(error) if isinstance(error, DigitLabError) else repr(error)
        active.info = replace(active.info, trouble=trouble or _of_job(active))
        if active.info.settled and not active.info.trouble:
            self._active.pop(active.info.id, None)

    def _advance(self, active: _Active) -> str:
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
                name=f"{info.name}, trial {trial.number + 1}",
                search=info.id,
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

    def _begin_trials(self, active: _Active) -> str:
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

    def _keep_trial(self, active: _Active, trial: Trial) -> None:
        """Stores a trial; gives the search up if this is one failure too many."""
        self._keep(active, active.info, trial)
        ended = [each for each in active.info.trials if not each.open][-MAX_FAILURES:]
        failed = len(ended) == MAX_FAILURES and all(each.state == "failed" for each in ended)
        if trial.state == "failed" and failed and active.info.state == "running":
            reason = f"{MAX_FAILURES} runs in a row have failed. {trial.reason}"
            self._command(active.info, "stop", STOPPED)
            self._keep(active, replace(active.info, state="stopped", reason=reason))

    def _end(self, active: _Active) -> None:
        """Ends a search with which nothing is left to be done."""
        info = active.info
        if info.state == "running" and not info.open and not _has_room(info):
            over = _time_is_over(info) and len(info.trials) < info.config.most_trials
            reason = TIME_OVER if over else info.reason
            self._keep(active, replace(info, state="finished", reason=reason))

    def _take_test(self, active: _Active, job: Job[TrainedModel]) -> None:
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

    def _count(self, active: _Active) -> None:
        """Counts the time that a search has been going on."""
        now = time.monotonic()
        if active.looked is not None:
            active.info = replace(active.info, seconds=active.info.seconds + now - active.looked)
        active.looked = now if active.info.state == "running" else None

    def _keep(self, active: _Active, info: SearchInfo, *changed: Trial) -> None:
        """Stores a search in a new state, with the trials that are new or have changed."""
        trials = list(info.trials)
        for trial in changed:
            trials[trial.number : trial.number + 1] = [trial]
        info = replace(info, trials=tuple(trials))
        self._repository.store(info, changed)
        active.info, active.kept_seconds = info, info.seconds

    def _own(self, search_id: str, owner: str) -> _Active:
        """Returns a search of this owner, which from now on is looked after."""
        info = self.get(search_id)
        if not owner or info.owner != owner:
            raise NoSuchSearch(STRANGER)
        return self._active.setdefault(search_id, _Active(info))


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


def _of_job(active: _Active) -> str:
    """Says why the winner could not be measured."""
    return active.job.error if active.job is not None and not active.job.active else ""


def _check_closed(active: _Active) -> None:
    if active.info.test is not None or active.info.testing:
        raise InvalidInput(OPENED)
