"""Runs in the database: their records, events, checkpoints and networks.

Whatever is written about a run under way is written by the server that leases it; see
`core.runs.servers`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from core.database import Database, EventRow, FileRow, RunRow
from core.errors import LeaseLost, UnreadableRun
from core.networks.formats import KERAS_FILE, LITERT_FILE
from core.runs.info import UNDER_WAY, UNREADABLE, RunInfo, State, Unreadable
from core.runs.mailbox import forget_commands
from core.runs.records import CHECKPOINT, Records, card_of
from core.runs.servers import nobodys
from core.schema import dump, explain
from core.training.card import TrainedModel
from core.training.config import CONFIG
from core.training.events import EVENT, Event, Note

LEFT_OVER = "The server ended while this run was under way."
NOT_OURS = "Another server of Digit Lab looks after this run now, or it was deleted."


@dataclass(frozen=True)
class News:
    """What is new about a run.

    Args:
        info: the run, in its new state.
        events: those that are not stored yet.
        first: number of the first of them.
    """

    info: RunInfo
    events: Sequence[Event]
    first: int


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
        self._records = Records()

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
            return None if row is None else self._records.read(session, [row])[0]

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
            self._records.distrust(run_id, reason)
            raise UnreadableRun(f"{UNREADABLE} {reason}") from error

    def store(self, news: Sequence[News]) -> set[str]:
        """Stores runs' states and new events; those that have ended are nobody's from then on.

        Args:
            news: of each run.

        Returns:
            The ids of those that this server looks after still. Of the others nothing was stored.
        """
        with self._database.session() as session:
            held = set(
                session.scalars(
                    update(RunRow)
                    .where(
                        RunRow.id.in_([each.info.id for each in news]),
                        RunRow.lease == self._token,
                    )
                    .values(lease=self._token)
                    .returning(RunRow.id)
                    .execution_options(synchronize_session=False)
                )
            )
            ours = [each.info for each in news if each.info.id in held]
            for state in {info.state for info in ours}:
                self._set_state(session, state, [info.id for info in ours if info.state == state])
            rows = [
                {"run_id": each.info.id, "number": number, "content": dump(EVENT, event)}
                for each in news
                if each.info.id in held
                for number, event in enumerate(each.events, each.first)
            ]
            if rows:
                session.execute(insert(EventRow), rows)
            return held

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
            card = card_of(row) if row is not None else None
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
            self._hold(session, run_id, card=dict(model.card.entries))
            self._set_state(session, "finished", [run_id])
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
        found = session.execute(
            update(RunRow)
            .where(RunRow.id == run_id, RunRow.lease == self._token)
            .values({"lease": self._token} | values)
            .execution_options(synchronize_session=False)
        )
        if not found.rowcount:  # type: ignore[attr-defined]
            raise LeaseLost(NOT_OURS)

    def _set_state(self, session: Session, state: State, run_ids: Sequence[str]) -> None:
        values: dict[str, Any] = {"state": state}
        if state not in UNDER_WAY:
            values |= {"lease": None, "working": False}
            forget_commands(session, RunRow, *run_ids)
        session.execute(
            update(RunRow)
            .where(RunRow.id.in_(run_ids))
            .values(values)
            .execution_options(synchronize_session=False)
        )

    def _of(self, session: Session, owner: str) -> list[RunInfo | Unreadable]:
        rows = session.scalars(
            select(RunRow).where(RunRow.owner == owner).order_by(RunRow.created.desc())
        ).all()
        return self._records.read(session, rows)


def _file(session: Session, run_id: str, name: str) -> bytes | None:
    content: bytes | None = session.scalar(
        select(FileRow.content).where(FileRow.run_id == run_id, FileRow.name == name)
    )
    return content
