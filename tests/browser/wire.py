"""The connection between a page and its server, which a test can cut."""

from __future__ import annotations

from playwright.sync_api import Page, Route, WebSocketRoute

STREAM = "**/_stcore/stream*"
HEALTH = "**/_stcore/health*"


class Wire:
    """A page's connection. Make it before the page is opened."""

    def __init__(self, page: Page) -> None:
        self._is_cut = False
        self._open: list[WebSocketRoute] = []
        page.route_web_socket(STREAM, self._connect)
        page.route(HEALTH, self._answer)

    def cut(self) -> None:
        """Ends the connection, as a lost network does; no new one can be made."""
        self._is_cut = True
        for socket in self._open:
            socket.close()
        self._open.clear()

    def mend(self) -> None:
        """Lets the browser connect again, which it tries by itself."""
        self._is_cut = False

    def _connect(self, socket: WebSocketRoute) -> None:
        if self._is_cut:
            socket.close()
            return
        socket.connect_to_server()
        self._open.append(socket)

    def _answer(self, route: Route) -> None:
        if self._is_cut:
            route.abort()
        else:
            route.continue_()
