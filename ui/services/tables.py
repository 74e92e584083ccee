"""People's own tables, and what workers find out about them."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING

from core.datasets.tables import builtin, storage
from core.datasets.tables.description import Record, is_table, parse_choices
from core.errors import DigitLabError, InvalidInput
from ui.services.server import check_password, own_tables, workers
from ui.services.shared_job import shared_job

if TYPE_CHECKING:
    from core.datasets.tables.comparison import Leakage
    from core.datasets.tables.profile import TableProfile
    from core.workers.job import Job


def titles_of(owner: str, *also: str) -> dict[str, str]:
    """Returns the titles of a person's tables by name, the newest first.

    Nothing where the database fails: whoever offers tables beside other things offers those alone.

    Args:
        owner: the person.
        also: names of tables that a link gave; those that are none are ignored.
    """
    records: list[Record] = []
    with contextlib.suppress(DigitLabError):
        records = own_tables().of(owner)
    found = {record.name: record.choices.title for record in records}
    for name in also:
        if name not in found and is_table(name):
            with contextlib.suppress(InvalidInput):
                found[name] = f"{storage.known(name).choices.title} (from a link)"
    repeated = [title for title in found.values() if list(found.values()).count(title) > 1]
    return {
        name: f"{title} ({name[-4:]})" if title in repeated else title
        for name, title in found.items()
    }


def file_of(name: str) -> bytes:
    """Returns a file that is no task yet: a draft's, or a built-in table's.

    Raises:
        DataUnavailable: if it is not there.
    """
    return builtin.rows(name) if name in builtin.BUILT_IN else storage.draft(name)


def keep_draft(data: bytes, *, owner: str) -> str:
    """Keeps a file that a visitor has uploaded; see `storage.keep_draft`.

    Raises:
        PasswordRequired: if this server wants a password first.
    """
    check_password(owner)
    return storage.keep_draft(data)


def rows_of(name: str) -> bytes:
    """Returns the file that a table, perhaps a built-in one, was made of.

    Raises:
        DataUnavailable: if it is not there.
        InvalidInput: if there is no such table.
    """
    return builtin.rows(name) if name in builtin.BUILT_IN else storage.rows(storage.known(name))


@shared_job(max_entries=16)
def profile_job(file: str, header: bool | None) -> Job[TableProfile]:
    """Returns the job that looks through a file, started at the first call.

    Raises:
        DataUnavailable: if the file is gone.
    """
    from core.jobs.tables import TableProfileJob

    return workers().submit(TableProfileJob(file_of(file), header))


@shared_job(max_entries=16)
def prepare_job(file: str, choices: str) -> Job[Record]:
    """Returns the job that prepares a table, started at the first call.

    Args:
        file: name of the file.
        choices: what the person chose, as JSON.

    Raises:
        DataUnavailable: if the file is gone.
    """
    from core.jobs.tables import PrepareTableJob

    return workers().submit(PrepareTableJob(file_of(file), parse_choices(json.loads(choices))))


@shared_job(max_entries=16)
def leakage_job(name: str) -> Job[Leakage]:
    """Returns the job that measures what leaks do to a table's test, started at the first call.

    Raises:
        DataUnavailable: if the table's rows are gone.
    """
    from core.jobs.tables import LeakageJob

    known = builtin.record(name) if name in builtin.BUILT_IN else storage.known(name)
    return workers().submit(LeakageJob(known, rows_of(name)))
