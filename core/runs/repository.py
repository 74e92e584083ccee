"""Runs in the database: their records, events, checkpoints and networks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC
from typing import get_args

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from core.database import Database, EventRow, FileRow, RunRow
from core.errors import InvalidInput
from core.networks.formats import KERAS_FILE, LITERT_FILE
from core.runs.info import UNDER_WAY, RunInfo, State
from core.schema import dump
from core.training.card import Card, TrainedModel, parse_card
from core.training.config import CONFIG, TrainingConfig
from core.training.events import EVENT, Event, Note

CHECKPOINT = "checkpoint"
LEFT_OVER = "The server ended while this run was under way."


class RunRepository:
    """The runs in a database. Each method is a transaction of its own.

    All raise DatabaseUnavailable if the database cannot be read or written.

    Args:
        database: where they are.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, infos: Sequence[RunInfo]) -> None:
        """Adds new runs, all of them or none."""
        with self._database.session() as session:
            session.add_all(
                RunRow(
                    id=info.id,
                    owner=info.owner,
                    name=info.name,
                    state=info.state,
                    created=info.created,
                    config=dump(CONFIG, info.config),
                )
                for info in infos
            )

    def get(self, run_id: str) -> RunInfo | None:
        """Returns a run's record, or None if there is none of that id."""
        with self._database.session() as session:
            row = session.get(RunRow, run_id)
            if row is None:
                return None
            has_checkpoint = session.scalar(
                select(FileRow.name).where(FileRow.run_id == run_id, FileRow.name == CHECKPOINT)
            )
            return _info(row, has_checkpoint is not None, _errors(session, [row]))

    def of(self, owner: str) -> list[RunInfo]:
        """Returns the records of a person's runs, the newest first."""
        with self._database.session() as session:
            rows = session.scalars(
                select(RunRow).where(RunRow.owner == owner).order_by(RunRow.created.desc())
            ).all()
            resumable = set(
                session.scalars(select(FileRow.run_id).where(FileRow.name == CHECKPOINT))
            )
            errors = _errors(session, rows)
            return [_info(row, row.id in resumable, errors) for row in rows]

    def events(self, run_id: str) -> list[Event]:
        """Returns what a run has emitted, oldest first; nothing for one that is not there."""
        with self._database.session() as session:
            rows = session.scalars(
                select(EventRow.content).where(EventRow.run_id == run_id).order_by(EventRow.number)
            ).all()
        return [EVENT.validate_python(row) for row in rows]

    def store(self, info: RunInfo, events: Sequence[Event], first: int) -> None:
        """Stores a run's state and new events; does nothing for one that was deleted.

        Args:
            info: the run, in its new state.
            events: the new ones.
            first: number of the first of them.
        """
        with self._database.session() as session:
            if session.get(RunRow, info.id) is None:
                return
            session.execute(update(RunRow).where(RunRow.id == info.id).values(state=info.state))
            session.add_all(
                EventRow(run_id=info.id, number=number, content=dump(EVENT, event))
                for number, event in enumerate(events, first)
            )

    def checkpoint(self, run_id: str) -> bytes | None:
        """Returns a run's newest checkpoint, if there is one."""
        with self._database.session() as session:
            return _file(session, run_id, CHECKPOINT)

    def save_checkpoint(self, run_id: str, content: bytes) -> None:
        """Saves a run's newest checkpoint; does nothing for a run that was deleted."""
        with self._database.session() as session:
            if session.get(RunRow, run_id) is not None:
                session.merge(FileRow(run_id=run_id, name=CHECKPOINT, content=content))

    def result(self, run_id: str) -> TrainedModel | None:
        """Returns the network that a run left, or None if it left none."""
        with self._database.session() as session:
            row = session.get(RunRow, run_id)
            if row is None or row.card is None:
                return None
            files = {
                file: content
                for file in (KERAS_FILE, LITERT_FILE)
                if (content := _file(session, run_id, file)) is not None
            }
            return TrainedModel(files, parse_card(row.card))

    def save_result(self, run_id: str, model: TrainedModel) -> bool:
        """Saves the network that a run left, in place of its checkpoint.

        Returns:
            Whether the run is still there.
        """
        with self._database.session() as session:
            if session.get(RunRow, run_id) is None:
                return False
            session.execute(
                update(RunRow).where(RunRow.id == run_id).values(card=dict(model.card.entries))
            )
            for name, content in model.files.items():
                session.merge(FileRow(run_id=run_id, name=name, content=content))
            session.execute(
                delete(FileRow).where(FileRow.run_id == run_id, FileRow.name == CHECKPOINT)
            )
            return True

    def rename(self, run_id: str, name: str) -> None:
        """Gives a run another name."""
        with self._database.session() as session:
            session.execute(update(RunRow).where(RunRow.id == run_id).values(name=name))

    def delete(self, run_id: str) -> None:
        """Deletes a run with all that belongs to it."""
        with self._database.session() as session:
            for table in (EventRow, FileRow):
                session.execute(delete(table).where(table.run_id == run_id))
            session.execute(delete(RunRow).where(RunRow.id == run_id))

    def interrupt_left_overs(self) -> None:
        """Marks runs that were under way when an earlier server ended."""
        with self._database.session() as session:
            left = session.scalars(select(RunRow).where(RunRow.state.in_(UNDER_WAY))).all()
            for row in left:
                row.state = "interrupted"
                numbers = select(EventRow.number).where(EventRow.run_id == row.id)
                session.add(
                    EventRow(
                        run_id=row.id,
                        number=max(session.scalars(numbers), default=-1) + 1,
                        content=dump(EVENT, Note(LEFT_OVER)),
                    )
                )

    def close(self) -> None:
        """Closes the database."""
        self._database.close()


def _info(row: RunRow, has_checkpoint: bool, errors: Mapping[str, str]) -> RunInfo:
    state: State = row.state if row.state in get_args(State) else "failed"  # type: ignore[assignment]
    created = row.created if row.created.tzinfo else row.created.replace(tzinfo=UTC)
    return RunInfo(
        id=row.id,
        owner=row.owner,
        name=row.name,
        state=state,
        created=created,
        config=TrainingConfig.parse(row.config),
        card=_card(row),
        has_checkpoint=has_checkpoint,
        error=errors.get(row.id, ""),
    )


def _card(row: RunRow) -> Card | None:
    """Returns a run's card; None where it has none, or one that cannot be read any more."""
    try:
        return parse_card(row.card) if row.card else None
    except InvalidInput:
        return None


def _errors(session: Session, rows: Sequence[RunRow]) -> dict[str, str]:
    """Returns why those of the runs failed that did: their last event says it."""
    failed = [row.id for row in rows if row.state == "failed"]
    if not failed:
        return {}
    last = (
        select(EventRow.run_id, func.max(EventRow.number).label("number"))
        .where(EventRow.run_id.in_(failed))
        .group_by(EventRow.run_id)
        .subquery()
    )
    found = session.execute(
        select(EventRow.run_id, EventRow.content).join(
            last, (EventRow.run_id == last.c.run_id) & (EventRow.number == last.c.number)
        )
    )
    return {run_id: str(content.get("error", "")) for run_id, content in found}


def _file(session: Session, run_id: str, name: str) -> bytes | None:
    content: bytes | None = session.scalar(
        select(FileRow.content).where(FileRow.run_id == run_id, FileRow.name == name)
    )
    return content
