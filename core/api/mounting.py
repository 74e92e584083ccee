"""The API beside the pages, in the server's own process.

It is built when it is first needed: FastAPI takes longer to import than the first page may take.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from starlette.types import ASGIApp, Receive, Scope, Send

if TYPE_CHECKING:
    from fastapi import FastAPI

    from core.api.managers import Managers

_PREFIXES = ("/v1", "/v2")
_METRICS = "/metrics"
_lock = threading.Lock()
_api: FastAPI | None = None


def api(managers: Managers) -> FastAPI:
    """Returns this process's API, which is built once.

    Args:
        managers: of the server's runs and searches.
    """
    global _api
    with _lock:
        if _api is None:
            from core.api.app import create_app
            from core.api.server import log_request

            _api = create_app(managers=managers, log=log_request)
        return _api


class WithApi:
    """ASGI middleware that hands the API's addresses to it, and all others on.

    Args:
        app: answers everything else.
        managers: of the server's runs and searches.
        base: the path below which the server's addresses are, as `server.baseUrlPath` has it.
            Defaults to the root.
    """

    def __init__(self, app: ASGIApp, managers: Managers, base: str = "") -> None:
        self._app = app
        self._managers = managers
        self._base = f"/{base.strip('/')}" if base.strip("/") else ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers as ASGI applications do."""
        path = scope.get("path", "")
        inside = path.removeprefix(self._base)
        if scope["type"] != "http" or not path.startswith(self._base) or not is_api(inside):
            await self._app(scope, receive, send)
            return
        if self._base:
            scope = {**scope, "root_path": self._base}
        answering = _api
        if answering is None:
            import anyio.to_thread

            answering = await anyio.to_thread.run_sync(api, self._managers)
        await answering(scope, receive, send)


def is_api(path: str) -> bool:
    """Returns whether a path is the API's."""
    return path == _METRICS or any(
        path == prefix or path.startswith(f"{prefix}/") for prefix in _PREFIXES
    )
