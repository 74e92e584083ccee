"""What a client did wrong, told in the one form that both protocols share: {"error": sentence}."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from core.errors import (
    DatabaseUnavailable,
    DigitLabError,
    ModelExists,
    ModelProtected,
    ModelUnusable,
    NoSuchRun,
    NoSuchSearch,
    NothingDrawn,
    WorkersUnavailable,
)

FAULT = "Something went wrong in the server."
_SHOWN = 80  # characters of a wrong value
_STATUSES: tuple[tuple[type[DigitLabError], int], ...] = (
    (NothingDrawn, 422),
    (ModelUnusable, 404),
    (ModelExists, 409),
    (ModelProtected, 409),
    (NoSuchRun, 404),
    (NoSuchSearch, 404),
    (DatabaseUnavailable, 503),
    (WorkersUnavailable, 503),
)
_BY_ROUTER = {
    404: "There is nothing at this address. /v1/docs lists what there is.",
    405: "This address does not answer to that method.",
}


class Problem(BaseModel):
    """The answer to a request that could not be answered."""

    error: str = Field(description="what was wrong, in a sentence")


_MEANINGS = {
    400: "The request is not of the form that is described here.",
    401: "The server's token is missing or wrong.",
    403: "A web page of another server asks, which is not let in here.",
    404: "There is nothing of that name, or it has no such version.",
    408: "The body took too long to arrive.",
    409: "What is asked for is not there yet, or something of that name is there already.",
    413: "The body, or the number of rows, is above this server's limit.",
    415: "The body is compressed, or of a kind that is not read here.",
    422: "The picture holds no ink.",
    429: "This client asks more often than this server allows; see Retry-After.",
    503: "The server has too much to do, or something that it needs cannot be reached.",
    504: "The answer took too long.",
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describes the errors of a route for OpenAPI; those of every route are always among them."""
    return {
        status: {"model": Problem, "description": _MEANINGS[status]}
        for status in sorted({400, 403, 429, 503, 504, *statuses})
    }


class Refused(HTTPException):
    """A request that is not answered; the detail is the sentence."""

    def __init__(
        self, status: int, sentence: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status, sentence, headers)


def problem(status: int, sentence: str, headers: Mapping[str, str] | None = None) -> Response:
    """Returns the answer that says what is wrong."""
    return Response(
        orjson.dumps({"error": sentence}), status, headers, media_type="application/json"
    )


def shown(value: object) -> str:
    """Returns a value from outside as a sentence quotes it: short, whatever it holds."""
    return ascii(value)[:_SHOWN]


def answer_to(error: DigitLabError | HTTPException) -> Response:
    """Returns the answer to a request that raised an error on purpose."""
    if isinstance(error, DigitLabError):
        status = next((code for kind, code in _STATUSES if isinstance(error, kind)), 400)
        return problem(status, str(error))
    by_router = not isinstance(error, Refused) and error.status_code in _BY_ROUTER
    sentence = _BY_ROUTER[error.status_code] if by_router else str(error.detail)
    return problem(error.status_code, sentence, error.headers)


def add_handlers(api: FastAPI) -> None:
    """Has every error of the API answered in that form."""

    @api.exception_handler(DigitLabError)
    @api.exception_handler(HTTPException)
    async def on_purpose(request: Request, error: DigitLabError | HTTPException) -> Response:
        return answer_to(error)

    @api.exception_handler(Exception)
    async def by_mistake(request: Request, error: Exception) -> Response:
        return problem(500, FAULT)

    @api.exception_handler(RequestValidationError)
    async def wrong(request: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        return problem(400, f"{place}: {first['msg']}.")
