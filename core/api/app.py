"""The HTTP API as one ASGI application."""

from __future__ import annotations

from fastapi import FastAPI, Request
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from core.api import (
    documentation,
    infer,
    open_inference,
    predict,
    problems,
    reading,
    tensorflow_serving,
    training,
)
from core.api.context import Context, context_of
from core.api.guard import REQUEST_ID, Guard, Log
from core.api.managers import Managers
from core.api.metrics import CONTENT_TYPE, Metrics
from core.api.routes import Direct
from core.api.served import ServedModels
from core.api.work import Work
from core.models.store import ModelStore
from core.settings import Settings, settings

_DESCRIPTION = """
The saved models of Digit Lab over HTTP, in the forms of **TensorFlow Serving** (`/v1/models`) and
of the **Open Inference Protocol** (`/v2`), and the reading of pictures and seven-segment patterns.
Probabilities are calibrated, as on the pages. Errors are `{"error": "a sentence"}`.
"""


class Api(FastAPI):
    """FastAPI's application behind an entrance of its own, which what is asked most never leaves.

    Middleware of FastAPI would be within what takes FastAPI most of its time.
    """

    entrance: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers as ASGI applications do."""
        scope["app"] = self
        await self.entrance(scope, receive, send)

    async def find_route(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers as FastAPI does."""
        await super().__call__(scope, receive, send)


def create_app(
    limits: Settings | None = None,
    store: ModelStore | None = None,
    managers: Managers | None = None,
    log: Log | None = None,
) -> Api:
    """Makes the API.

    Args:
        limits: what it allows. Defaults to the environment's.
        store: the models. Defaults to those of the settings.
        managers: where runs and searches are, if a token allows them. Defaults to none: they are
            off.
        log: takes a line of JSON for each request. Defaults to none.
    """
    limits = limits or settings()
    store = store or ModelStore(limits.models)
    context = Context(limits, ServedModels(store), Work(limits.api_rows), Metrics())
    api = Api(
        title="Digit Lab",
        version="1",
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,  # see core.api.documentation
    )
    api.state.context = context
    problems.add_handlers(api)
    for module in (predict, infer, tensorflow_serving, open_inference, reading, documentation):
        api.include_router(module.router)
    for router in training.routers(limits, store, managers):
        api.include_router(router)
    api.add_api_route("/metrics", _metrics, include_in_schema=False)
    direct = Direct(api.find_route, routers=(predict.router, infer.router))
    api.entrance = Guard(direct, limits, context.metrics, log)
    if limits.origins:  # around the guard: a page must be able to read that it was refused
        api.entrance = _with_origins(api.entrance, limits.origins)
    return api


async def _metrics(request: Request) -> Response:
    return Response(context_of(request).metrics.exposition(), media_type=CONTENT_TYPE)


def _with_origins(app: ASGIApp, origins: tuple[str, ...]) -> ASGIApp:
    """Lets the web pages of other servers ask from a browser."""
    return CORSMiddleware(
        app,
        allow_origins=origins,
        allow_methods=["GET", "POST", "PATCH", "DELETE"],
        allow_headers=[
            "Authorization",
            "Content-Type",
            "Inference-Header-Content-Length",
            REQUEST_ID,
        ],
        expose_headers=[REQUEST_ID, "Inference-Header-Content-Length", "Retry-After"],
        max_age=3600,
    )
