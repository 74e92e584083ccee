"""Brings what runs tell, and the networks that they leave, into the database."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import replace

from core.errors import DigitLabError, LeaseLost
from core.runs.live import LiveRun
from core.runs.lives import Lives
from core.runs.repository import NOT_OURS, News, RunRepository


class Keeper:
    """Writes runs into the repository, from one thread.

    A network that cannot be stored, because the disk is full say, stays in memory until it can be.
    So long the run is “running” in the database: should the server end before that, it goes on from
    its last checkpoint.

    Args:
        repository: where runs are stored.
        lives: the runs under way.
    """

    def __init__(self, repository: RunRepository, lives: Lives) -> None:
        self._repository = repository
        self._lives = lives

    def keep(self, live: LiveRun) -> None:
        """Writes what is new about a run: its state, its events, its network.

        Raises:
            LeaseLost: if it is not this server's any more.
            DatabaseUnavailable: if it cannot be written.
        """
        try:
            if not self._store([live]):
                raise LeaseLost(NOT_OURS)
            with self._lives.lock:
                network = live.network
            if network is not None:
                self._repository.save_result(live.info.id, network)
                with self._lives.lock:
                    live.network, live.checkpoint = None, None
        except LeaseLost:
            raise
        except Exception as error:
            live.failures += 1
            live.trouble = str(error) if isinstance(error, DigitLabError) else repr(error)
            raise
        live.failures, live.trouble = 0, ""

    def keep_all(self) -> None:
        """Writes what is new about all runs, and lets go of those that have ended.

        Their events are written together. If that fails, each run is written by itself, those that
        could be written last time first. So one run that cannot be written holds up no other, and
        of a database that does not answer little is asked.

        Raises:
            DatabaseUnavailable: if one cannot be written; those behind it were not tried.
        """
        lives = self._lives.all()
        try:
            with contextlib.suppress(Exception):
                for lost in self._store_together([live for live in lives if not live.failures]):
                    self._lives.drop(lost)
            for live in sorted(lives, key=lambda live: live.failures):
                if live.kept or self._lives.get(live.info.id) is not live:
                    continue
                try:
                    self.keep(live)
                except LeaseLost:
                    self._lives.drop(live)
        finally:
            with self._lives.lock:
                for live in lives:
                    if live.over:
                        self._lives.pop(live.info.id)

    def _store(self, lives: Sequence[LiveRun]) -> list[LiveRun]:
        """Stores runs' events, where there are new ones; returns the runs that are ours still."""
        news = []
        with self._lives.lock:
            for live in lives:
                if live.stored < len(live.events):
                    # One whose network is not stored yet has not ended for the database.
                    info = (
                        live.info if live.network is None else replace(live.info, state="running")
                    )
                    news.append((live, News(info, live.events[live.stored :], live.stored)))
        if not news:
            return list(lives)
        held = self._repository.store([each for _, each in news])
        for live, each in news:
            if each.info.id in held:
                live.stored = each.first + len(each.events)
        lost = {each.info.id for _, each in news} - held
        return [live for live in lives if live.info.id not in lost]

    def _store_together(self, lives: Sequence[LiveRun]) -> list[LiveRun]:
        """Stores several runs' events at once; returns the runs that are not ours any more."""
        if len(lives) < 2:
            return []
        ours = self._store(lives)
        return [live for live in lives if live not in ours]
