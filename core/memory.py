"""Free memory that the C library keeps, given back to the machine."""

from __future__ import annotations

import contextlib
import ctypes


def return_free_memory() -> None:
    """Has the C library return what was freed; it keeps it for the next time, each thread its own.

    glibc can be asked for it; with another library nothing happens.
    """
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
