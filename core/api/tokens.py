"""Who may train over HTTP: whoever has the server's token, which counts as one person.

Without DIGIT_LAB_API_TOKEN nobody may, and the addresses say so.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from core.api.problems import Refused

OFF = (
    "Training over HTTP is off on this server. Whoever runs it can set DIGIT_LAB_API_TOKEN to turn"
    " it on."
)
MISSING = "This address needs the server's token, as in the header “Authorization: Bearer TOKEN”."
WRONG = "This is not the server's token."
_ASK = {"WWW-Authenticate": "Bearer"}
_SCHEME = HTTPBearer(
    auto_error=False,
    scheme_name="token",
    description="What DIGIT_LAB_API_TOKEN is set to on the server.",
)
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


class Token:
    """The server's token, of which only a digest is kept.

    Args:
        token: as it was set.

    Attributes:
        person: the id under which whoever has it owns runs and models.
    """

    def __init__(self, token: str) -> None:
        self._digest = _digest(token)
        self.person = hashlib.sha256(b"digit lab, person of " + self._digest).hexdigest()[:32]

    def check(
        self,
        given: Annotated[HTTPAuthorizationCredentials | None, Depends(_SCHEME)],
    ) -> None:
        """Refuses a request that does not bring the token."""
        if given is None:
            raise Refused(401, MISSING, _ASK)
        # Of digests, so that the time tells nothing of the length either.
        if not hmac.compare_digest(_digest(given.credentials), self._digest):
            raise Refused(401, WRONG, _ASK)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def refusing_router(*prefixes: str) -> APIRouter:
    """Returns routes that say that training over HTTP is off.

    Args:
        prefixes: the addresses at and below which they answer.
    """
    router = APIRouter(include_in_schema=False)

    async def refuse() -> None:
        raise Refused(403, OFF)

    for prefix in prefixes:
        for path in (prefix, prefix + "/{rest:path}"):
            router.add_api_route(path, refuse, methods=METHODS)
    return router
