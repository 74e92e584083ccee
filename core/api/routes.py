"""Kinds of addresses and routes. The convertors must be known before any route is made."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.routing import APIRoute
from starlette.convertors import StringConvertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response

NAME = "{name:model}"  # of a model, in an address


class _WithoutColon(StringConvertor):
    """A part of an address that ends before a colon, as in `{name}:predict`."""

    regex = "[^/:]+"


register_url_convertor("model", _WithoutColon())
register_url_convertor("version", _WithoutColon())


class DirectRoute(APIRoute):
    """A route that FastAPI only describes: its endpoint reads and checks the request itself.

    FastAPI's own checks would take longer than most networks.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Returns what answers a request."""
        endpoint = self.endpoint

        async def answer(request: Request) -> Response:
            response = await endpoint(request=request, **request.path_params)
            assert isinstance(response, Response)
            return response

        return answer
