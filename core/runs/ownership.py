"""One server at a time trains with a database.

Two would both follow its runs, and each would write over what the other has stored. A server writes
down that the database is its own, and says so again every few seconds; one that finds another there
trains nothing. The entry of a server that was killed counts no longer: at once on the same machine,
elsewhere when it has been silent for a while.

This is a lease of the whole database, and so of every run in it: no run needs one of its own.
Whoever marks left-over runs as interrupted has the database, so the server that had them under way
has lost it. That server may not know it yet, if its machine was asleep or cut off for long enough;
so everything that is written about runs asks first, in the same transaction, whose the database is.
"""

from __future__ import annotations

import os
import secrets
import socket
import threading
from datetime import UTC, datetime, timedelta

import psutil
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from core.database import Database, ServerRow
from core.errors import DatabaseUnavailable, DigitLabError

BEAT_SECONDS = 10.0
SILENT_SECONDS = 60.0  # after which a server on another machine is taken to be gone
LOST = (
    "Another Digit Lab server has trained with this database meanwhile, so this one keeps nothing"
    " in it any more. Start this one again."
)
_ONLY = 1  # the id of the only row


class Ownership:
    """This server's right to train with a database, from its start to `release`.

    Args:
        database: the database.

    Raises:
        DatabaseUnavailable: if another server has it, or the database fails.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._token = secrets.token_hex(16)
        self._acquire()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="ownership", daemon=True)
        self._thread.start()

    def release(self) -> None:
        """Leaves the database to others."""
        self._over.set()
        self._thread.join(timeout=5)
        with self._database.session() as session:
            session.execute(delete(ServerRow).where(ServerRow.token == self._token))

    def check(self, session: Session) -> None:
        """Makes sure that the database is still this server's.

        Args:
            session: in which something about runs is about to be written.

        Raises:
            DatabaseUnavailable: if another server has taken it.
        """
        there = session.get(ServerRow, _ONLY)
        if there is None:
            raise DatabaseUnavailable(LOST)
        if there.token != self._token:
            raise DatabaseUnavailable(_taken(there))

    def _acquire(self) -> None:
        mine = {
            "token": self._token,
            "host": socket.gethostname()[:255],
            "process": os.getpid(),
            "started": psutil.Process().create_time(),
            "beat": datetime.now(UTC),
        }
        with self._database.session() as session:
            there = session.get(ServerRow, _ONLY)
            if there is None:
                session.add(ServerRow(id=_ONLY, **mine))  # one of two at once breaks the key
                return
            if _lives(there):
                raise DatabaseUnavailable(_taken(there))
            taken = session.execute(
                update(ServerRow).where(ServerRow.token == there.token).values(**mine)
            )
            if taken.rowcount != 1:  # type: ignore[attr-defined]
                raise DatabaseUnavailable(_taken(there))

    def _beat(self) -> None:
        while not self._over.wait(BEAT_SECONDS):
            try:
                with self._database.session() as session:
                    session.execute(
                        update(ServerRow)
                        .where(ServerRow.token == self._token)
                        .values(beat=datetime.now(UTC))
                    )
            except DigitLabError:  # it may answer again at the next beat
                continue


def _lives(row: ServerRow) -> bool:
    """Returns whether another server than this process still has the database."""
    if row.host == socket.gethostname()[:255]:
        if row.process == os.getpid():
            return False
        try:
            return bool(abs(psutil.Process(row.process).create_time() - row.started) < 1)
        except psutil.Error:
            return False
    beat = row.beat if row.beat.tzinfo else row.beat.replace(tzinfo=UTC)
    return datetime.now(UTC) - beat < timedelta(seconds=SILENT_SECONDS)


def _taken(row: ServerRow) -> str:
    return (
        f"Another Digit Lab server (on {row.host}, process {row.process}) trains with this"
        " database, so this one cannot. Stop that one, or give this one another database by"
        " DATABASE_URL."
    )
