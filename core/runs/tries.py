"""Things that may fail and are tried again, without a flood in the log."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from core.errors import DigitLabError

_LOG = logging.getLogger(__name__)


class Tries:
    """What goes wrong now, so that the log says it once."""

    def __init__(self) -> None:
        self._troubles: dict[str, str] = {}

    def do(self, what: str, step: Callable[..., None], *arguments: Any) -> bool:
        """Does one thing, whose trouble must not end all others.

        Args:
            what: as the subject of "... does not work".
            step: the thing; whoever calls tries it again a little later.
            arguments: given to it.

        Returns:
            Whether it went well.
        """
        try:
            step(*arguments)
        except Exception as error:
            if self._troubles.get(what) != repr(error):
                self._troubles[what] = repr(error)
                known = isinstance(error, DigitLabError)
                _LOG.error("%s does not work: %s", what, error, exc_info=not known)
            return False
        self._troubles.pop(what, None)
        return True
