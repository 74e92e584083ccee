"""Commands for runs and searches that another server looks after.

A command stays until it was obeyed, so that none is lost with a server: whoever takes the run over
finds it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.database import CommandRow, Database, RunRow, SearchRow

_KINDS: dict[type[RunRow] | type[SearchRow], str] = {RunRow: "run", SearchRow: "search"}


class Mailbox:
    """The commands for runs, or those for searches. All methods raise DatabaseUnavailable.

    Args:
        database: where they are.
        table: that of the runs, or of the searches.
        token: this server's.
    """

    def __init__(
        self, database: Database, table: type[RunRow] | type[SearchRow], token: str
    ) -> None:
        self._database = database
        self._table = table
        self._token = token
        self._obeyed: set[int] = set()  # those that could not be deleted yet

    def send(self, subject: str, content: dict[str, Any]) -> None:
        """Leaves a command for whichever server looks after a run or a search."""
        with self._database.session() as session:
            session.add(CommandRow(kind=_KINDS[self._table], subject=subject, content=content))

    def obey(self, obey: Callable[[str, dict[str, Any]], None]) -> None:
        """Has the commands obeyed, oldest first, that are for what this server looks after."""
        with self._database.session() as session:
            found = session.execute(
                select(CommandRow.id, CommandRow.subject, CommandRow.content)
                .join(self._table, self._table.id == CommandRow.subject)
                .where(CommandRow.kind == _KINDS[self._table], self._table.lease == self._token)
                .order_by(CommandRow.id)
            ).all()
        for number, subject, content in found:
            if number not in self._obeyed:
                self._obeyed.add(number)
                obey(subject, content)
        if found:
            numbers = [row[0] for row in found]
            with self._database.session() as session:
                session.execute(delete(CommandRow).where(CommandRow.id.in_(numbers)))
            self._obeyed.difference_update(numbers)


def forget_commands(
    session: Session, table: type[RunRow] | type[SearchRow], *subjects: str
) -> None:
    """Deletes commands that have come too late."""
    session.execute(
        delete(CommandRow).where(CommandRow.kind == _KINDS[table], CommandRow.subject.in_(subjects))
    )
