"""Giving memory back to the machine once a worker process has nothing to do."""

from __future__ import annotations

import contextlib
import gc
import sys
import threading
from collections.abc import Callable, Iterator

from core.memory import return_free_memory

REST_SECONDS = 3.0  # after the last job: the next one may need the same again


def release_memory() -> None:
    """Drops what Keras keeps of networks that are gone, and returns free memory to the machine."""
    keras = sys.modules.get("keras")
    if keras is not None:
        keras.backend.clear_session()
    gc.collect()
    return_free_memory()


class Attendance:
    """Knows whether a process has work to do, and has something done soon after it has none.

    Args:
        when_idle: done once nothing has been done for a while; no job begins meanwhile.
        seconds: how long a while is.
    """

    def __init__(
        self, when_idle: Callable[[], None] = release_memory, *, seconds: float = REST_SECONDS
    ) -> None:
        self._when_idle = when_idle
        self._seconds = seconds
        self._lock = threading.Lock()
        self._jobs = 0
        self._timer: threading.Timer | None = None

    @contextlib.contextmanager
    def job(self) -> Iterator[None]:
        """Spans a job."""
        with self._lock:
            self._jobs += 1
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
        try:
            yield
        finally:
            with self._lock:
                self._jobs -= 1
                if not self._jobs:
                    self._timer = threading.Timer(self._seconds, self._rest)
                    self._timer.daemon = True
                    self._timer.start()

    def _rest(self) -> None:
        with self._lock:
            if not self._jobs:
                self._when_idle()
