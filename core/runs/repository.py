"""Runs in the database: their records, events, checkpoints and networks.

Whatever is written about a run under way is written by the server that leases it; see
`core.runs.servers`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, get_args

from pydantic import ValidationError
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from core.database import Database, EventRow, FileRow, RunRow
from core.errors import DigitLabError, InvalidInput, LeaseLost, UnreadableRun
from core.networks.architecture import Architecture
from core.networks.formats import KERAS_FILE, LITERT_FILE
from core.runs.info import UNDER_WAY, UNREADABLE, RunInfo, State, Unreadable
from core.runs.mailbox import forget_commands
from core.runs.servers import nobodys
from core.schema import dump, explain
from core.training.card import EnsembleCard, NetworkCard, TrainedModel, parse_card
from core.training.config import CONFIG, TrainingConfig
from core.training.events import EVENT, Event, Note

CHECKPOINT = "checkpoint"
LEFT_OVER = "The server ended while this run was under way."
NOT_OURS = "Another server of Digit Lab looks after this run now, or it was deleted."
_SETTINGS = frozenset(TrainingConfig.__dataclass_fields__)
_OF_NETWORKS = frozenset(Architecture.__dataclass_fields__)
_KINDS = frozenset(event.kind for event in get_args(Event))


class RunRepository:
    """The runs in a database. Each method is a transaction of its own.

    A run may be of another version, and have a task, a setting or an event that this one does not
    know. It is unreadable: not guessed at, and in nobody's way. All methods raise
    DatabaseUnavailable if the database cannot be read or written.

    Methods that say so raise LeaseLost for a run that this server does not lease any more, or that
    was deleted; then nothing was written.

    Args:
        database: where they are.
        token: of this server, as leases have it.
    """

    def __init__(self, database: Database, token: str) -> None:
        self._database = database
        self._token = token
        # By run: which of its events is not understood, in a sentence, or "". They are looked at
        # once: a newer version that takes a run over and tells more is noticed by `events`.
        self._wrong_events: dict[str, str] = {}

    def add(
        self,
        infos: Sequence[RunInfo],
        check: Callable[[Sequence[RunInfo | Unreadable]], None],
    ) -> None:
        """Adds new runs of one person, all of them or none; this server looks after them.

        Args:
            infos: the runs.
            check: given that person's runs; raises if the new ones are too many. No other server
                adds runs of the same person meanwhile.
        """
        owner = infos[0].owner
        with self._database.session() as session:
            self._database.lock(session, owner)
            check(self._of(session, owner))
            session.add_all(
                RunRow(
                    id=info.id,
                    owner=info.owner,
                    name=info.name,
                    state=info.state,
                    created=info.created,
                    config=dump(CONFIG, info.config),
                    search=info.search or None,
                    lease=self._token,
                )
                for info in infos
            )

    def get(self, run_id: str) -> RunInfo | Unreadable | None:
        """Returns a run's record, or None if there is none of that id."""
        with self._database.session() as session:
            # PostgreSQL has no texts with a zero in them, and links may.
            row = None if "\0" in run_id else session.get(RunRow, run_id)
            return None if row is None else self._infos(session, [row])[0]

    def of(self, owner: str) -> list[RunInfo | Unreadable]:
        """Returns the records of a person's runs, the newest first."""
        with self._database.session() as session:
            return self._of(session, owner)

    def events(self, run_id: str, *, first: int = 0) -> list[Event]:
        """Returns what a run has emitted, oldest first; nothing for one that is not there.

        Args:
            run_id: of the run.
            first: number of the first event that is wanted. Defaults to 0.

        Raises:
            UnreadableRun: if an event is not understood; then the run is listed as such, too.
        """
        with self._database.session() as session:
            rows = session.scalars(
                select(EventRow.content)
                .where(EventRow.run_id == run_id, EventRow.number >= first)
                .order_by(EventRow.number)
            ).all()
        try:
            return [EVENT.validate_python(row) for row in rows]
        except ValidationError as error:
            reason = f"One of its events is not understood: {explain(error)}"
            self._wrong_events[run_id] = reason
            raise UnreadableRun(f"{UNREADABLE} {reason}") from error

    def store(self, info: RunInfo, events: Sequence[Event], first: int) -> None:
        """Stores a run's state and new events; one that has ended is nobody's from then on.

        Args:
            info: the run, in its new state.
            events: the new ones.
            first: number of the first of them.

        Raises:
            LeaseLost: if it is not this server's.
        """
        with self._database.session() as session:
            self._hold(session, info.id, state=info.state)
            session.add_all(
                EventRow(run_id=info.id, number=number, content=dump(EVENT, event))
                for number, event in enumerate(events, first)
            )

    def checkpoint(self, run_id: str) -> bytes | None:
        """Returns a run's newest checkpoint, if there is one."""
        with self._database.session() as session:
            return _file(session, run_id, CHECKPOINT)

    def save_checkpoint(self, run_id: str, content: bytes) -> None:
        """Saves a run's newest checkpoint.

        Raises:
            LeaseLost: if it is not this server's.
        """
        with self._database.session() as session:
            self._hold(session, run_id)
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

    def save_result(self, run_id: str, model: TrainedModel) -> None:
        """Saves the network that a run left, in place of its checkpoint; so it is finished.

        Raises:
            LeaseLost: if it is not this server's.
        """
        with self._database.session() as session:
            self._hold(session, run_id, state="finished", card=dict(model.card.entries))
            for name, content in model.files.items():
                session.merge(FileRow(run_id=run_id, name=name, content=content))
            session.execute(
                delete(FileRow).where(FileRow.run_id == run_id, FileRow.name == CHECKPOINT)
            )

    def save_card(self, run_id: str, model: TrainedModel) -> None:
        """Saves what is now known of the network that a run has left."""
        with self._database.session() as session:
            session.execute(
                update(RunRow)
                .where(RunRow.id == run_id, RunRow.state == "finished")
                .values(card=dict(model.card.entries))
            )

    def rename(self, run_id: str, name: str) -> None:
        """Gives a run another name, whoever looks after it."""
        with self._database.session() as session:
            session.execute(update(RunRow).where(RunRow.id == run_id).values(name=name))

    def delete(self, run_id: str) -> None:
        """Deletes a run with all that belongs to it, whoever looks after it."""
        with self._database.session() as session:
            # First of all, so that the server that looks after it adds nothing meanwhile.
            session.execute(update(RunRow).where(RunRow.id == run_id).values(lease=None))
            for table in (EventRow, FileRow):
                session.execute(delete(table).where(table.run_id == run_id))
            forget_commands(session, RunRow, run_id)
            session.execute(delete(RunRow).where(RunRow.id == run_id))

    def resume(
        self,
        info: RunInfo,
        stored: int,
        check: Callable[[Sequence[RunInfo | Unreadable]], None],
    ) -> bool:
        """Has this server look after a run that had ended before its time, and is queued now.

        Args:
            info: the run.
            stored: how many events of it are known here. Another server may have added some.
            check: as for `add`.

        Returns:
            Whether it does, and nobody else was quicker.
        """
        with self._database.session() as session:
            self._database.lock(session, info.owner)
            check(self._of(session, info.owner))
            events = select(func.count()).where(EventRow.run_id == info.id)
            if session.scalar(events) != stored:
                return False
            taken = session.execute(
                update(RunRow)
                .where(RunRow.id == info.id, RunRow.state.in_(("interrupted", "failed")))
                .values(lease=self._token, working=False, state="queued")
            )
            forget_commands(session, RunRow, info.id)
            return bool(taken.rowcount)  # type: ignore[attr-defined]

    def interrupt_left_overs(self) -> None:
        """Marks the runs under way that no server looks after."""
        with self._database.session() as session:
            self._database.lock(session, "left-overs")
            left = session.scalars(
                select(RunRow.id).where(RunRow.state.in_(UNDER_WAY), nobodys(RunRow))
            ).all()
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
            forget_commands(session, RunRow, *left)
            session.execute(
                update(RunRow)
                .where(RunRow.id.in_(left))
                .values(state="interrupted", lease=None, working=False)
            )

    def held(self) -> set[str]:
        """Returns the ids of the runs that this server looks after."""
        with self._database.session() as session:
            return set(session.scalars(select(RunRow.id).where(RunRow.lease == self._token)))

    def nobodys(self) -> list[str]:
        """Returns the ids of the runs under way that no server looks after."""
        with self._database.session() as session:
            return list(
                session.scalars(
                    select(RunRow.id).where(RunRow.state.in_(UNDER_WAY), nobodys(RunRow))
                )
            )

    def take_over(self, run_id: str) -> bool:
        """Has this server look after a run that no other does; returns whether it was quickest."""
        with self._database.session() as session:
            taken = session.execute(
                update(RunRow)
                .where(RunRow.id == run_id, RunRow.state.in_(UNDER_WAY), nobodys(RunRow))
                .values(lease=self._token, working=False)
                .execution_options(synchronize_session=False)
            )
            return bool(taken.rowcount)  # type: ignore[attr-defined]

    def close(self) -> None:
        """Closes the database."""
        self._database.close()

    def _hold(self, session: Session, run_id: str, **values: Any) -> None:
        """Changes a run, and keeps everybody else from it until the transaction ends.

        Raises:
            LeaseLost: if it is not this server's.
        """
        if values.get("state", "running") not in UNDER_WAY:
            values |= {"lease": None, "working": False}
            forget_commands(session, RunRow, run_id)
        found = session.execute(
            update(RunRow)
            .where(RunRow.id == run_id, RunRow.lease == self._token)
            .values({"lease": self._token} | values)
            .execution_options(synchronize_session=False)
        )
        if not found.rowcount:  # type: ignore[attr-defined]
            raise LeaseLost(NOT_OURS)

    def _of(self, session: Session, owner: str) -> list[RunInfo | Unreadable]:
        rows = session.scalars(
            select(RunRow).where(RunRow.owner == owner).order_by(RunRow.created.desc())
        ).all()
        return self._infos(session, rows)

    def _infos(self, session: Session, rows: Sequence[RunRow]) -> list[RunInfo | Unreadable]:
        resumable = set(
            session.scalars(
                select(FileRow.run_id).where(
                    FileRow.run_id.in_([row.id for row in rows]), FileRow.name == CHECKPOINT
                )
            )
        )
        errors, places = _errors(session, rows), _places(session, rows)
        self._look_at_events(session, rows)
        found: list[RunInfo | Unreadable] = []
        for row in rows:
            info = self._info(row, row.id in resumable, errors)
            if isinstance(info, RunInfo) and row.id in places:
                info = replace(info, queue_position=places[row.id])
            found.append(info)
        return found

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


def _places(session: Session, rows: Sequence[RunRow]) -> dict[str, int]:
    """Returns the places in their queues of those that wait at a server, as far as they tell.

    The server that looks after a run knows better; see `core.runs.queue`.
    """
    leases = {row.lease for row in rows if row.state == "queued" and not row.working}
    if not leases:
        return {}
    waiting = session.execute(
        select(RunRow.id, RunRow.lease)
        .where(RunRow.state == "queued", RunRow.lease.in_(leases), RunRow.working.is_(False))
        .order_by(RunRow.created)
    )
    before: Counter[str | None] = Counter()
    places = {}
    for run_id, lease in waiting:
        before[lease] += 1
        places[run_id] = before[lease]
    return places


def _file(session: Session, run_id: str, name: str) -> bytes | None:
    content: bytes | None = session.scalar(
        select(FileRow.content).where(FileRow.run_id == run_id, FileRow.name == name)
    )
    return content
