"""Reading, as on the pages: a picture of a digit or a number, and seven-segment patterns."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.datastructures import UploadFile
from starlette.responses import Response

from core.api import examples
from core.api.context import context_of
from core.api.problems import Refused, problems
from core.api.served import Served
from core.api.tensors import parse_json, write_json
from core.inference.reading import Reading, extract_ink, read
from core.schema import explain
from core.segments.patterns import to_inputs

TASK_OF_PICTURES, TASK_OF_PATTERNS = "handwritten", "seven-segment"
FORM, FILE = "multipart/form-data", "file"

router = APIRouter(tags=["Reading"])
ModelName = Annotated[
    str | None,
    Query(description="the model to read with; the task's usual one if left out", max_length=100),
]


class DigitRead(BaseModel):
    """A digit of a number."""

    box: list[int | float] = Field(description="left, top, width, height in pixels of the picture")
    digit: int
    confidence: float


class PictureRead(BaseModel):
    """How a picture was read."""

    model: str
    read_as: Literal["digit", "number"] | None = Field(
        description="null: it looks neither like a digit nor like a number"
    )
    text: str | None = Field(description="the digit or the number: text, for leading zeros count")
    digit: int = Field(description="the most probable class, if it is one digit")
    confidence: float = Field(description="its probability")
    probabilities: list[float] = Field(description="of each class")
    recognised: bool = Field(description="whether it looks like one digit at all")
    number: str | None = Field(description="its digits from left to right, read as a number")
    digits: list[DigitRead]
    problem: str | None = Field(None, description="why it could not be read as a number")


class SegmentsRequest(BaseModel):
    """Patterns of a display, each with seven characters 0 or 1 for the segments a to g."""

    model_config = ConfigDict(strict=True, extra="forbid")

    patterns: str | list[str] = Field(description='"1111110", or a list of such')


class PatternRead(BaseModel):
    """How a pattern was read."""

    pattern: str
    digit: int
    confidence: float
    probabilities: list[float]


class SegmentsRead(BaseModel):
    """How patterns were read."""

    model: str
    answers: list[PatternRead]


_PICTURE_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            FORM: {
                "schema": {
                    "type": "object",
                    "properties": {FILE: {"type": "string", "format": "binary"}},
                    "required": [FILE],
                }
            },
            "image/*": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


@router.post(
    "/v1/read",
    response_model=PictureRead,
    responses=problems(404, 408, 413, 415, 422),
    openapi_extra=_PICTURE_BODY,
)
async def read_picture(request: Request, model: ModelName = None) -> Response:
    """Reads a picture file (PNG, JPEG, WebP, BMP, GIF, TIFF) of a digit or a number."""
    context = context_of(request)
    data = await _file(request)

    def answer() -> bytes:
        served = context.models.for_task(TASK_OF_PICTURES, model)
        reading = read(extract_ink(data), served.classifier, number="always")
        context.work.count(request, 1)
        return write_json({"model": served.model.name} | _summary(reading) | reading.to_json())

    return Response(await context.work.picture(answer), media_type="application/json")


async def _file(request: Request) -> bytes:
    """Returns the picture file in a body: the body itself, or the one file of a form."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM:
        return await request.body()
    async with request.form(max_files=1, max_fields=10) as form:
        file = form.get(FILE)
        if not isinstance(file, UploadFile):
            raise Refused(400, f"The form has no file called {FILE!r}.")
        return await file.read()


def _summary(reading: Reading) -> dict[str, Any]:
    if reading.prediction.recognised:
        return {"read_as": "digit", "text": str(reading.prediction.digit)}
    if number := reading.likely_number:
        return {"read_as": "number", "text": number.text}
    return {"read_as": None, "text": None}


@router.post(
    "/v1/segments",
    response_model=SegmentsRead,
    responses=problems(404, 408, 413, 415),
    openapi_extra=examples.body(SegmentsRequest, examples.SEGMENTS),
)
async def read_segments(request: Request, model: ModelName = None) -> Response:
    """Reads patterns of a seven-segment display."""
    context = context_of(request)
    body = await request.body()

    def answer(served: Served) -> bytes:
        patterns = _patterns(body)
        context.work.count(request, len(patterns))
        answers = served.classifier.answers(to_inputs(*patterns)) if patterns else []
        return write_json(
            {
                "model": served.model.name,
                "answers": [
                    {
                        "pattern": pattern,
                        "digit": prediction.digit,
                        "confidence": prediction.confidence,
                        "probabilities": prediction.probabilities,
                    }
                    for pattern, prediction in zip(patterns, answers, strict=True)
                ],
            }
        )

    served = await context.work.answer(lambda: context.models.for_task(TASK_OF_PATTERNS, model))
    most = math.prod(served.model.task.input_shape) * (body.count(b",") + 1)
    text = await context.work.ask(served, body, answer, numbers=most)
    return Response(text, media_type="application/json")


def _patterns(body: bytes) -> list[str]:
    try:
        wanted = SegmentsRequest.model_validate(parse_json(body)).patterns
    except ValidationError as error:
        raise Refused(400, f"This is not a list of patterns: {explain(error)}") from error
    return [wanted] if isinstance(wanted, str) else wanted
