"""Files and folders as they may be found: pipes among them, and exchanged while others read.

How many may be open at a time is looked after here, too.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import stat
import tempfile
from collections.abc import Iterable
from pathlib import Path

_HERE = -100  # AT_FDCWD of Linux: paths count from the working folder
_EXCHANGE = 2  # RENAME_EXCHANGE of Linux, and RENAME_SWAP of macOS
_CANNOT = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP}


def read_file(path: str | Path) -> bytes:
    """Returns a file's content.

    Raises:
        OSError: if it cannot be read, or is no file: a pipe would be waited for, for ever.
    """
    # Some devices do something when they are opened, so it is looked at before and after.
    _check(os.stat(path))
    # Should a pipe have come between, it is opened without waiting.
    file = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with open(file, "rb") as opened:
        _check(os.fstat(file))
        return opened.read()


def write_file(path: Path, data: bytes) -> None:
    """Writes a file, wholly or not at all, and its folder where there is none.

    Raises:
        OSError: if it cannot be written; then whatever was there before is there still.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as draft:
        try:
            draft.write(data)
            draft.flush()  # a full disk shows here, or at closing
            draft.close()
            os.replace(draft.name, path)
        except OSError:
            with contextlib.suppress(OSError):
                os.unlink(draft.name)
            raise


def keep_newest(paths: Iterable[Path], most: int) -> None:
    """Deletes the oldest of some files where there are more than `most`.

    Raises:
        OSError: if that fails.
    """
    for path in sorted(paths, key=lambda path: path.stat().st_mtime)[:-most]:
        path.unlink(missing_ok=True)


def _check(found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "it is not a file")


def reason(error: OSError) -> str:
    """Says what is wrong without naming a path, which is nobody's business on a page."""
    return error.strerror or str(error) or type(error).__name__


def allow_open_files(wanted: int) -> int | None:
    """Lets this process have more files open at a time, as far as the system allows it.

    Every visitor's connection is one, and some systems allow 256 unless they are asked.

    Args:
        wanted: as many as are enough.

    Returns:
        How many it may have open now, at most; None where there is no such limit.
    """
    try:
        import resource  # not on Windows
    except ImportError:
        return None
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return None
    if soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return int(resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def exchange(one: Path, other: Path) -> bool:
    """Lets two folders take each other's name in one step, so that neither is ever missing.

    Returns:
        Whether this system can do it; if not, nothing has happened.

    Raises:
        OSError: if it can, and it failed.
    """
    if os.name != "posix":
        return False
    library = ctypes.CDLL(None, use_errno=True)
    names = os.fsencode(one), os.fsencode(other)
    if hasattr(library, "renameat2"):
        failed = library.renameat2(_HERE, names[0], _HERE, names[1], _EXCHANGE)
    elif hasattr(library, "renamex_np"):
        failed = library.renamex_np(*names, _EXCHANGE)
    else:
        return False
    if failed and (code := ctypes.get_errno()) not in _CANNOT:
        raise OSError(code, os.strerror(code))
    return not failed
