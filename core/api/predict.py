"""TensorFlow Serving's :predict: rows in JSON, and pictures in base64, answered by a model.

Source: the TensorFlow Serving documentation, "RESTful API".
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any

import numpy as np
from fastapi import APIRouter, Request
from numpy.typing import NDArray
from pydantic import BaseModel, Field
from starlette.responses import Response

from core.api import examples
from core.api.context import context_of
from core.api.plain_rows import plain_rows
from core.api.problems import Refused, problems, shown
from core.api.routes import NAME, DirectRoute
from core.api.served import Served
from core.api.signatures import (
    DEFAULT,
    INPUT,
    PICTURE_INPUT,
    Signature,
    outputs_of,
    picture_input,
    reads_pictures,
    signature_of,
)
from core.api.tensors import MAX_WHOLE, parse_json, to_array, write_json, write_not_finite
from core.errors import DigitLabError
from core.models.saved_model import SavedModel

MAX_PICTURES = 100  # in one request: each takes some hundredths of a second

router = APIRouter(tags=["TensorFlow Serving"], route_class=DirectRoute)


class PredictRequest(BaseModel):
    """Rows to predict: `instances` or `inputs`, not both."""

    signature_name: str = Field(
        "", description="serving_default if left out; `answer` for all outputs, `picture` for files"
    )
    instances: list[Any] | None = Field(
        None,
        description='rows: nested lists, {"input": list}, or {"b64": text} for a picture file',
    )
    inputs: Any = Field(None, description='all rows in one nested list, or {"input": that list}')


class RowPredictions(BaseModel):
    """An answer to `instances`: a row each, with names where there are several outputs."""

    predictions: list[Any]


class ColumnPredictions(BaseModel):
    """An answer to `inputs`: one nested list, or one for each named output."""

    outputs: Any


_PREDICT: dict[str, Any] = {
    "response_model": RowPredictions | ColumnPredictions,
    "responses": problems(404, 408, 413, 415, 422),
    "openapi_extra": examples.body(PredictRequest, examples.PREDICT),
}


@router.post(f"/v1/models/{NAME}:predict", **_PREDICT)
async def predict(name: examples.Name, request: Request) -> Response:
    """Predicts rows, in row format (`instances`) or column format (`inputs`)."""
    return await _predict(name, None, request)


@router.post(f"/v1/models/{NAME}/versions/{{version:version}}:predict", **_PREDICT)
async def version_predict(
    name: examples.Name, version: examples.Version, request: Request
) -> Response:
    """Predicts rows with a version of a model."""
    return await _predict(name, version, request)


async def _predict(name: str, version: str | None, request: Request) -> Response:
    context = context_of(request)
    body = await request.body()

    def answer(served: Served) -> bytes:
        rows, signature, in_rows = _read(served, body, context.work.check)
        context.work.count(request, len(rows))
        return _write(served, rows, signature, in_rows=in_rows)

    served = await context.find(name, version)
    holds_pictures = b'"b64"' in body
    text = await context.work.ask(served, body, answer, pictures=holds_pictures)
    return Response(text, media_type="application/json")


def _read(
    served: Served, body: bytes, check: Callable[[int], None]
) -> tuple[NDArray[np.float32], Signature, bool]:
    """Reads a request: its rows, float32 (n, *input_shape), its signature, and its format.

    Args:
        served: the model.
        body: the request.
        check: takes the number of rows as soon as it is known, and refuses too many.
    """
    rows = plain_rows(body, served.model.task.input_shape, MAX_WHOLE, check)
    if rows is not None:
        return rows, signature_of(served.model, DEFAULT), True
    wanted = parse_json(body, not_finite=True)
    name = wanted.get("signature_name", "")
    if not isinstance(name, str):
        raise Refused(400, f"'signature_name' must be a text. Received: {shown(name)}")
    signature = signature_of(served.model, name)
    if "instances" in wanted and "inputs" in wanted:
        raise Refused(400, "Expecting only one of 'inputs' or 'instances', and both are there.")
    if "instances" in wanted:
        values = _rows(wanted["instances"], signature.takes, check)
        return _input(served.model, values, signature, body), signature, True
    if "inputs" in wanted:
        values = _columns(wanted["inputs"], signature.takes)
        check(len(values) if isinstance(values, list) else 0)
        return _input(served.model, values, signature, body), signature, False
    raise Refused(400, "Missing 'inputs' or 'instances' key.")


def _rows(instances: object, takes: str, check: Callable[[int], None]) -> list[Any]:
    """Takes the values out of a list of rows, which are all bare or all named."""
    if not isinstance(instances, list):
        raise Refused(400, f"Expecting 'instances' to be a list. Received: {shown(instances)}")
    if not instances:
        raise Refused(400, "No values in 'instances'.")
    check(len(instances))
    named = _is_named(instances[0])
    values = []
    for place, row in enumerate(instances):
        if _is_named(row) != named:
            raise Refused(
                400,
                f"'instances' mixes values and objects with named inputs, at item {place}.",
            )
        if named and set(row) != {takes}:
            raise Refused(
                400,
                f"Item {place} of 'instances': its keys must be equal to {takes}."
                f" Received: {shown(', '.join(row))}",
            )
        values.append(row[takes] if named else row)
    return values


def _columns(inputs: object, takes: str) -> Any:
    """Takes the value out of column format."""
    if not _is_named(inputs):
        return inputs
    assert isinstance(inputs, dict)
    if takes not in inputs:
        raise Refused(400, f"Missing named input: {takes} in 'inputs'.")
    return inputs[takes]


def _is_named(value: object) -> bool:
    return isinstance(value, dict) and not _is_base64(value)


def _is_base64(value: object) -> bool:
    return isinstance(value, dict) and value.keys() == {"b64"} and isinstance(value["b64"], str)


def _input(
    model: SavedModel, values: Any, signature: Signature, body: bytes
) -> NDArray[np.float32]:
    """Returns the model's input, from numbers or from picture files."""
    has_files = isinstance(values, list) and any(map(_is_base64, values))
    if signature.takes == PICTURE_INPUT or (has_files and reads_pictures(model)):
        return _from_pictures(values)
    if has_files:
        raise Refused(400, f"{model.name} does not read picture files: it takes numbers.")
    return to_array(values, model.task.input_shape, body, INPUT)


def _from_pictures(values: Any) -> NDArray[np.float32]:
    if not isinstance(values, list) or not values or not all(map(_is_base64, values)):
        raise Refused(400, 'Expected a list of picture files, each as {"b64": "..."}.')
    if len(values) > MAX_PICTURES:
        raise Refused(413, f"A request may have {MAX_PICTURES} picture files.")
    inputs = []
    for place, value in enumerate(values):
        try:
            inputs.append(picture_input(_decode(value["b64"])))
        except DigitLabError as error:
            status = 400 if len(values) > 1 else None
            raise (Refused(status, f"Picture {place}: {error}") if status else error) from error
    return np.stack(inputs)


def _decode(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refused(400, f"Unable to base64 decode {shown(text[:40])}.") from error


def _write(
    served: Served, rows: NDArray[np.float32], signature: Signature, *, in_rows: bool
) -> bytes:
    """Answers, in the format of the request; a single output goes without its name."""
    arrays = outputs_of(served, rows, signature.gives)
    finite = all(np.isfinite(array).all() for array in arrays.values())
    value: Any
    if len(arrays) == 1:
        (value,) = arrays.values()
    elif in_rows:
        rows_of = zip(*arrays.values(), strict=True)
        value = [dict(zip(arrays, row, strict=True)) for row in rows_of]
    else:
        value = arrays
    answer = {"predictions" if in_rows else "outputs": value}
    return write_json(answer) if finite else write_not_finite(answer)
