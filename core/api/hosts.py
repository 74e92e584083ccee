"""Which names this server answers to, and which pages may connect to it.

A page on the internet can point a name of its own at a visitor's computer (DNS rebinding) and then
talk to a server there as if it were its own. No page can do that with a number, or with a name
that is not its own.
"""

from __future__ import annotations

import ipaddress
import socket
from functools import cache, lru_cache
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from core.errors import InvalidInput

ANY = "*"


def is_loopback(host: str) -> bool:
    """Returns whether a host's name or number means the very computer that uses it."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@cache
def named_hosts() -> frozenset[str]:
    """Returns the names that DIGIT_LAB_HOSTS lists, in lower case."""
    from core.settings import settings  # slow to load: the server's process imports this module

    named = (settings().hosts or "").split(",")
    return frozenset(_bare(name) for name in named if name.strip())


@lru_cache(maxsize=64)  # names come from outside, and may be long
def is_known(host: str, named: frozenset[str]) -> bool:
    """Returns whether a browser may use this name for the server.

    Args:
        host: as in an HTTP request's Host header, with or without a port.
        named: further names to accept; ANY accepts all.
    """
    name = _hostname(host)
    if name is None:
        return False
    return ANY in named or _is_number(name) or is_loopback(name) or name in named | _own_names()


def may_connect(origin: str | None, host: str, named: frozenset[str]) -> bool:
    """Returns whether a page may open a connection to the server at this host.

    Args:
        origin: the page's scheme, host and port; None from a program that is no browser.
        host: as in the request.
        named: further names whose pages may: those of a proxy that does not pass the host on.
    """
    if origin is None or ANY in named:
        return True
    place = urlsplit(origin).netloc
    return place.lower() == host.lower() or _hostname(place) in named


class HostGuard:
    """Refuses requests under a name that is not this server's, and connections of other pages."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers as ASGI applications do."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        is_connection = scope["type"] == "websocket"
        try:
            named = named_hosts()
        except InvalidInput as error:  # whoever started it sees why, and a health check fails
            words = f"This server's settings are wrong. {error}\n"
            if is_connection:
                await send({"type": "websocket.close", "code": 1011})
            else:
                await PlainTextResponse(words, status_code=500)(scope, receive, send)
            return
        if is_known(host, named) and (
            not is_connection or may_connect(headers.get("origin"), host, named)
        ):
            await self._app(scope, receive, send)
        elif is_connection:
            await send({"type": "websocket.close", "code": 1008})
        else:
            words = (
                f"This server does not answer to the name {host[:80]!r}. Whoever runs it can"
                " name it in DIGIT_LAB_HOSTS.\n"
            )
            await PlainTextResponse(words, status_code=400)(scope, receive, send)


@cache
def _own_names() -> frozenset[str]:
    """Returns this computer's names: its own, in full and in short, and the one on its network."""
    name = _bare(socket.gethostname())
    short = name.partition(".")[0]
    return frozenset({name, short, f"{short}.local"})


def _hostname(place: str) -> str | None:
    """Returns the name or number in "host:port"; None if there is none."""
    try:
        parts = urlsplit(f"//{place}")
        name, _ = parts.hostname, parts.port  # a port that is no number is noticed here
    except ValueError:
        return None
    return _bare(name) if name and parts.netloc == place and "@" not in place else None


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _bare(name: str) -> str:
    return name.strip().lower().rstrip(".")
