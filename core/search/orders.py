"""What people want of a search, done by the server that drives it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

from core.datasets import uploads
from core.errors import InvalidInput, NoSuchRun
from core.jobs.judging import JudgingJob
from core.runs.manager import Runs, new_id
from core.search.active import Active
from core.search.info import SearchInfo, State
from core.search.results import best_trial
from core.search.trial import Trial
from core.training.card import TrainedModel
from core.workers.pool import Workers

STOPPED = "The search that this run belongs to was stopped."
OPENED = (
    "The test data of this search was opened for its winner. Whoever goes on after that chooses by"
    " the test data: start a new search."
)
NOTHING_CHOSEN = "This search compares its runs: none is chosen, and no further one belongs to it."


class CommandRuns(Protocol):
    """Passes a command on to all runs of a search that are under way."""

    def __call__(self, info: SearchInfo, kind: str, note: str = "") -> None:
        """Passes it on."""
        ...


class Keep(Protocol):
    """Stores a search in a new state; raises LeaseLost if another server drives it now."""

    def __call__(self, active: Active, info: SearchInfo, *changed: Trial) -> None:
        """Stores it, with the trials that are new or have changed."""
        ...


class Orders:
    """Obeys. Whoever calls holds the lock of the searches.

    Args:
        runs: of the server.
        workers: where winners are measured.
        count: counts the time that a search has been going on.
        keep: stores a search in a new state.
        command: passes a command on to a search's runs.
    """

    def __init__(
        self,
        runs: Runs,
        workers: Workers,
        *,
        count: Callable[[Active], None],
        keep: Keep,
        command: CommandRuns,
    ) -> None:
        self._runs = runs
        self._workers = workers
        self._count = count
        self._keep = keep
        self._command = command

    def obey(self, active: Active, order: str, arguments: dict[str, Any]) -> None:
        """Does what a person wants.

        Args:
            active: the search.
            order: one of ORDERS.
            arguments: of that.

        Raises:
            InvalidInput: if it cannot be done.
            LeaseLost: if another server drives the search now.
        """
        ORDERS[order](self, active, **arguments)

    def check(self, info: SearchInfo, order: str, arguments: dict[str, Any]) -> None:
        """Raises InvalidInput if what a person wants of another server cannot be done.

        Args:
            info: the search, as it is stored.
            order: one of ORDERS.
            arguments: of that.
        """
        match order:
            case "extend":
                extended(info, **arguments)
            case "resume":
                check_closed(info)
            case "open_test":
                self._winner(info)

    def _pause(self, active: Active) -> None:
        if active.info.state == "running":
            self._count(active)
            self._keep(active, replace(active.info, state="paused"))
            self._command(active.info, "pause")

    def _resume(self, active: Active) -> None:
        info = active.info
        if info.state in ("paused", "stopped") or (info.config.compares and not info.under_way):
            check_closed(info)
            again = self._left_out(info) if info.config.compares else ()
            self._keep(active, replace(info, state="running", reason=""), *again)
            self._command(active.info, "resume")

    def _left_out(self, info: SearchInfo) -> list[Trial]:
        """Returns what left no network in a search that compares, ready to be tried again."""
        again = []
        for trial in info.trials:
            try:
                run = self._runs.get(trial.run_id)
            except NoSuchRun:
                run = None
            if run is not None and run.resumable and trial in info.unfinished:
                self._runs.resume(run.id, owner=info.owner)
                again.append(replace(trial, state="running", reason=""))
            elif not trial.open and (run is None or trial in info.unfinished):
                again.append(Trial(trial.number, trial.parameters, run_id=new_id()))
        return again

    def _stop(self, active: Active) -> None:
        if active.info.under_way:
            self._count(active)
            self._keep(active, replace(active.info, state="stopped"))
            self._command(active.info, "stop", STOPPED)

    def _extend(self, active: Active, trials: int, seconds: float) -> None:
        self._keep(active, extended(active.info, trials, seconds))

    def _rename(self, active: Active, name: str) -> None:
        active.info = replace(active.info, name=name)

    def _open_test(self, active: Active) -> None:
        info = active.info
        if info.test is None and not info.testing:
            model = self._winner(info)
            source = info.config.base.source
            upload = uploads.must_carry(source)
            active.job = self._workers.submit(JudgingJob(model, upload))
            active.info = replace(info, testing=True, trouble="")

    def _winner(self, info: SearchInfo) -> TrainedModel:
        """Returns the network to be measured on test data; raises InvalidInput if there is none."""
        if info.config.compares:
            raise InvalidInput(NOTHING_CHOSEN)
        if info.under_way or info.open:
            raise InvalidInput("The test data stays closed until the search has ended.")
        winner = best_trial(info.config, info.trials)
        model = self._runs.result(winner.run_id) if winner is not None else None
        if model is None:
            raise InvalidInput("This search has no complete run whose network is still there.")
        return model


ORDERS: dict[str, Callable[..., None]] = {
    "pause": Orders._pause,
    "resume": Orders._resume,
    "stop": Orders._stop,
    "extend": Orders._extend,
    "rename": Orders._rename,
    "open_test": Orders._open_test,
}


def check_closed(info: SearchInfo) -> None:
    """Raises InvalidInput if a search's test data was opened, or is being opened."""
    if info.test is not None or info.testing:
        raise InvalidInput(OPENED)


def extended(info: SearchInfo, trials: int, seconds: float) -> SearchInfo:
    """Returns a search with more to do; raises InvalidInput if it may not have that."""
    check_closed(info)
    if info.config.compares:
        raise InvalidInput(NOTHING_CHOSEN)
    config = replace(
        info.config,
        trials=info.config.trials + trials,
        seconds=info.config.seconds + seconds if info.config.seconds else 0.0,
    )
    state: State = "paused" if info.state == "paused" else "running"
    return replace(info, config=config, state=state, reason="")
