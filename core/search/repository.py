"""Searches in the database: what was asked for, and every trial."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC
from typing import get_args

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from core.database import Database, SearchRow, TrialRow
from core.errors import InvalidInput, LeaseLost, NoSuchSearch
from core.runs.mailbox import forget_commands
from core.runs.servers import nobodys
from core.schema import dump, parse
from core.search.config import SEARCH, SearchConfig
from core.search.info import UNDER_WAY, VERDICT, SearchInfo, State
from core.search.trial import TRIAL, Trial

NOT_OURS = "Another server of Digit Lab looks after this search now, or it was deleted."
_LOG = logging.getLogger(__name__)


class SearchRepository:
    """The searches in a database. Each method is a transaction of its own.

    All methods raise DatabaseUnavailable if the database cannot be read or written.

    Args:
        database: where they are.
        token: of this server, as leases have it; see `core.runs.servers`.
    """

    def __init__(self, database: Database, token: str) -> None:
        self._database = database
        self._token = token

    def add(self, info: SearchInfo) -> None:
        """Adds a new search without trials; this server looks after it."""
        with self._database.session() as session:
            session.add(
                SearchRow(
                    id=info.id,
                    owner=info.owner,
                    name=info.name,
                    created=info.created,
                    lease=self._token,
                    **_of(info),
                )
            )

    def get(self, search_id: str) -> SearchInfo | None:
        """Returns a search, or None if there is none of that id.

        Raises:
            NoSuchSearch: if this version does not understand it.
        """
        with self._database.session() as session:
            row = None if "\0" in search_id else session.get(SearchRow, search_id)
            if row is None:
                return None
            try:
                return _info(session, row)
            except InvalidInput as error:
                raise NoSuchSearch(f"This search cannot be read any more. {error}") from error

    def of(self, owner: str) -> list[SearchInfo]:
        """Returns a person's searches, the newest first, without those that cannot be read."""
        wanted = select(SearchRow).where(SearchRow.owner == owner)
        return self._all(wanted.order_by(SearchRow.created.desc()))

    def unsettled(self) -> list[SearchInfo]:
        """Returns the searches in which something may happen, and after which no server looks."""
        unfinished = select(SearchRow).where(SearchRow.state != "finished", nobodys(SearchRow))
        return [
            info
            for info in self._all(unfinished.order_by(SearchRow.created))
            if info.state in UNDER_WAY or info.open
        ]

    def take(self, search_id: str) -> SearchInfo | None:
        """Has this server look after a search, unless another does.

        Returns:
            The search as it is now; None if another server looks after it, or it was deleted.
        """
        with self._database.session() as session:
            taken = session.execute(
                update(SearchRow)
                .where(
                    SearchRow.id == search_id,
                    or_(nobodys(SearchRow), SearchRow.lease == self._token),
                )
                .values(lease=self._token)
                .execution_options(synchronize_session=False)
            )
            row = session.get(SearchRow, search_id)
            return _info(session, row) if taken.rowcount and row else None  # type: ignore[attr-defined]

    def held(self) -> set[str]:
        """Returns the ids of the searches that this server looks after."""
        with self._database.session() as session:
            return set(session.scalars(select(SearchRow.id).where(SearchRow.lease == self._token)))

    def let_go(self, search_id: str) -> None:
        """Leaves a search to whoever wants something of it."""
        with self._database.session() as session:
            session.execute(
                update(SearchRow)
                .where(SearchRow.id == search_id, SearchRow.lease == self._token)
                .values(lease=None)
            )

    def store(self, info: SearchInfo, trials: Sequence[Trial] = ()) -> None:
        """Stores where a search stands.

        Args:
            info: the search.
            trials: those of its trials that are new or have changed.

        Raises:
            LeaseLost: if this server does not look after it any more, or it was deleted; then
                nothing was stored.
        """
        with self._database.session() as session:
            held = session.execute(
                update(SearchRow)
                .where(SearchRow.id == info.id, SearchRow.lease == self._token)
                .values(**_of(info))
            )
            if not held.rowcount:  # type: ignore[attr-defined]
                raise LeaseLost(NOT_OURS)
            for trial in trials:
                session.merge(
                    TrialRow(search_id=info.id, number=trial.number, content=dump(TRIAL, trial))
                )

    def rename(self, search_id: str, name: str) -> None:
        """Gives a search another name, whoever looks after it."""
        with self._database.session() as session:
            session.execute(update(SearchRow).where(SearchRow.id == search_id).values(name=name))

    def delete(self, search_id: str) -> None:
        """Deletes a search with its trials, whoever looks after it; their runs stay."""
        with self._database.session() as session:
            # First of all, so that whoever looks after it adds nothing meanwhile.
            session.execute(update(SearchRow).where(SearchRow.id == search_id).values(lease=None))
            forget_commands(session, SearchRow, search_id)
            session.execute(delete(TrialRow).where(TrialRow.search_id == search_id))
            session.execute(delete(SearchRow).where(SearchRow.id == search_id))

    def _all(self, wanted: object) -> list[SearchInfo]:
        found = []
        with self._database.session() as session:
            for row in session.scalars(wanted):  # type: ignore[call-overload]
                try:
                    found.append(_info(session, row))
                except InvalidInput as error:
                    _LOG.warning("Search %s cannot be read: %s", row.id, error)
        return found


def _of(info: SearchInfo) -> dict[str, object]:
    """Returns the columns that change in the life of a search, besides its name."""
    return {
        "state": info.state,
        "config": dump(SEARCH, info.config),
        "seconds": info.seconds,
        "reason": info.reason,
        "test": None if info.test is None else dump(VERDICT, info.test),
    }


def _info(session: Session, row: SearchRow) -> SearchInfo:
    contents = session.scalars(
        select(TrialRow.content).where(TrialRow.search_id == row.id).order_by(TrialRow.number)
    )
    state: State = row.state if row.state in get_args(State) else "stopped"  # type: ignore[assignment]
    return SearchInfo(
        id=row.id,
        owner=row.owner,
        name=row.name,
        state=state,
        created=row.created if row.created.tzinfo else row.created.replace(tzinfo=UTC),
        config=SearchConfig.parse(row.config),
        trials=tuple(parse(TRIAL, content, "a trial of a search") for content in contents),
        seconds=row.seconds,
        reason=row.reason,
        test=None if row.test is None else parse(VERDICT, row.test, "the test of a search"),
    )
