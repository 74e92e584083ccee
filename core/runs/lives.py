"""The runs that this server looks after."""

from __future__ import annotations

import threading
from collections.abc import Callable

from core.runs.live import LiveRun
from core.runs.queue import Waiting, starting_order
from core.training.events import Queued


class Lives:
    """The runs that are under way here, and their order. Whoever reads or changes one holds `lock`.

    Args:
        wake: has somebody look at them; called with the lock held.
    """

    def __init__(self, wake: Callable[[], None]) -> None:
        self.lock = threading.RLock()
        self._wake = wake
        self._runs: dict[str, LiveRun] = {}
        self._count = 0
        self._turns: dict[str, int] = {}  # when each owner's run was last handed over

    def get(self, run_id: str) -> LiveRun | None:
        """Returns a run, or None if it is not under way here."""
        with self.lock:
            return self._runs.get(run_id)

    def all(self) -> list[LiveRun]:
        """Returns all of them."""
        with self.lock:
            return list(self._runs.values())

    def put(self, live: LiveRun) -> None:
        """Adds a run."""
        with self.lock:
            self._runs[live.info.id] = live

    def pop(self, run_id: str) -> LiveRun | None:
        """Lets go of a run, and returns it if it was there."""
        with self.lock:
            return self._runs.pop(run_id, None)

    def drop(self, live: LiveRun) -> None:
        """Lets go of a run that was deleted, or that another server has; its work ends."""
        with self.lock:
            if self._runs.get(live.info.id) is live:
                del self._runs[live.info.id]
            job = live.job
        if job is not None:
            job.stop()
        self._wake()

    def enqueue(self, live: LiveRun) -> None:
        """Lets a run wait for a worker, the last in the queue."""
        with self.lock:
            self._count += 1
            live.number = self._count
            self._runs[live.info.id] = live
            live.add(Queued(), state="queued")
        self._wake()

    def handed_over(self, live: LiveRun) -> None:
        """Notes that it was a run's owner's turn."""
        with self.lock:
            self._count += 1
            self._turns[live.info.owner] = self._count

    def busy(self) -> list[LiveRun]:
        """Returns those that have a worker."""
        with self.lock:
            return [live for live in self._runs.values() if live.job is not None]

    def waiting(self) -> list[LiveRun]:
        """Returns the queued runs in the order in which they will start."""
        with self.lock:
            order = starting_order(
                [
                    Waiting(live.info.id, live.info.owner, live.number, live.urgent)
                    for live in self._runs.values()
                    if live.waits
                ],
                busy=[live.info.owner for live in self.busy()],
                turns=self._turns,
            )
            return [self._runs[run_id] for run_id in order]
