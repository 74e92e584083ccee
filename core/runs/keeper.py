"""Brings what runs tell, and the networks that they leave, into the database."""

from __future__ import annotations

from dataclasses import replace

from core.errors import DigitLabError, LeaseLost
from core.runs.live import LiveRun
from core.runs.lives import Lives
from core.runs.repository import RunRepository


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
        with self._lives.lock:
            info, events, network = live.info, list(live.events), live.network
        if network is not None:
            info = replace(info, state="running")
        try:
            if live.stored < len(events):
                self._repository.store(info, events[live.stored :], live.stored)
                live.stored = len(events)
            if network is not None:
                self._repository.save_result(info.id, network)
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

        Those that could be written last time come first. So one run that cannot be written holds
        up no other, and of a database that does not answer it is asked once.

        Raises:
            DatabaseUnavailable: if one cannot be written; those behind it were not tried.
        """
        lives = self._lives.all()
        try:
            for live in sorted(lives, key=lambda live: live.failures):
                try:
                    self.keep(live)
                except LeaseLost:
                    self._lives.drop(live)
        finally:
            with self._lives.lock:
                for live in lives:
                    if live.over:
                        self._lives.pop(live.info.id)
