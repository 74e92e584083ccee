"""Tables as files, beside the uploads, each named by a hash of its content.

`table-<hash>.json` is a record, `rows-<hash>.csv` the file that it was made of, and
`table-<hash>.npz` the rows as networks see them, made anew wherever it is missing. Records stay
when the rows are deleted: networks that learned from them can still be understood and used.
`draft-<hash>.csv` is a file that is no task yet.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
import threading
from collections import OrderedDict
from pathlib import Path

from core.datasets.tables.description import PREFIX, Record, is_table, parse_record
from core.errors import DataUnavailable, InvalidInput
from core.files import keep_newest, read_file, reason, write_file
from core.settings import settings

GONE = "The rows of this table are not on this server (any more)."
MAX_STORED = 4_000_000_000  # bytes of all tables together
# Files; the oldest are deleted. What is prepared can be prepared again.
MAX_DRAFTS, MAX_PREPARED = 50, 100
_REMEMBERED = 500
_DRAFT = "draft-"
_DRAFT_NAME = re.compile(rf"{_DRAFT}[0-9a-f]{{16}}")
_MAGIC = b"DIGIT LAB TABLE\n"
_LENGTH = 8

_records: OrderedDict[str, Record] = OrderedDict()
_lock = threading.Lock()


def keep(record: Record, data: bytes) -> str:
    """Stores a table and returns its name.

    Raises:
        DataUnavailable: if it cannot be written, or the server has no room for it.
    """
    if hashlib.sha256(data).hexdigest() != record.digest:
        raise InvalidInput("The rows are not those that this table was made of.")
    try:
        path = _rows(record)
        if not path.exists():
            if _stored() + len(data) > MAX_STORED:
                raise DataUnavailable("This server has no room for another table.")
            write_file(path, data)
        write_file(_path(record.name), _written(record))
    except OSError as error:
        raise DataUnavailable(f"The table could not be kept ({reason(error)}).") from error
    _remember(record)
    return record.name


def keep_draft(data: bytes) -> str:
    """Stores a file that is no task yet, and returns its name.

    Raises:
        DataUnavailable: if it cannot be written.
    """
    name = _DRAFT + hashlib.sha256(data).hexdigest()[:16]
    try:
        write_file(_folder() / f"{name}.csv", data)
        keep_newest(_folder().glob(f"{_DRAFT}*.csv"), MAX_DRAFTS)
    except OSError as error:
        raise DataUnavailable(f"The file could not be kept ({reason(error)}).") from error
    return name


def is_draft(name: str) -> bool:
    """Returns whether a name is one that `keep_draft` returns."""
    return _DRAFT_NAME.fullmatch(name) is not None


def draft(name: str) -> bytes:
    """Returns a file that is no task yet.

    Raises:
        DataUnavailable: if it is not, or no longer, on this machine.
    """
    gone = DataUnavailable("This file is not on this server any more. Please upload it again.")
    if not is_draft(name):
        raise gone
    try:
        return read_file(_folder() / f"{name}.csv")
    except OSError as error:
        raise gone from error


def keep_prepared(record: Record, data: bytes) -> None:
    """Stores a table's rows as networks see them, if it can be done: it is only to be quick."""
    with contextlib.suppress(OSError):
        write_file(prepared_path(record), data)
        keep_newest(_folder().glob(f"{PREFIX}*.npz"), MAX_PREPARED)


def learn(record: Record) -> None:
    """Makes a record known that came with a network, so that the network can be understood."""
    _remember(record)
    if not _path(record.name).exists():
        with contextlib.suppress(OSError):
            write_file(_path(record.name), _written(record))


def known(name: str) -> Record:
    """Returns the record of that name.

    Raises:
        InvalidInput: if it is not on this server.
    """
    with _lock:
        if name in _records:
            _records.move_to_end(name)
            return _records[name]
    missing = InvalidInput(f"There is no table {name[:60]!r} on this server (any more).")
    if not is_table(name):
        raise missing
    try:
        record = parse_record(json.loads(read_file(_path(name))))
    except (OSError, ValueError) as error:
        raise missing from error
    if record.name != name:
        raise missing
    _remember(record)
    return record


def rows(record: Record) -> bytes:
    """Returns the file that a table was made of.

    Raises:
        DataUnavailable: if it is not, or no longer, on this machine.
    """
    try:
        return read_file(_rows(record))
    except OSError as error:
        raise DataUnavailable(GONE) from error


def missing(record: Record) -> str | None:
    """Says why a table's rows cannot be used; None if they can."""
    return None if _rows(record).exists() else GONE


def prepared_path(record: Record) -> Path:
    """Returns where the rows lie as networks see them."""
    return _folder() / f"{record.name}.npz"


def delete_rows(record: Record, others: list[Record]) -> None:
    """Deletes a table's rows, unless another table was made of the same file.

    Args:
        record: the table's.
        others: of the tables that stay.
    """
    prepared_path(record).unlink(missing_ok=True)
    if record.digest not in {other.digest for other in others}:
        _rows(record).unlink(missing_ok=True)


def forget(record: Record) -> None:
    """Deletes a record that no network needs."""
    with _lock:
        _records.pop(record.name, None)
    _path(record.name).unlink(missing_ok=True)


def pack(name: str) -> bytes:
    """Returns a table as bytes that travel with a job to a worker on another machine.

    Raises:
        DataUnavailable: if its rows are not on this machine.
    """
    try:
        record = known(name)
    except InvalidInput as error:
        raise DataUnavailable(str(error)) from error
    written = _written(record)
    return _MAGIC + len(written).to_bytes(_LENGTH, "big") + written + rows(record)


def is_packed(carried: bytes) -> bool:
    """Returns whether bytes are what `pack` returns."""
    return carried.startswith(_MAGIC)


def unpack(carried: bytes) -> None:
    """Stores, in a worker, what `pack` returned."""
    start = len(_MAGIC) + _LENGTH
    length = int.from_bytes(carried[len(_MAGIC) : start], "big")
    record = parse_record(json.loads(carried[start : start + length]))
    if missing(record) is not None or not _path(record.name).exists():
        keep(record, carried[start + length :])
    _remember(record)


def _remember(record: Record) -> None:
    with _lock:
        _records[record.name] = record
        _records.move_to_end(record.name)
        while len(_records) > _REMEMBERED:
            _records.popitem(last=False)


def _written(record: Record) -> bytes:
    return json.dumps(record.entries, ensure_ascii=False, sort_keys=True).encode()


def _stored() -> int:
    with contextlib.suppress(OSError):
        return sum(path.stat().st_size for path in _folder().glob("rows-*.csv"))
    return 0


def _folder() -> Path:
    return settings().uploads


def _path(name: str) -> Path:
    return _folder() / f"{name}.json"


def _rows(record: Record) -> Path:
    return _folder() / f"rows-{record.digest}.csv"
