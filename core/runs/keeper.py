"""Brings what runs tell, and the networks that they leave, into the database."""

from __future__ import annotations

import threading
from dataclasses import replace

from core.errors import DigitLabError
from core.runs.live import LiveRun
from core.runs.repository import RunRepository


class Keeper:
    """Writes runs into the repository, from one thread.

    A network that cannot be stored, because the disk is full say, stays in memory until it can be.
    So long the run is “running” in the database: should the server end before that, it goes on from
    its last checkpoint.

    Args:
        repository: where runs are stored.
        lock: of the live runs.
    """

    def __init__(self, repository: RunRepository, lock: threading.RLock) -> None:
        self._repository = repository
        self._lock = lock

    def keep(self, live: LiveRun) -> None:
        """Writes what is new about a run: its state, its events, its network.

        Raises:
            DatabaseUnavailable: if it cannot be written.
        """
        with self._lock:
            info, events, network = live.info, list(live.events), live.network
        if network is not None:
            info = replace(info, state="running")
        try:
            if live.stored < len(events):
                self._repository.store(info, events[live.stored :], live.stored)
                live.stored = len(events)
            if network is not None:
                self._repository.save_result(info.id, network)
                with self._lock:
                    live.network, live.checkpoint = None, None
        except Exception as error:
            live.failures += 1
            live.trouble = str(error) if isinstance(error, DigitLabError) else repr(error)
            raise
        live.failures, live.trouble = 0, ""

    def keep_all(self, lives: list[LiveRun]) -> None:
        """Writes what is new about all runs; those that could be written last time come first.

        So one run that cannot be written holds up no other, and of a database that does not answer
        it is asked once.

        Raises:
            DatabaseUnavailable: if one cannot be written; those behind it were not tried.
        """
        for live in sorted(lives, key=lambda live: live.failures):
            self.keep(live)
