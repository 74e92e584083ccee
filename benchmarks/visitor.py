"""A visitor without a browser: speaks the app's protocol, so that many of them cost little."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

LIMIT = 60.0  # seconds for one answer
_FINISHED = {ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_WITH_COMPILE_ERROR}


class NoAnswer(Exception):
    """The script of a page did not end in time, or the connection was closed."""


@dataclass
class Answer:
    """What one run of a page's script has sent.

    Args:
        buttons: the identifiers of the page's buttons, by label.
        exceptions: messages of those that reached the page.
    """

    buttons: dict[str, str] = field(default_factory=dict)
    exceptions: list[str] = field(default_factory=list)

    def take(self, delta: Delta) -> None:
        """Notes what a change of the page holds."""
        if delta.WhichOneof("type") != "new_element":
            return
        element = delta.new_element
        match element.WhichOneof("type"):
            case "button":
                self.buttons[element.button.label] = element.button.id
            case "exception":
                self.exceptions.append(f"{element.exception.type}: {element.exception.message}")


class Visitor:
    """One open page."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection
        self._page = self._query = ""

    async def open(self, page: str = "", parameters: Mapping[str, str] = {}) -> Answer:
        """Opens a page, as a link does."""
        self._page, self._query = page, urlencode(parameters)
        return await self._ask(self._message())

    async def press(self, button: str) -> Answer:
        """Presses a button.

        Args:
            button: its identifier.
        """
        message = self._message()
        state = message.rerun_script.widget_states.widgets.add()
        state.id, state.trigger_value = button, True
        return await self._ask(message)

    def _message(self) -> BackMsg:
        """Returns a message that names the page: without one the start page would be run."""
        message = BackMsg()
        message.rerun_script.page_name = self._page
        message.rerun_script.query_string = self._query
        return message

    async def _ask(self, message: BackMsg) -> Answer:
        await self._connection.send(message.SerializeToString())
        answer = Answer()
        try:
            async with asyncio.timeout(LIMIT):
                async for data in self._connection:
                    if not isinstance(data, bytes):
                        continue
                    told = ForwardMsg.FromString(data)
                    kind = told.WhichOneof("type")
                    if kind == "delta":
                        answer.take(told.delta)
                    elif kind == "script_finished" and told.script_finished in _FINISHED:
                        return answer
        except TimeoutError as error:
            raise NoAnswer(f"no answer within {LIMIT:.0f} s") from error
        raise NoAnswer("the connection was closed")


@asynccontextmanager
async def visitor(address: str) -> AsyncIterator[Visitor]:
    """Connects a new visitor, who leaves at the end.

    Args:
        address: of the server, with http.
    """
    place = address.replace("http", "ws", 1).rstrip("/")
    async with connect(
        f"{place}/_stcore/stream", subprotocols=[Subprotocol("streamlit")], max_size=None
    ) as connection:
        yield Visitor(connection)
