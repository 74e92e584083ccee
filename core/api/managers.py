"""The runs and searches that the API starts and follows: the page's own, or those of `serve`.

Nothing of them is loaded before somebody asks: the database, and the worker processes even later,
at the first run.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeVar

import anyio
import anyio.to_thread

from core.settings import Settings

if TYPE_CHECKING:
    from core.database import Database
    from core.runs.manager import Runs
    from core.search.manager import Searches
    from core.workers.pool import Workers

T = TypeVar("T")
THREADS = 4  # that ask the managers at a time: each may wait for the database


class Managers(Protocol):
    """Where the runs and searches of a server are."""

    def runs(self) -> Runs:
        """Returns the runs; raises DatabaseUnavailable if they cannot be stored."""
        ...

    def searches(self) -> Searches:
        """Returns the searches; raises DatabaseUnavailable if they cannot be stored."""
        ...


class OwnManagers:
    """The managers of a server without pages, made when they are first asked for.

    Args:
        settings: how much one run and one person may have.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.RLock()
        self._database: Database | None = None
        self._workers: Workers | None = None
        self._runs: Runs | None = None
        self._searches: Searches | None = None

    def runs(self) -> Runs:
        """Returns the runs; raises DatabaseUnavailable if they cannot be stored."""
        from core.database import Database
        from core.runs.manager import Runs
        from core.workers.pool import Workers

        with self._lock:
            if self._runs is None:
                self._workers = self._workers or Workers()
                self._database = self._database or Database()
                self._runs = Runs(self._database, self._workers, self._settings)
            return self._runs

    def searches(self) -> Searches:
        """Returns the searches; raises DatabaseUnavailable if they cannot be stored."""
        from core.search.manager import Searches

        with self._lock:
            if self._searches is None:
                runs = self.runs()
                assert self._database is not None
                assert self._workers is not None
                self._searches = Searches(self._database, runs, self._workers)
            return self._searches

    def close(self) -> None:
        """Ends what was begun; runs under way go on with the next server."""
        with self._lock:
            for each in (self._searches, self._runs, self._workers, self._database):
                if each is not None:
                    each.close()


class Desk:
    """Asks the managers in threads of its own, so that predictions do not wait.

    Args:
        managers: the managers.
    """

    def __init__(self, managers: Managers) -> None:
        self._managers = managers
        self._limiter = anyio.CapacityLimiter(THREADS)

    async def runs(self, ask: Callable[[Runs], T]) -> T:
        """Returns what the runs answer."""
        return await self._ask(lambda: ask(self._managers.runs()))

    async def searches(self, ask: Callable[[Searches], T]) -> T:
        """Returns what the searches answer."""
        return await self._ask(lambda: ask(self._managers.searches()))

    async def _ask(self, work: Callable[[], T]) -> T:
        return await anyio.to_thread.run_sync(work, limiter=self._limiter)
