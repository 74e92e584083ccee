"""Kinds of addresses and routes. The convertors must be known before any route is made."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.convertors import StringConvertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from core.api.problems import answer_to
from core.errors import DigitLabError

NAME = "{name:model}"  # of a model, in an address


class _WithoutColon(StringConvertor):
    """A part of an address that ends before a colon, as in `{name}:predict`."""

    regex = "[^/:]+"


register_url_convertor("model", _WithoutColon())
register_url_convertor("version", _WithoutColon())


class DirectRoute(APIRoute):
    """A POST route that FastAPI only describes: its endpoint reads and checks the request."""


class Direct:
    """ASGI middleware that calls the endpoints of direct routes, and hands all else on.

    FastAPI takes longer to find a route and to check a request than most networks to answer it.

    Args:
        app: answers everything else.
        routers: those with direct routes.
    """

    def __init__(self, app: ASGIApp, routers: Iterable[APIRouter]) -> None:
        self._app = app
        self._routes = [
            route for router in routers for route in router.routes if isinstance(route, DirectRoute)
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers as ASGI applications do."""
        if scope["type"] == "http" and scope["method"] == "POST":
            path = scope["path"].removeprefix(scope.get("root_path", ""))
            for route in self._routes:
                if match := route.path_regex.match(path):
                    names = match.groupdict()
                    scope["route"], scope["path_params"] = route, names
                    try:
                        response = await route.endpoint(request=Request(scope, receive), **names)
                    except (DigitLabError, HTTPException) as error:
                        response = answer_to(error)
                    await response(scope, receive, send)
                    return
        await self._app(scope, receive, send)
