"""What the rows of runs in the database say, and which of them are not understood."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, get_args

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.database import EventRow, FileRow, RunRow
from core.errors import DigitLabError, InvalidInput
from core.networks.architecture import Architecture
from core.runs.info import RunInfo, State, Unreadable
from core.training.card import AnyCard, parse_card
from core.training.config import TrainingConfig
from core.training.events import Event

CHECKPOINT = "checkpoint"
_SETTINGS = frozenset(TrainingConfig.__dataclass_fields__)
_OF_NETWORKS = frozenset(Architecture.__dataclass_fields__)
_KINDS = frozenset(event.kind for event in get_args(Event))


class Records:
    """Reads rows. It remembers of each run whether its events are understood."""

    def __init__(self) -> None:
        # By run: which of its events is not understood, in a sentence, or "". They are looked at
        # once: a newer version that takes a run over and tells more is noticed as it is read.
        self._wrong_events: dict[str, str] = {}

    def distrust(self, run_id: str, reason: str) -> None:
        """Notes that an event of a run is not understood, and why."""
        self._wrong_events[run_id] = reason

    def read(self, session: Session, rows: Sequence[RunRow]) -> list[RunInfo | Unreadable]:
        """Returns what rows of the table of runs say, in their order."""
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
            card=card_of(row),
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


def card_of(row: RunRow) -> AnyCard | None:
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
