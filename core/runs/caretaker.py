"""Keeps the runs that this server follows in step with the leases in the database."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from core.errors import UnreadableRun
from core.runs.info import RunInfo
from core.runs.live import LiveRun
from core.runs.lives import Lives
from core.runs.mailbox import Mailbox
from core.runs.repository import LEFT_OVER, RunRepository
from core.training.checkpoint import position_of
from core.training.events import Note


class Caretaker:
    """Drops runs that are not this server's any more, and takes over those that are nobody's.

    Args:
        repository: where runs are stored.
        lives: those that are under way here.
        mailbox: with commands that came by other servers.
        obey: does what such a command says, given the run's id.
    """

    def __init__(
        self,
        repository: RunRepository,
        lives: Lives,
        mailbox: Mailbox,
        obey: Callable[[str, dict[str, Any]], None],
    ) -> None:
        self._repository = repository
        self._lives = lives
        self._mailbox = mailbox
        self._obey = obey
        self._unreadable: set[str] = set()
        self._taken: list[str] = []  # taken over, and not under way here yet

    def look(self) -> None:
        """Looks at all leases, and for commands.

        Raises:
            DatabaseUnavailable: if the database fails.
        """
        self._drop_lost()
        nobodys = [each for each in self._repository.nobodys() if self._understands(each)]
        random.shuffle(nobodys)  # two servers that look at once get some each
        for run_id in nobodys:
            if self._repository.take_over(run_id):
                self._taken.append(run_id)
            self._go_on()
        self._go_on()
        self._mailbox.obey(self._obey)

    def load(self, info: RunInfo) -> LiveRun:
        """Returns a run as far as it is stored. It is this server's already.

        Raises:
            UnreadableRun: if this version does not understand its events.
            DatabaseUnavailable: if the database fails.
        """
        events = self._repository.events(info.id)
        checkpoint = self._repository.checkpoint(info.id)
        live = LiveRun(info, events=events, stored=len(events), checkpoint=checkpoint)
        if checkpoint is not None:
            live.checkpoint_epoch = position_of(checkpoint).epoch
        return live

    def _drop_lost(self) -> None:
        lives = self._lives.all()
        if not lives:
            return
        held = self._repository.held()
        for live in lives:
            if live.info.id not in held and not live.over:
                self._lives.drop(live)

    def _understands(self, run_id: str) -> bool:
        """Returns whether this version can go on with a run; one of a newer server may, else."""
        if run_id in self._unreadable:
            return False
        try:
            understood = isinstance(self._repository.get(run_id), RunInfo)
            self._repository.events(run_id)
        except UnreadableRun:
            understood = False
        if not understood:
            self._unreadable.add(run_id)
        return understood

    def _go_on(self) -> None:
        """Goes on with the runs that were taken over."""
        while self._taken:
            info = self._repository.get(self._taken[-1])
            if isinstance(info, RunInfo):  # it may have been deleted meanwhile
                self._begin(self.load(info))
            self._taken.pop()

    def _begin(self, live: LiveRun) -> None:
        with self._lives.lock:
            if live.info.state != "queued":
                live.add(Note(f"{LEFT_OVER} {live.next_step}"))
            if live.stays_paused:
                self._lives.put(live)
            else:
                live.urgent = live.info.state == "running"
                self._lives.enqueue(live)
