"""Where the API computes: in threads of its own, so that neither pages nor requests wait.

A route is a coroutine that reads the body; what takes time runs here. The pages' threads are not
used: a busy client must not make the pages slow.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar

import anyio
import anyio.to_thread
from starlette.requests import Request

from core.api.problems import Refused
from core.api.served import Served

T = TypeVar("T")
SHORT = 200_000  # bytes of a request; a longer one takes a moment to read, whatever is in it
LARGE = 1_000_000  # bytes of a request


class Work:
    """The threads of one API.

    Args:
        rows: most rows in one request.
    """

    def __init__(self, rows: int) -> None:
        self.rows = rows
        self._answers = anyio.CapacityLimiter(max(4, os.cpu_count() or 1))
        # Pictures are decoded one at a time: those that wait must not be in others' way.
        self._pictures = anyio.CapacityLimiter(2)
        # Lists take up to thirty times the memory of the text that they were written in.
        self._large = anyio.CapacityLimiter(1)

    async def ask(
        self,
        served: Served,
        body: bytes,
        function: Callable[[Served], T],
        *,
        numbers: int = 0,
        pictures: bool = False,
    ) -> T:
        """Runs what asks a model: at once, if that is quicker than to wait for a thread.

        Args:
            served: the model.
            body: the request.
            function: reads the request, asks the model and writes the answer.
            numbers: most numbers that can be in it. Defaults to what its commas part.
            pictures: whether picture files are in the request. Defaults to False.
        """
        short = len(body) <= SHORT and not pictures
        if short and served.answers_at_once(numbers or body.count(b",") + 1):
            return function(served)
        token = object()
        served.under_way.add(token)
        limiter = self._large if len(body) > LARGE else self._answers

        def in_thread() -> T:
            begun.append(True)
            try:
                return function(served)
            finally:
                served.under_way.discard(token)

        begun: list[bool] = []
        try:
            return await _run(in_thread, self._pictures if pictures else limiter)
        finally:
            if not begun:  # its time was over before a thread was free
                served.under_way.discard(token)

    async def answer(self, function: Callable[[], T]) -> T:
        """Runs what takes a moment; given up when the request's time is over."""
        return await _run(function, self._answers)

    async def picture(self, function: Callable[[], T]) -> T:
        """Runs what decodes pictures."""
        return await _run(function, self._pictures)

    def count(self, request: Request, rows: int) -> None:
        """Notes the rows of a request for the log and the counters.

        Raises:
            Refused: if there are too many.
        """
        self.check(rows)
        request.scope["rows"] = rows

    def check(self, rows: int) -> None:
        """Raises Refused if a request has too many rows, before any work is put into them."""
        if rows > self.rows:
            raise Refused(
                413,
                f"A request may have {self.rows:,} rows on this server (DIGIT_LAB_API_ROWS)."
                f" Received: {rows:,}",
            )


async def _run(function: Callable[[], T], limiter: anyio.CapacityLimiter) -> T:
    return await anyio.to_thread.run_sync(function, abandon_on_cancel=True, limiter=limiter)
