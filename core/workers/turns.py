"""Whose job is next: short work waits here, in the server, until a worker is free for it.

People take turns: of those who wait, whoever was served longest ago is next. Work that somebody is
looking at goes before work whose page is closed or in the background, and work that nobody has
asked for in a while is dropped. A page asks about twice a second for what it waits for.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from core.workers.job import Job, JobProducer

# After so many seconds without being asked for, a job stands behind those that are looked at.
PRESENT_SECONDS = 10.0
# After so many it is dropped. A browser lets a page in the background ask only once a minute, and a
# connection that was lost comes back within that time.
PATIENCE_SECONDS = 100.0
MAX_OVERTAKING = 3  # urgent jobs in a row, while others wait
MAX_PEOPLE = 1000  # of whom it is known when they were served last
DROPPED = "Nobody waited for this work any more, so it was stopped."


class Turns:
    """The short jobs that wait for a worker, and those that have one. Safe from any thread.

    Args:
        clock: tells the time as `Job.ask` notes it, in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting: list[JobProducer[Any]] = []
        self._working: dict[str, JobProducer[Any]] = {}
        self._served: dict[str, int] = {}  # person -> when last, the newest at the end
        self._count = 0
        self._overtaking = 0

    @property
    def waiting(self) -> bool:
        """Whether a job waits for a worker."""
        with self._lock:
            return bool(self._waiting)

    @property
    def busy(self) -> bool:
        """Whether there is any job."""
        with self._lock:
            return bool(self._waiting or self._working)

    def add(self, producer: JobProducer[Any]) -> None:
        """Lets a job wait for its turn."""
        with self._lock:
            self._waiting.append(producer)

    def next(self, places: int) -> JobProducer[Any] | None:
        """Returns the job whose turn it is, which has a place from now until it is `done`.

        Args:
            places: as many jobs can be done at a time.

        Returns:
            The job, or None if none waits or every place is taken.
        """
        self.drop_unwanted()
        with self._lock:
            if not self._waiting or len(self._working) >= places:
                return None
            chosen, person = self._choose()
            self._waiting.remove(chosen)
            self._working[chosen.job.id] = chosen
            self._count += 1
            self._served.pop(person, None)
            self._served[person] = self._count
            if len(self._served) > MAX_PEOPLE:
                del self._served[next(iter(self._served))]
            return chosen

    def done(self, job_id: str) -> None:
        """Gives a job's place to others."""
        with self._lock:
            self._working.pop(job_id, None)

    def drop_unwanted(self) -> None:
        """Ends the jobs that nobody waits for any more; one in a worker keeps its place till then.

        Those that are `JobSpec.kept`, and those that nobody has ever asked for, are left alone.
        """
        now = self._clock()
        with self._lock:
            dropped = [
                producer
                for producer in (*self._waiting, *self._working.values())
                if _unwanted(producer.job, now)
            ]
            self._waiting = [each for each in self._waiting if each not in dropped]
        for producer in dropped:
            producer.drop(DROPPED)

    def clear(self) -> Iterable[JobProducer[Any]]:
        """Forgets the jobs that wait, and returns them."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
            return waiting

    def _choose(self) -> tuple[JobProducer[Any], str]:
        """Returns the job whose turn it is, and the person who is served by it."""
        now = self._clock()
        claims = []
        for place, producer in enumerate(self._waiting):
            job = producer.job
            asked = job.asked
            here = [who for who, when in asked.items() if now - when <= PRESENT_SECONDS]
            person = min(here or asked or [""], key=lambda who: self._served.get(who, 0))
            absent = bool(asked) and not here
            claims.append((absent, job.spec.urgent, self._served.get(person, 0), place, person))
        first = min(claim[0] for claim in claims)
        claims = [claim for claim in claims if claim[0] == first]
        plain = [claim for claim in claims if not claim[1]]
        if plain and self._overtaking >= MAX_OVERTAKING:
            claims = plain
        _, urgent, _, place, person = min(claims, key=lambda c: (not c[1], c[2], c[3]))
        self._overtaking = self._overtaking + 1 if urgent and plain else 0
        return self._waiting[place], person


def _unwanted(job: Job[Any], now: float) -> bool:
    asked = job.asked
    if not asked or job.spec.kept or not job.active:
        return False
    return now - max(asked.values()) > PATIENCE_SECONDS
