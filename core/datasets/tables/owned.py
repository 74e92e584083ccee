"""Who has which tables. Nobody sees another's list; whoever has a table's link can look at it."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from core.database import Database, RunRow, SearchRow, TableRow
from core.datasets.tables import storage
from core.datasets.tables.description import Record
from core.errors import InvalidInput, LimitReached

MAX_TABLES = 20  # of one person


class OwnTables:
    """Everybody's tables.

    Args:
        database: where it is written down whose they are.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()  # held while counting a person's tables and adding one

    def add(self, owner: str, record: Record, data: bytes) -> str:
        """Stores a table for a person, and returns its name.

        Args:
            owner: whose it is.
            record: what it is.
            data: the file that it was made of.

        Raises:
            LimitReached: if they have as many as one person may have.
            DataUnavailable: if it cannot be written.
            DatabaseUnavailable: if the database fails.
        """
        name = record.name
        with self._lock, self._database.session() as session:
            if session.get(TableRow, (owner, name)) is not None:
                storage.keep(record, data)
                return name
            count = session.scalar(
                select(func.count()).select_from(TableRow).where(TableRow.owner == owner)
            )
            if (count or 0) >= MAX_TABLES:
                raise LimitReached(
                    f"You have {count} tables, as many as this server keeps for one person. Delete"
                    " one first."
                )
            storage.keep(record, data)
            session.add(TableRow(owner=owner, name=name, created=datetime.now(UTC)))
        return name

    def of(self, owner: str) -> list[Record]:
        """Returns a person's tables, the newest first.

        Raises:
            DatabaseUnavailable: if the database fails.
        """
        with self._database.session() as session:
            names = session.scalars(
                select(TableRow.name)
                .where(TableRow.owner == owner)
                .order_by(TableRow.created.desc(), TableRow.name)
            ).all()
        return [record for name in names if (record := _known(name)) is not None]

    def has(self, owner: str, name: str) -> bool:
        """Returns whether a table is on a person's list."""
        with self._database.session() as session:
            return session.get(TableRow, (owner, name)) is not None

    def delete(self, owner: str, name: str, *, learned: bool = False) -> None:
        """Takes a table off a person's list; if it is on nobody else's, its rows are deleted.

        Its record stays as long as a run or a network needs it to be understood.

        Args:
            owner: whose it is.
            name: of the table.
            learned: whether there is a saved model that has learned from it. Defaults to False.

        Raises:
            DatabaseUnavailable: if the database fails.
        """
        with self._lock, self._database.session() as session:
            session.execute(delete(TableRow).where(TableRow.owner == owner, TableRow.name == name))
            left = set(session.scalars(select(TableRow.name).distinct()))
            used = learned or _is_used(session, name)
        record = _known(name)
        if record is None or name in left:
            return
        storage.delete_rows(record, [r for each in left if (r := _known(each)) is not None])
        if not used:
            storage.forget(record)


def _known(name: str) -> Record | None:
    try:
        return storage.known(name)
    except InvalidInput:
        return None


def _is_used(session: Session, name: str) -> bool:
    """Returns whether a run or a search of anybody's has learned from a table."""
    of_runs = select(RunRow.id).where(RunRow.config["task"].as_string() == name)
    of_searches = select(SearchRow.id).where(SearchRow.config["base"]["task"].as_string() == name)
    return any(session.scalars(query.limit(1)).first() for query in (of_runs, of_searches))
