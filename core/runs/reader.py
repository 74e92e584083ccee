"""The events of runs that this server does not follow, read as they come."""

from __future__ import annotations

import threading
from collections import OrderedDict

from core.runs.info import RunInfo
from core.runs.repository import RunRepository
from core.training.events import Event

MOST = 30  # runs of other servers whose events are remembered


class EventReader:
    """Reads runs' events. Of one under way, which pages ask for again and again, only new ones.

    Args:
        repository: where they are stored.
    """

    def __init__(self, repository: RunRepository) -> None:
        self._repository = repository
        self._lock = threading.Lock()
        self._known: OrderedDict[str, list[Event]] = OrderedDict()

    def events(self, info: RunInfo) -> list[Event]:
        """Returns all that a run has emitted, as far as it is stored, oldest first.

        Raises:
            UnreadableRun: if this version does not understand it.
            DatabaseUnavailable: if it cannot be read.
        """
        with self._lock:
            known = self._known.pop(info.id, [])
        every = [*known, *self._repository.events(info.id, first=len(known))]
        if info.under_way:
            with self._lock:
                self._known[info.id] = every
                while len(self._known) > MOST:
                    self._known.popitem(last=False)
        return every
