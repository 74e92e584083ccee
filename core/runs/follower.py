"""What the events of a job make of its run."""

from __future__ import annotations

import logging
from dataclasses import replace

from core.errors import LeaseLost
from core.runs.keeper import Keeper
from core.runs.live import LiveRun, TrainingRun
from core.runs.lives import Lives
from core.runs.repository import RunRepository
from core.training.checkpoint import position_of
from core.training.events import Event, Failed, Note, Paused, Resumed, Started
from core.workers.commands import Signal
from core.workers.job import CheckpointSaved, Ended, WorkerStarted
from core.workers.pool import KILLED, LOST

MAX_LOSSES = 3  # workers that may die on a run without an epoch in between
_LOG = logging.getLogger(__name__)


class RunFollower:
    """Takes the events of jobs, and keeps runs, checkpoints and networks by them.

    Args:
        repository: where runs are stored.
        lives: the runs under way.
        keeper: writes what is new in live runs into the repository.
    """

    def __init__(
        self,
        repository: RunRepository,
        lives: Lives,
        keeper: Keeper,
    ) -> None:
        self._repository = repository
        self._lives = lives
        self._keeper = keeper

    def take(self, live: LiveRun, job: TrainingRun, event: object) -> None:
        """Takes one event of a run's job; another server's run ends here."""
        try:
            self._take(live, job, event)
        except LeaseLost:
            self._lives.drop(live)

    def _take(self, live: LiveRun, job: TrainingRun, event: object) -> None:
        match event:
            case WorkerStarted():
                self._begin(live, job)
            case Ended():
                self._end(live, job)
            case CheckpointSaved(number):
                self._fetch_checkpoint(live, job, number)
            case _ if isinstance(event, Event):
                self._take_training_event(live, event)

    def _begin(self, live: LiveRun, job: TrainingRun) -> None:
        """Notices that a job has begun, and whether its scheduler has started it anew."""
        with self._lives.lock:
            if live.begun:
                live.add(Note(f"{KILLED} {live.next_step}"))
                if live.stays_paused:  # what it heard in its first life might make it do more
                    job.send(Signal("pause"))
            live.begun = True

    def _take_training_event(self, live: LiveRun, event: Event) -> None:
        with self._lives.lock:
            state = live.info.state
            match event:
                case Started():
                    state = "running"
                case Paused():
                    state = "paused"
                case Resumed():  # so it has heard of that in time, and may be asked to leave again
                    state, live.preempting, live.pending = "running", False, []
            live.add(event, state=state)

    def _fetch_checkpoint(self, live: LiveRun, job: TrainingRun, number: int) -> None:
        found = job.latest_checkpoint()
        if found is None or found[0] != number:  # a newer one is there, and its event on its way
            return
        live.losses = 0
        self._keep_checkpoint(live, found[1])

    def _keep_checkpoint(self, live: LiveRun, content: bytes) -> None:
        with self._lives.lock:
            live.checkpoint, live.checkpoint_epoch = content, position_of(content).epoch
        # First: no server must find a checkpoint without the epochs before it.
        self._keeper.keep(live)
        self._repository.save_checkpoint(live.info.id, content)

    def _end(self, live: LiveRun, job: TrainingRun) -> None:
        if job.error != LOST:  # else the scheduler, which held the checkpoint, is gone as well
            if job.lost:
                self._fetch_last_checkpoint(live, job)
            job.discard_checkpoint()
        with self._lives.lock:
            live.job, live.preempting = None, False
            result = job.result
            if job.state == "finished" and result is None:
                if not live.stays_paused:  # it was wanted again while it was leaving
                    self._lives.enqueue(live)
            elif result is not None:
                live.network = result
                live.info = replace(live.info, state="finished", card=result.card)
            elif job.lost and live.losses < MAX_LOSSES:
                live.losses += 1
                live.add(Note(f"{job.error} {live.next_step}"))
                if not live.stays_paused:
                    live.urgent = True
                    self._lives.enqueue(live)
            else:
                live.add(Failed(job.error), state="failed")

    def _fetch_last_checkpoint(self, live: LiveRun, job: TrainingRun) -> None:
        """Fetches a checkpoint whose event was lost with the worker."""
        try:
            found = job.latest_checkpoint()
            if found is not None and found[1] != live.checkpoint:
                self._keep_checkpoint(live, found[1])
        except Exception:  # the run goes on from an earlier one
            _LOG.exception("The last checkpoint of a run could not be kept")
