"""The server's store of people's own handwriting.

Samples belong to their owner, an anonymous id, and nobody else ever sees them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from core.database import Database, SampleRow
from core.errors import InvalidInput, LimitReached
from core.handwriting.arrays import (
    LABELS,
    Picture,
    Pictures,
    SampleLabels,
    check_label,
    check_samples,
    digest,
)
from core.imaging.normalize import SIZE
from core.settings import Settings


@dataclass(frozen=True)
class Sample:
    """One digit or sign that a person wrote.

    Args:
        id: its number in the database.
        label: its label, 0..11.
        picture: uint8, shape (28, 28), ink bright on black.
        created: when it was stored.
    """

    id: int
    label: int
    picture: Picture
    created: datetime


class Samples:
    """Everybody's samples; each person sees only their own.

    Args:
        database: where they are stored.
        limits: how many one person may have.
    """

    def __init__(self, database: Database, limits: Settings) -> None:
        self._database = database
        self._limits = limits

    def add(self, owner: str, picture: Picture, label: int) -> int:
        """Stores one sample; the same picture with the same label is stored only once.

        Args:
            owner: whose it is.
            picture: uint8, shape (28, 28), ink bright on black.
            label: its label, 0..11.

        Returns:
            The sample's id; that of the existing one if it was there already.

        Raises:
            InvalidInput: if the picture or the label is invalid, or there is no ink.
            LimitReached: if the person has as many as this server allows.
            DatabaseUnavailable: if the database fails.
        """
        self.add_all(owner, picture[np.newaxis], np.asarray([label]))
        with self._database.session() as session:
            return session.scalars(
                select(SampleRow.id).where(
                    SampleRow.owner == owner,
                    SampleRow.label == label,
                    SampleRow.digest == digest(picture),
                )
            ).one()

    def add_all(self, owner: str, x: Pictures, y: NDArray[np.integer]) -> int:
        """Stores many samples, all or none, as `add` does; returns how many were new.

        Args:
            owner: whose they are.
            x: uint8, shape (n, 28, 28).
            y: whole numbers, shape (n,), the labels 0..11.

        Raises:
            InvalidInput: if a picture or a label is invalid, or a picture has no ink.
            LimitReached: if the person would have more than this server allows.
            DatabaseUnavailable: if the database fails.
        """
        check_samples(x, y)
        wanted = {
            (int(label), digest(picture)): picture for picture, label in zip(x, y, strict=True)
        }
        now = datetime.now(UTC)
        with self._database.session() as session:
            self._database.lock(session, owner)
            known = session.execute(
                select(SampleRow.label, SampleRow.digest).where(SampleRow.owner == owner)
            )
            there = {(label, mark) for label, mark in known}
            new = {key: picture for key, picture in wanted.items() if key not in there}
            if len(there) + len(new) > self._limits.max_samples:
                raise LimitReached(
                    f"This server keeps {self._limits.max_samples:,} samples for one person."
                    f" You have {len(there):,}, and this would add {len(new):,}."
                    " Delete some first."
                )
            session.add_all(
                SampleRow(
                    owner=owner, label=label, digest=mark, picture=picture.tobytes(), created=now
                )
                for (label, mark), picture in new.items()
            )
        return len(new)

    def add_each(self, owner: str, x: Pictures, labels: Sequence[int]) -> list[int]:
        """Stores samples, all or none, as `add` does, and returns the ids of those that were new.

        Args:
            owner: whose they are.
            x: uint8, shape (n, 28, 28).
            labels: the label of each, 0..11.
        """
        keys = [(label, digest(picture)) for picture, label in zip(x, labels, strict=True)]
        known = set(self._ids(owner, keys))
        self.add_all(owner, x, np.asarray(labels))
        return [each for each in self._ids(owner, keys) if each not in known]

    def _ids(self, owner: str, keys: Sequence[tuple[int, str]]) -> list[int]:
        with self._database.session() as session:
            rows = session.execute(
                select(SampleRow.id, SampleRow.label, SampleRow.digest).where(
                    SampleRow.owner == owner, SampleRow.digest.in_({mark for _, mark in keys})
                )
            )
            wanted = set(keys)
            return [int(id) for id, label, mark in rows if (label, mark) in wanted]

    def counts(self, owner: str) -> tuple[int, ...]:
        """Returns how many samples a person has of each digit, 0 to 9, and of the signs A and B."""
        with self._database.session() as session:
            rows = session.execute(
                select(SampleRow.label, func.count())
                .where(SampleRow.owner == owner)
                .group_by(SampleRow.label)
            )
            found = {int(label): int(count) for label, count in rows}
        return tuple(found.get(label, 0) for label in range(LABELS))

    def of(
        self,
        owner: str,
        *,
        label: int | None = None,
        first: int = 0,
        most: int | None = None,
        newest_first: bool = False,
    ) -> list[Sample]:
        """Returns a person's samples, oldest first or newest first.

        Args:
            owner: whose.
            label: only those with this label. Defaults to all.
            first: number to skip at the beginning. Defaults to 0.
            most: maximum number to return. Defaults to all.
            newest_first: whether the order is reversed. Defaults to False.
        """
        wanted = select(SampleRow).where(SampleRow.owner == owner)
        if label is not None:
            wanted = wanted.where(SampleRow.label == label)
        order = SampleRow.id.desc() if newest_first else SampleRow.id
        wanted = wanted.order_by(order).offset(first).limit(most)
        with self._database.session() as session:
            return [_sample(row) for row in session.scalars(wanted)]

    def arrays(self, owner: str) -> tuple[Pictures, SampleLabels]:
        """Returns all of a person's samples: x uint8 (n, 28, 28) and y uint8 (n,)."""
        samples = self.of(owner)
        x = np.array([sample.picture for sample in samples], np.uint8)
        y = np.array([sample.label for sample in samples], np.uint8)
        return x.reshape(-1, SIZE, SIZE), y

    def relabel(self, owner: str, sample_id: int, label: int) -> None:
        """Changes a sample's label; if that makes a duplicate, it is deleted.

        Raises:
            InvalidInput: if the sample is not, or no longer, there, or there is no such label.
            DatabaseUnavailable: if the database fails.
        """
        check_label(label)
        with self._database.session() as session:
            self._database.lock(session, owner)
            row = self._own(session, owner, sample_id)
            if row is None:
                raise InvalidInput("This sample is not there any more.")
            if label == row.label:
                return
            twin = select(SampleRow.id).where(
                SampleRow.owner == owner,
                SampleRow.label == label,
                SampleRow.digest == row.digest,
            )
            if session.scalars(twin).first() is None:
                row.label = label
            else:  # the same picture with that label is there already
                session.delete(row)

    def delete(self, owner: str, sample_id: int) -> None:
        """Deletes one sample for good; it is no error if it is already gone."""
        with self._database.session() as session:
            row = self._own(session, owner, sample_id)
            if row is not None:
                session.delete(row)

    def delete_all(self, owner: str) -> None:
        """Deletes all samples of a person for good."""
        with self._database.session() as session:
            session.execute(delete(SampleRow).where(SampleRow.owner == owner))

    def _own(self, session: Session, owner: str, sample_id: int) -> SampleRow | None:
        row = session.get(SampleRow, sample_id)
        return row if row is not None and row.owner == owner else None


def _sample(row: SampleRow) -> Sample:
    picture = np.frombuffer(row.picture, np.uint8).reshape(SIZE, SIZE)
    return Sample(row.id, row.label, picture, row.created)
