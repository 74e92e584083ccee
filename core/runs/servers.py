"""The servers that share a database, and which of them looks after what.

Several servers may train with one database, behind a load balancer say. Each writes down that it
is up, and says so again every few seconds. Every run under way, and every search in which something
may still happen, is leased to one of them: the column `lease` holds that server's token. Only this
one follows the run, stores what it tells, and obeys commands for it; the others show what is
stored, and leave commands in the table `commands` (`core.runs.mailbox`).

- A server is gone when its process is, if that was on the same machine, or once it has been silent
  for `SILENT_SECONDS`. Whoever notices takes its row away. A server that ends takes it away itself.
- A lease of a server without a row is nobody's. Another server that is up takes such a run over by
  itself and goes on with it from its last checkpoint, and a search from its last trial.
- A server that starts while no other is up marks the runs that are nobody's as interrupted: whoever
  ends the only server of a classroom does not want it to train at once when it is back. The person
  resumes them. Searches go on by themselves.
- A lease is taken by one `UPDATE` that names the lease before, so that of two servers one gets it.
- The server that had it may not know yet that it was taken, if its machine was asleep or cut off.
  So whatever is written about a run under way begins with an `UPDATE` of its row that finds it only
  if the lease is this server's still (`core.runs.repository`), and the row stays locked until all
  of it is written. A server that finds it gone forgets the run and stops its work.
"""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psutil
from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.orm import Session

from core.database import Database, RunRow, SearchRow, ServerRow
from core.runs.tries import Tries

BEAT_SECONDS = 3.0
SILENT_SECONDS = 30.0  # after which a server is taken to be gone
PULSE_SECONDS = 0.5  # between two looks for commands, while other servers are up
_LOG = logging.getLogger(__name__)


class Servers:
    """This server among those that share the database, from its start to `leave`.

    Args:
        database: the database.

    Attributes:
        token: this server's, as leases have it.
        others: tokens of the other servers that were up at the last beat.

    Raises:
        DatabaseUnavailable: if the database fails.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.token = secrets.token_hex(16)
        self.others: frozenset[str] = frozenset()
        self._listeners: list[Callable[[], None]] = []
        self._beaten = self._steady_since = time.monotonic()
        self._beat(True)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="servers", daemon=True)
        self._thread.start()

    def listen(self, pulse: Callable[[], None]) -> None:
        """Has a function called at every look around; from another thread, so it must be quick."""
        self._listeners.append(pulse)

    def leave(self) -> None:
        """Leaves all that this server has to others.

        Raises:
            DatabaseUnavailable: if that cannot be written; they notice a little later then.
        """
        self._over.set()
        self._thread.join(timeout=5)
        with self._database.session() as session:
            session.execute(delete(ServerRow).where(ServerRow.token == self.token))

    def _follow(self) -> None:
        tries = Tries()  # the database may answer again at the next beat
        while not self._over.wait(PULSE_SECONDS if self.others else BEAT_SECONDS):
            if time.monotonic() - self._beaten >= BEAT_SECONDS:
                tries.do("Saying that this server is up", self._beat, self._is_steady())
            for pulse in self._listeners:
                pulse()

    def _beat(self, judging: bool) -> None:
        """Says that this server is up, and looks who else is.

        Args:
            judging: whether those that are silent are taken to be gone.
        """
        with self._database.session() as session:
            now = session.scalars(select(func.now())).one()  # one clock for all servers
            self._say(session, now)
            others = session.scalars(select(ServerRow).where(ServerRow.token != self.token)).all()
            gone = [row for row in others if _is_gone(row, now, judging=judging)]
            for row in gone:
                session.execute(
                    delete(ServerRow).where(
                        ServerRow.token == row.token, ServerRow.beat == row.beat
                    )
                )
        for row in gone:
            _LOG.warning("The server with process %d on %s is gone.", row.process, row.machine)
        self._beaten = time.monotonic()
        self.others = frozenset(row.token for row in others if row not in gone)

    def _say(self, session: Session, now: datetime) -> None:
        mine = update(ServerRow).where(ServerRow.token == self.token).values(beat=now)
        if session.execute(mine).rowcount == 0:  # type: ignore[attr-defined]
            session.add(
                ServerRow(
                    token=self.token,
                    machine=this_machine(),
                    process=os.getpid(),
                    started=psutil.Process().create_time(),
                    beat=now,
                )
            )
            session.flush()

    def _is_steady(self) -> bool:
        """Returns whether this server may judge by silence.

        After a sleep of the machine, or of the database, all are silent for a moment.
        """
        now = time.monotonic()
        if now - self._beaten > SILENT_SECONDS / 2:
            self._steady_since = now
        return now - self._steady_since >= SILENT_SECONDS / 2


def nobodys(table: type[RunRow] | type[SearchRow]) -> ColumnElement[bool]:
    """Returns the condition that a run or search is leased to no server that is up."""
    return or_(table.lease.is_(None), table.lease.not_in(select(ServerRow.token)))


@functools.cache
def this_machine() -> str:
    """Returns what tells this machine, or container, from others: processes have numbers there."""
    parts = [socket.gethostname()[:100]]
    with contextlib.suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text().strip()[:40])
    with contextlib.suppress(OSError):
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    return " ".join(parts)[:255]


def _is_gone(row: ServerRow, now: datetime, *, judging: bool) -> bool:
    if row.machine == this_machine():
        try:
            if abs(psutil.Process(row.process).create_time() - row.started) >= 1:
                return True
        except psutil.Error:
            return True
    return judging and (_aware(now) - _aware(row.beat)).total_seconds() > SILENT_SECONDS


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
