"""Uploaded data sets: kept in a folder, each named by a hash of its content.

The name is part of a run's configuration, so the same name must always mean the same data. The
folder is `var/uploads` beside the code, unless DIGIT_LAB_UPLOADS names another.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.data import Split
from core.datasets.tables import storage as tables
from core.datasets.tables.description import is_table
from core.errors import DataUnavailable
from core.files import keep_newest, read_file, reason, write_file
from core.settings import settings

MAX_KEPT = 50  # files; the oldest are deleted
_PREFIX = "upload-"
_NAME = re.compile(rf"{_PREFIX}[0-9a-f]{{16}}")


@dataclass(frozen=True)
class UploadKind:
    """The kind of file that a task accepts as an upload.

    Args:
        title: display name.
        suffix: file name extension, without the dot.
        help: a sentence on where to get one and what it must contain.
        read: `(bytes) -> Split` with all its examples; raises InvalidInput with a sentence.
    """

    title: str
    suffix: str
    help: str
    read: Callable[[bytes], Split]


def is_upload(source: str) -> bool:
    """Returns whether a data set's name is that of an upload."""
    return _NAME.fullmatch(source) is not None


def keep(data: bytes) -> str:
    """Stores a validated file and returns its name as a data set.

    Raises:
        DataUnavailable: if it cannot be written.
    """
    name = _PREFIX + hashlib.sha256(data).hexdigest()[:16]
    folder = _folder()
    try:
        if not (folder / name).exists():
            write_file(folder / name, data)
            keep_newest((path for path in folder.iterdir() if is_upload(path.name)), MAX_KEPT)
    except OSError as error:
        raise DataUnavailable(f"The file could not be kept ({reason(error)}).") from error
    return name


def content(name: str) -> bytes:
    """Returns the file of that name.

    Raises:
        DataUnavailable: if it is not, or no longer, on this machine.
    """
    if not is_upload(name):
        raise DataUnavailable(f"{name[:40]!r} is not the name of an uploaded file.")
    try:
        return read_file(_folder() / name)
    except OSError as error:
        raise DataUnavailable(
            "The uploaded file is not on this machine any more. Please upload it again."
        ) from error


def to_carry(source: str) -> bytes | None:
    """Returns the file to send with a job, since its worker may be on another machine.

    None if the data set is neither an upload nor a person's own table, or is gone; the worker then
    reports that.
    """
    try:
        return must_carry(source)
    except DataUnavailable:
        return None


def must_carry(source: str) -> bytes | None:
    """Returns what `to_carry` does.

    Raises:
        DataUnavailable: if the data set is an upload or a table, and gone.
    """
    if is_table(source):
        return tables.pack(source)
    return content(source) if is_upload(source) else None


def unpack(carried: bytes | None) -> None:
    """Stores, in a worker, what `to_carry` returned."""
    if carried is None:
        return
    if tables.is_packed(carried):
        tables.unpack(carried)
    else:
        keep(carried)


def _folder() -> Path:
    return settings().uploads
