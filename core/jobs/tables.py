"""A person's own table looked through, prepared, and its leaks measured, in workers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.datasets.tables import parts
from core.datasets.tables.comparison import Leakage
from core.datasets.tables.description import Choices, Record
from core.datasets.tables.profile import TableProfile, profile
from core.datasets.tables.reading import read_table
from core.workers.context import JobContext
from core.workers.job import JobSpec


@dataclass(frozen=True)
class TableProfileJob(JobSpec[TableProfile]):
    """The first look at a table: a person waits before an empty page.

    Args:
        data: the file's bytes.
        header: whether its first record holds the names. Defaults to what it looks like.
    """

    urgent: ClassVar[bool] = True
    data: bytes
    header: bool | None = None

    def run(self, context: JobContext) -> TableProfile:
        """Reads it and looks through it."""
        return profile(read_table(self.data, header=self.header))


@dataclass(frozen=True)
class PrepareTableJob(JobSpec[Record]):
    """The preparation of a table, learned from its training part.

    Args:
        data: the file's bytes.
        choices: what a person chose.
    """

    urgent: ClassVar[bool] = True
    data: bytes
    choices: Choices

    def run(self, context: JobContext) -> Record:
        """Learns it, and leaves the rows ready where networks look for them."""
        from core.datasets.tables.preparing import fit

        table = read_table(self.data, header=self.choices.header)
        context.check_stopped()
        record = fit(table, self.data, self.choices)
        parts.load(record, lambda: self.data, stored=True)
        return record


@dataclass(frozen=True)
class LeakageJob(JobSpec[Leakage]):
    """The measuring of what leaks do to a table's test.

    Args:
        record: the table.
        data: the file's bytes.
    """

    record: Record
    data: bytes

    def run(self, context: JobContext) -> Leakage:
        """Measures it."""
        from core.datasets.tables.leakage import measure

        context.check_stopped()
        return measure(self.record, self.data)
