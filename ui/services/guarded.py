"""Objects of the server whose commands need the password, where there is one.

Whatever is not known to only look counts as a command, so that none can be forgotten.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar, cast

T = TypeVar("T")

# What only looks, and so is open to everybody.
READS: frozenset[str] = frozenset(
    {
        # of runs
        "check_size",
        "get",
        "history",
        "of",
        "result",
        "unreadable",
        # of handwriting
        "arrays",
        "counts",
        # of tables
        "has",
    }
)


class _Guarded:
    """Passes everything on, but checks before a command whether its giver may give it."""

    def __init__(self, target: object, check: Callable[[str], None]) -> None:
        self._target, self._check = target, check

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._target, name)
        if name in READS or not callable(found):
            return found
        signature = inspect.signature(found)

        @functools.wraps(found)
        def command(*args: Any, **kwargs: Any) -> Any:
            # One without an owner is nobody's to give.
            self._check(signature.bind(*args, **kwargs).arguments.get("owner", ""))
            return found(*args, **kwargs)

        return command


def guarded(target: T, check: Callable[[str], None]) -> T:
    """Returns an object whose commands are checked before they are carried out.

    Args:
        target: the object; its commands have an argument `owner`.
        check: `(person)`: raises an error if that person may give no commands.
    """
    return cast(T, _Guarded(target, check))
