"""What the server owns, from its start to its end.

Streamlit's caches are for what can be made again: any visitor can clear them, from the page's menu
or by a message.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

_OWNED: dict[Callable[[], Any], Any] = {}
_LOCK = threading.RLock()


def owned(make: Callable[[], T]) -> Callable[[], T]:
    """Has the server keep what a function returns at its first call; an error is not kept."""

    @functools.wraps(make)
    def get() -> T:
        with _LOCK:
            if get not in _OWNED:
                _OWNED[get] = make()
            found: T = _OWNED[get]
            return found

    return get


def let_go() -> list[Any]:
    """Forgets everything, and returns it, the newest first."""
    with _LOCK:
        found = [*_OWNED.values()][::-1]
        _OWNED.clear()
        return found
