"""The API beside the pages, in the server's own process.

It is built when it is first needed: FastAPI takes longer to import than the first page may take.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Receive, Scope, Send

if TYPE_CHECKING:
    from fastapi import FastAPI

_PREFIXES = ("/v1", "/v2")
_METRICS = "/metrics"
_lock = threading.Lock()
_api: FastAPI | None = None


def api() -> FastAPI:
    """Returns this process's API, which is built once."""
    global _api
    with _lock:
        if _api is None:
            from core.api.app import create_app
            from core.api.server import log_requests

            log_requests()
            _api = create_app()
        return _api


class WithApi:
    """ASGI middleware that hands the API's addresses to it, and all others on.

    Args:
        app: answers everything else.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers as ASGI applications do."""
        if scope["type"] != "http" or not is_api(scope["path"]):
            await self._app(scope, receive, send)
            return
        answering = _api
        if answering is None:
            import anyio.to_thread

            answering = await anyio.to_thread.run_sync(api)
        await answering(scope, receive, send)


def is_api(path: str) -> bool:
    """Returns whether a path is the API's."""
    return path == _METRICS or any(
        path == prefix or path.startswith(f"{prefix}/") for prefix in _PREFIXES
    )
