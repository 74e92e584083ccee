"""Runs in the database: their records, events, checkpoints and networks."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, get_args

from pydantic import ValidationError
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from core.database import Database, EventRow, FileRow, RunRow
from core.errors import DigitLabError, InvalidInput, UnreadableRun
from core.networks.architecture import Architecture
from core.networks.formats import KERAS_FILE, LITERT_FILE
from core.runs.info import UNDER_WAY, UNREADABLE, RunInfo, State, Unreadable
from core.schema import dump, explain
from core.training.card import EnsembleCard, NetworkCard, TrainedModel, parse_card
from core.training.config import CONFIG, TrainingConfig
from core.training.events import EVENT, Event, Note

CHECKPOINT = "checkpoint"
LEFT_OVER = "The server ended while this run was under way."
_SETTINGS = frozenset(TrainingConfig.__dataclass_fields__)
_OF_NETWORKS = frozenset(Architecture.__dataclass_fields__)
_KINDS = frozenset(event.kind for event in get_args(Event))


class RunRepository:
    """The runs in a database. Each method is a transaction of its own.

    A run may be of another version, and have a task, a setting or an event that this one does not
    know. It is unreadable: not guessed at, and in nobody's way. All methods raise
    DatabaseUnavailable if the database cannot be read or written.

    Args:
        database: where they are.
        check: raises DatabaseUnavailable if this server must not write there any more.
    """

    def __init__(self, database: Database, check: Callable[[Session], None]) -> None:
        self._database = database
        self._check = check
        # By run: which of its events is not understood, in a sentence, or "". No other program
        # writes events meanwhile, so they are looked at once.
        self._wrong_events: dict[str, str] = {}

    def add(self, infos: Sequence[RunInfo]) -> None:
        """Adds new runs, all of them or none."""
        with self._writing() as session:
            session.add_all(
                RunRow(
                    id=info.id,
                    owner=info.owner,
                    name=info.name,
                    state=info.state,
                    created=info.created,
                    config=dump(CONFIG, info.config),
                    search=info.search or None,
                )
                for info in infos
            )

    def get(self, run_id: str) -> RunInfo | Unreadable | None:
        """Returns a run's record, or None if there is none of that id."""
        with self._database.session() as session:
            row = session.get(RunRow, run_id)
            if row is None:
                return None
            has_checkpoint = session.scalar(
                select(FileRow.name).where(FileRow.run_id == run_id, FileRow.name == CHECKPOINT)
            )
            self._look_at_events(session, [row])
            return self._info(row, has_checkpoint is not None, _errors(session, [row]))

    def of(self, owner: str) -> list[RunInfo | Unreadable]:
        """Returns the records of a person's runs, the newest first."""
        with self._database.session() as session:
            rows = session.scalars(
                select(RunRow).where(RunRow.owner == owner).order_by(RunRow.created.desc())
            ).all()
            resumable = set(
                session.scalars(select(FileRow.run_id).where(FileRow.name == CHECKPOINT))
            )
            errors = _errors(session, rows)
            self._look_at_events(session, rows)
            return [self._info(row, row.id in resumable, errors) for row in rows]

    def events(self, run_id: str) -> list[Event]:
        """Returns what a run has emitted, oldest first; nothing for one that is not there.

        Raises:
            UnreadableRun: if an event is not understood; then the run is listed as such, too.
        """
        with self._database.session() as session:
            rows = session.scalars(
                select(EventRow.content).where(EventRow.run_id == run_id).order_by(EventRow.number)
            ).all()
        try:
            return [EVENT.validate_python(row) for row in rows]
        except ValidationError as error:
            reason = f"One of its events is not understood: {explain(error)}"
            self._wrong_events[run_id] = reason
            raise UnreadableRun(f"{UNREADABLE} {reason}") from error

    def store(self, info: RunInfo, events: Sequence[Event], first: int) -> None:
        """Stores a run's state and new events; does nothing for one that was deleted.

        Args:
            info: the run, in its new state.
            events: the new ones.
            first: number of the first of them.
        """
        with self._writing() as session:
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
        with self._writing() as session:
            if session.get(RunRow, run_id) is not None:
                session.merge(FileRow(run_id=run_id, name=CHECKPOINT, content=content))

    def result(self, run_id: str) -> TrainedModel | None:
        """Returns the network that a run left, or None if it left none that can be read."""
        with self._database.session() as session:
            row = session.get(RunRow, run_id)
            card = _card(row) if row is not None else None
            if card is None:
                return None
            files = {
                file: content
                for file in (KERAS_FILE, LITERT_FILE)
                if (content := _file(session, run_id, file)) is not None
            }
            return TrainedModel(files, card)

    def save_result(self, run_id: str, model: TrainedModel) -> bool:
        """Saves the network that a run left, in place of its checkpoint; so it is finished.

        Returns:
            Whether the run is still there.
        """
        with self._writing() as session:
            if session.get(RunRow, run_id) is None:
                return False
            session.execute(
                update(RunRow)
                .where(RunRow.id == run_id)
                .values(card=dict(model.card.entries), state="finished")
            )
            for name, content in model.files.items():
                session.merge(FileRow(run_id=run_id, name=name, content=content))
            session.execute(
                delete(FileRow).where(FileRow.run_id == run_id, FileRow.name == CHECKPOINT)
            )
            return True

    def save_card(self, run_id: str, model: TrainedModel) -> None:
        """Saves what is now known of the network that a run has left."""
        with self._writing() as session:
            session.execute(
                update(RunRow).where(RunRow.id == run_id).values(card=dict(model.card.entries))
            )

    def rename(self, run_id: str, name: str) -> None:
        """Gives a run another name."""
        with self._writing() as session:
            session.execute(update(RunRow).where(RunRow.id == run_id).values(name=name))

    def delete(self, run_id: str) -> None:
        """Deletes a run with all that belongs to it."""
        with self._writing() as session:
            for table in (EventRow, FileRow):
                session.execute(delete(table).where(table.run_id == run_id))
            session.execute(delete(RunRow).where(RunRow.id == run_id))

    def interrupt_left_overs(self) -> None:
        """Marks runs that were under way when an earlier server ended."""
        with self._writing() as session:
            left = session.scalars(select(RunRow.id).where(RunRow.state.in_(UNDER_WAY))).all()
            for run_id in left:
                newest = session.scalar(
                    select(func.max(EventRow.number)).where(EventRow.run_id == run_id)
                )
                session.add(
                    EventRow(
                        run_id=run_id,
                        number=0 if newest is None else newest + 1,
                        content=dump(EVENT, Note(LEFT_OVER)),
                    )
                )
            session.execute(
                update(RunRow).where(RunRow.state.in_(UNDER_WAY)).values(state="interrupted")
            )

    def close(self) -> None:
        """Closes the database."""
        self._database.close()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[Session]:
        with self._database.session() as session:
            self._check(session)
            yield session

    def _look_at_events(self, session: Session, rows: Sequence[RunRow]) -> None:
        """Finds out which runs have events of an unknown kind, by looking at the kinds alone."""
        new = [row.id for row in rows if row.id not in self._wrong_events]
        if not new:
            return
        kind = EventRow.content["kind"].as_string()
        found = session.execute(
            select(EventRow.run_id, kind).where(EventRow.run_id.in_(new)).distinct()
        ).all()
        self._wrong_events |= dict.fromkeys(new, "") | {
            run_id: f"This version of Digit Lab does not know its events of the kind {name!r}."
            for run_id, name in found
            if name not in _KINDS
        }

    def _info(
        self, row: RunRow, has_checkpoint: bool, errors: Mapping[str, str]
    ) -> RunInfo | Unreadable:
        state: State = row.state if row.state in get_args(State) else "failed"  # type: ignore[assignment]
        try:
            config = _config(row.config)
            reason = self._wrong_events[row.id]
        except DigitLabError as error:
            reason = str(error)
        if reason:
            return Unreadable(row.id, row.owner, row.name, _created(row), reason)
        return RunInfo(
            id=row.id,
            owner=row.owner,
            name=row.name,
            state=state,
            created=_created(row),
            config=config,
            card=_card(row),
            has_checkpoint=has_checkpoint,
            error=errors.get(row.id, ""),
            search=row.search or "",
        )


def _config(entry: Any) -> TrainingConfig:
    """Returns a run's configuration; raises InvalidInput if not all of it is known here.

    A card may have entries that nobody knows. A run may not: without them it would be another one.
    """
    config = TrainingConfig.parse(entry)
    unknown = [*(entry.keys() - _SETTINGS), *(entry["architecture"].keys() - _OF_NETWORKS)]
    if unknown:
        raise InvalidInput(
            f"This version of Digit Lab does not know its setting {sorted(unknown)[0]!r}."
        )
    return config


def _created(row: RunRow) -> datetime:
    return row.created if row.created.tzinfo else row.created.replace(tzinfo=UTC)


def _card(row: RunRow) -> NetworkCard | EnsembleCard | None:
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
