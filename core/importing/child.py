"""The process that opens a network from outside: `python -m core.importing.child FOLDER`.

The file may be made to harm whoever opens it. So this process has little memory and time, knows no
passwords, writes into one folder, and ends with the process that started it, which is told the
result by files there.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

UPLOADED, REQUEST, RESULT = "uploaded", "request.json", "result.json"
MEMORY_BYTES = 3_000_000_000  # of its own data; TensorFlow alone takes 0.8 GB
ADDRESS_BYTES = 8_000_000_000  # of addresses, used or not
CPU_SECONDS = 600
FILE_BYTES = 100_000_000  # of one file that it writes


def limit() -> None:
    """Takes from this process what it does not need."""
    try:
        import resource  # not on Windows
    except ImportError:
        return
    for kind, most in (
        (resource.RLIMIT_DATA, MEMORY_BYTES),
        (resource.RLIMIT_AS, ADDRESS_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(OSError, ValueError):  # some systems know not all of them
            resource.setrlimit(kind, (most, most))


def _end_with_parent() -> None:
    """Ends this process when its standard input closes, which its parent holds open."""

    def wait() -> None:
        sys.stdin.buffer.read()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def import_network(data: bytes, request: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Checks a network, fits it to its task, measures it, and writes its files.

    Args:
        data: the file as it was uploaded.
        request: name of the task and of the data set, noise and seed to measure with, limits.
        folder: where the files go.

    Returns:
        The entries of its card that come of it.

    Raises:
        DigitLabError: with a sentence, if it cannot be used.
    """
    from core.importing.fitting import fit

    return fit(data, request, folder)


def main(folder: Path) -> None:
    """Does what the folder asks for, and says in it what came of it."""
    limit()
    _end_with_parent()
    from core.errors import DigitLabError

    try:
        request = json.loads((folder / REQUEST).read_text(encoding="utf-8"))
        result = import_network((folder / UPLOADED).read_bytes(), request, folder)
    except DigitLabError as error:
        result = {"error": str(error)}
    except MemoryError:
        result = {"error": "The network needs more memory than this server gives to one."}
    (folder / RESULT).write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
