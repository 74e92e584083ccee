"""The runs and searches of the pages, for programs that ask over HTTP.

Nothing is imported here: the server's process imports this module before it can answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.runs.manager import Runs
    from core.search.manager import Searches


class PageManagers:
    """The managers that the pages use, so that a run started over HTTP is one like any other.

    Programs give commands with their token, so the password of people is not asked for.
    """

    def runs(self) -> Runs:
        """Returns the runs; raises DatabaseUnavailable if they cannot be stored."""
        from ui.services import server

        return server.unguarded_runs()

    def searches(self) -> Searches:
        """Returns the searches; raises DatabaseUnavailable if they cannot be stored."""
        from ui.services import server

        return server.unguarded_searches()
