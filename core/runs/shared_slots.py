"""The workers of a cluster that several servers share: none is given to two runs.

Which runs have a worker is in the database. A server takes a place there before it hands a run
over, and gives it back when the run has left its worker; those of a server that is gone count no
longer. Each of the servers hands out its own runs' places by turns of people
(`core.runs.queue`); among servers, one that waits and has fewer at work goes first.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core.database import Database, RunRow, ServerRow
from core.runs.info import UNDER_WAY

# As long as a free place is left to another server. One that has not taken it by then cannot.
YIELD_SECONDS = 3.0


class SharedSlots:
    """This server's view of the places. All methods raise DatabaseUnavailable.

    Args:
        database: where they are.
        token: this server's.
    """

    def __init__(self, database: Database, token: str) -> None:
        self._database = database
        self._token = token
        self._yielding_since: float | None = None

    def take(self, run_id: str, slots: int) -> bool:
        """Takes a place for a run.

        Args:
            run_id: of the run, which this server leases.
            slots: how many places there are for all servers.

        Returns:
            Whether there was one.
        """
        with self._database.session() as session:
            self._database.lock(session, "workers")
            working, waiting = _load(session)
            if working.total() >= slots or self._yields(working, waiting):
                return False
            taken = session.execute(
                update(RunRow)
                .where(RunRow.id == run_id, RunRow.lease == self._token)
                .values(working=True)
            )
            return bool(taken.rowcount)  # type: ignore[attr-defined]

    def give_back(self, run_ids: Sequence[str]) -> None:
        """Gives runs' places to others."""
        with self._database.session() as session:
            session.execute(
                update(RunRow)
                .where(RunRow.id.in_(run_ids), RunRow.lease == self._token)
                .values(working=False)
            )

    def elsewhere(self) -> int:
        """Returns how many runs of other servers have a worker, or wait for one."""
        with self._database.session() as session:
            working, waiting = _load(session)
        every = working + waiting
        return every.total() - every[self._token]

    def _yields(self, working: Counter[str], waiting: Counter[str]) -> bool:
        mine = working[self._token]
        if not any(working[other] < mine for other in waiting if other != self._token):
            self._yielding_since = None
            return False
        now = time.monotonic()
        if self._yielding_since is None:
            self._yielding_since = now
        return now - self._yielding_since < YIELD_SECONDS


def _load(session: Session) -> tuple[Counter[str], Counter[str]]:
    """Returns how many runs of each server have a worker, and how many wait for one."""
    working: Counter[str] = Counter()
    waiting: Counter[str] = Counter()
    rows = session.execute(
        select(RunRow.lease, RunRow.working, RunRow.state, func.count())
        .where(RunRow.state.in_(UNDER_WAY), RunRow.lease.in_(select(ServerRow.token)))
        .group_by(RunRow.lease, RunRow.working, RunRow.state)
    )
    for lease, has_worker, state, count in rows:
        assert lease is not None
        if has_worker:
            working[lease] += count
        elif state == "queued":
            waiting[lease] += count
    return working, waiting
