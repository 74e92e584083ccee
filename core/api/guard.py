"""What every request passes: its id, the limits, the clock, the log and the counters."""

from __future__ import annotations

import asyncio
import logging
import math
import random
import re
import time
from collections import OrderedDict
from collections.abc import Callable

import orjson
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.api.hosts import ANY, may_connect, named_hosts
from core.api.metrics import UNMATCHED, Metrics
from core.api.problems import FAULT, Refused, problem
from core.settings import Settings

Log = Callable[[bytes], object]
_LOG = logging.getLogger("digit_lab.api")
REQUEST_ID = "X-Request-ID"
_ID_HEADER = REQUEST_ID.lower().encode()
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")  # nothing that could forge a line or a header
_MEGABYTE = 1_000_000
_MAX_CLIENTS = 10_000  # whose rate is remembered
_SAFE = ("GET", "HEAD", "OPTIONS")  # they change nothing and compute nothing
_UNLIMITED = ("/v2/health/", "/metrics")  # a server with too much to do must still say so


class Rate:
    """How often each client may ask: a bucket of two seconds' requests that is filled again.

    Args:
        per_second: requests that one client may send a second, in the long run.
    """

    def __init__(self, per_second: int) -> None:
        self._per_second = per_second
        self._clients: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, client: str, now: float) -> float:
        """Counts a request; returns the seconds until the client may ask again, 0 if it may now."""
        most = 2.0 * self._per_second
        left, when = self._clients.pop(client, (most, now))
        left = min(most, left + (now - when) * self._per_second)
        allowed = left >= 1
        self._clients[client] = (left - 1 if allowed else left, now)
        while len(self._clients) > _MAX_CLIENTS:
            self._clients.popitem(last=False)
        return 0.0 if allowed else (1 - left) / self._per_second


class Guard:
    """ASGI middleware around all routes of the API.

    Args:
        app: the routes.
        settings: the limits.
        metrics: where requests are counted.
        log: takes a line of JSON for each request. Defaults to none.
    """

    def __init__(
        self, app: ASGIApp, settings: Settings, metrics: Metrics, log: Log | None = None
    ) -> None:
        self._app = app
        self._settings = settings
        self._metrics = metrics
        self._log = log
        self._rate = Rate(settings.api_rate)
        self._origins = frozenset(settings.origins)
        self._most = settings.api_megabytes * _MEGABYTE
        self._in_flight = 0
        metrics.follow_in_flight(lambda: self._in_flight)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers as ASGI applications do."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = _Request(scope, receive, send, self._most)
        started = time.perf_counter()
        self._in_flight += 1
        try:
            if refusal := self._refusal(scope, request.headers):
                await problem(refusal.status_code, refusal.detail, refusal.headers)(
                    scope, receive, request.send
                )
            else:
                await self._answer(request)
        finally:
            self._in_flight -= 1
            self._tell(request, time.perf_counter() - started)

    def _refusal(self, scope: Scope, headers: Headers) -> Refused | None:
        """Returns why a request is not even looked at, or None."""
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if not path.startswith(_UNLIMITED):
            if self._in_flight > self._settings.api_requests:
                return Refused(
                    503, "The server has too much to do. Ask again soon.", {"Retry-After": "1"}
                )
            client = scope.get("client") or ("",)
            if wait := self._rate.wait(client[0], time.monotonic()):
                return Refused(
                    429,
                    f"One client may ask {self._settings.api_rate} times a second"
                    " (DIGIT_LAB_API_RATE). Ask again later.",
                    {"Retry-After": str(math.ceil(wait))},
                )
        if scope["method"] not in _SAFE and not self._may_ask(headers):
            return Refused(
                403,
                "Web pages of other servers may not ask this one. Whoever runs it can name them in"
                " DIGIT_LAB_API_ORIGINS.",
            )
        encoding = headers.get("content-encoding", "identity").strip().lower()
        if encoding not in ("", "identity"):
            return Refused(415, "Compressed bodies are not read. Send the body as it is.")
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdecimal()):
            return Refused(400, "The header Content-Length is not a whole number.")
        if len(length) > 15 or int(length) > self._most:
            return _too_large(self._settings.api_megabytes)
        return None

    def _may_ask(self, headers: Headers) -> bool:
        """Whether a request comes from no page, from one of this server, or from one let in.

        A browser sends what a foreign page asks for, and only keeps the answer from it: the work
        would be done.
        """
        origin = headers.get("origin")
        if origin is None or not self._origins.isdisjoint((ANY, origin)):
            return True
        return may_connect(origin, headers.get("host", ""), named_hosts())

    async def _answer(self, request: _Request) -> None:
        seconds = self._settings.api_seconds
        try:
            async with asyncio.timeout(seconds) as request.clock:
                try:
                    await self._app(request.scope, request.receive, request.send)
                except ClientDisconnect:
                    pass  # nobody is there to be answered
                except Exception:
                    _LOG.exception("The request %s failed.", request.id)
                    if not request.status:
                        await request.refuse(500, FAULT)
        except TimeoutError:
            if request.status:
                return  # its time was over just as the answer began
            if request.is_whole:
                await request.refuse(504, f"The answer took longer than {seconds} seconds.")
            else:
                await request.refuse(408, f"The body took longer than {seconds} seconds.")

    def _tell(self, request: _Request, seconds: float) -> None:
        """Counts a request, and writes its line."""
        scope = request.scope
        route = getattr(scope.get("route"), "path_format", UNMATCHED)
        rows = int(scope.get("rows", 0))
        status = request.status or 499  # the client went before it had an answer
        self._metrics.count(route, scope["method"], status, seconds, rows)
        if self._log is not None:
            line = {
                "time": round(time.time(), 3),
                "id": request.id,
                "method": scope["method"][:10],
                "route": route,
                "status": status,
                "ms": round(1000 * seconds, 2),
                "rows": rows,
            }
            self._log(orjson.dumps(line) + b"\n")


class _Request:
    """A request under way: what has come of its body, and what was answered."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, most: int) -> None:
        self.scope = scope
        self.headers = Headers(scope=scope)
        given = self.headers.get(REQUEST_ID, "")
        self.id = given if _ID.fullmatch(given) else f"{random.getrandbits(128):032x}"
        self.status = 0
        self.is_whole = False
        self.clock: asyncio.Timeout | None = None
        self._receive, self._send = receive, send
        self._left, self._most = most, most

    async def receive(self) -> Message:
        """Receives the next part of the body, if it is not too large."""
        message = await self._receive()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            self.is_whole = not message.get("more_body", False)
            if self._left < 0:
                raise _too_large(self._most // _MEGABYTE)
        return message

    async def send(self, message: Message) -> None:
        """Sends a part of the answer; once it has begun, the clock is stopped."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message.get("headers", ()), (_ID_HEADER, self.id.encode())]
            if self.clock is not None and not self.clock.expired():
                self.clock.reschedule(None)
        await self._send(message)

    async def refuse(self, status: int, sentence: str) -> None:
        """Answers that it is not answered."""
        await problem(status, sentence)(self.scope, self._receive, self.send)


def _too_large(megabytes: int) -> Refused:
    return Refused(413, f"A body may have {megabytes} MB on this server (DIGIT_LAB_API_MEGABYTES).")
