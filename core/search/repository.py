"""Searches in the database: what was asked for, and every trial."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import UTC
from typing import get_args

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from core.database import Database, SearchRow, TrialRow
from core.errors import InvalidInput, NoSuchSearch
from core.schema import dump, parse
from core.search.config import SEARCH, SearchConfig
from core.search.info import UNDER_WAY, VERDICT, SearchInfo, State
from core.search.trial import TRIAL, Trial

_LOG = logging.getLogger(__name__)


class SearchRepository:
    """The searches in a database. Each method is a transaction of its own.

    All methods raise DatabaseUnavailable if the database cannot be read or written.

    Args:
        database: where they are.
        check: raises DatabaseUnavailable if this server must not write there any more.
    """

    def __init__(self, database: Database, check: Callable[[Session], None]) -> None:
        self._database = database
        self._check = check

    def add(self, info: SearchInfo) -> None:
        """Adds a new search without trials."""
        with self._database.session() as session:
            self._check(session)
            session.add(SearchRow(id=info.id, owner=info.owner, created=info.created, **_of(info)))

    def get(self, search_id: str) -> SearchInfo | None:
        """Returns a search, or None if there is none of that id.

        Raises:
            NoSuchSearch: if this version does not understand it.
        """
        with self._database.session() as session:
            row = session.get(SearchRow, search_id)
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
        """Returns the searches that are under way, or whose runs were when the server ended."""
        return [
            info
            for info in self._all(
                select(SearchRow).where(SearchRow.state != "finished").order_by(SearchRow.created)
            )
            if info.state in UNDER_WAY or info.open
        ]

    def store(self, info: SearchInfo, trials: Sequence[Trial] = ()) -> None:
        """Stores where a search stands; does nothing for one that was deleted.

        Args:
            info: the search.
            trials: those of its trials that are new or have changed.
        """
        with self._database.session() as session:
            self._check(session)
            if session.get(SearchRow, info.id) is None:
                return
            session.execute(update(SearchRow).where(SearchRow.id == info.id).values(**_of(info)))
            for trial in trials:
                session.merge(
                    TrialRow(search_id=info.id, number=trial.number, content=dump(TRIAL, trial))
                )

    def delete(self, search_id: str) -> None:
        """Deletes a search with its trials; their runs stay."""
        with self._database.session() as session:
            self._check(session)
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
    """Returns the columns that change in the life of a search."""
    return {
        "name": info.name,
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
