"""The Open Inference Protocol's infer: rows in JSON or as bytes, answered by a model.

Sources: the Open Inference Protocol's REST specification, and Triton's "Binary Tensor Data
Extension". Both are what `tritonclient` speaks.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from fastapi import APIRouter, Request
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.responses import Response

from core.api import examples
from core.api.context import context_of
from core.api.problems import Refused, problems, shown
from core.api.routes import NAME, DirectRoute
from core.api.served import VERSION, Served
from core.api.signatures import BY_NAME, INPUT, OUTPUTS, outputs_of
from core.api.tensors import flat_array, parse_json, to_float32, write_json
from core.models.saved_model import SavedModel
from core.schema import explain

HEADER_LENGTH = "Inference-Header-Content-Length"
BINARY = "application/octet-stream"
_MAX_DIMENSION = 2**31
DTYPES: Mapping[str, type[np.generic]] = {
    "FP32": np.float32,
    "FP16": np.float16,
    "FP64": np.float64,
    "BOOL": np.bool_,
    "UINT8": np.uint8,
    "UINT16": np.uint16,
    "UINT32": np.uint32,
    "UINT64": np.uint64,
    "INT8": np.int8,
    "INT16": np.int16,
    "INT32": np.int32,
    "INT64": np.int64,
}
Parameters = dict[str, Any]

router = APIRouter(tags=["Open Inference Protocol"], route_class=DirectRoute)


class RequestInput(BaseModel):
    """A tensor of a request."""

    model_config = ConfigDict(strict=True)

    name: str = Field(description="`input`")
    shape: list[int] = Field(description="rows first")
    datatype: str = Field(description=f"{', '.join(DTYPES)}; all are converted to FP32")
    parameters: Parameters = Field(
        default_factory=dict, description="binary_data_size: bytes of it after the JSON"
    )
    data: list[Any] | None = Field(None, description="flat or nested, row by row")


class RequestOutput(BaseModel):
    """A tensor that is asked for."""

    model_config = ConfigDict(strict=True)

    name: str = Field(description=", ".join(BY_NAME))
    parameters: Parameters = Field(
        default_factory=dict, description="binary_data: true to have it after the JSON"
    )


class InferRequest(BaseModel):
    """Rows to infer."""

    model_config = ConfigDict(strict=True)

    id: str = Field("", description="comes back in the answer")
    parameters: Parameters = Field(
        default_factory=dict, description="binary_data_output: true to have all outputs so"
    )
    inputs: list[RequestInput] = Field(min_length=1, max_length=1)
    outputs: list[RequestOutput] | None = Field(
        None, description="the outputs that are wanted; all, if left out"
    )


class ResponseOutput(BaseModel):
    """A tensor of an answer."""

    name: str
    shape: list[int]
    datatype: Literal["FP32", "INT64", "BOOL"]
    parameters: Parameters | None = None
    data: list[Any] | None = Field(None, description="flat, row by row")


class InferResponse(BaseModel):
    """The answer to the rows."""

    model_name: str
    model_version: str
    id: str | None = None
    outputs: list[ResponseOutput]


_INFER: dict[str, Any] = {
    "response_model": InferResponse,
    "responses": problems(404, 408, 413, 415),
    "openapi_extra": examples.body(InferRequest, examples.INFER),
}


@router.post(f"/v2/models/{NAME}/infer", **_INFER)
async def infer(name: examples.Name, request: Request) -> Response:
    """Infers rows."""
    return await _infer(name, None, request)


@router.post(f"/v2/models/{NAME}/versions/{{version:version}}/infer", **_INFER)
async def version_infer(
    name: examples.Name, version: examples.Version, request: Request
) -> Response:
    """Infers rows with a version of a model."""
    return await _infer(name, version, request)


async def _infer(name: str, version: str | None, request: Request) -> Response:
    context = context_of(request)
    body = await request.body()
    length = request.headers.get(HEADER_LENGTH)

    def answer(served: Served) -> Response:
        wanted, text, binary = _parse(body, length)
        given = wanted.inputs[0]
        shape = _shape(given, served.model)
        context.work.check(shape[0])  # before their values are looked at
        x = _input(given, shape, text, binary)
        context.work.count(request, len(x))
        return _respond(served, x, wanted)

    served = await context.find(name, version)
    most = 0 if length is None else len(body)  # in binary, a number may take one byte
    return await context.work.ask(served, body, answer, numbers=most)


def _parse(body: bytes, length: str | None) -> tuple[InferRequest, bytes, memoryview]:
    """Splits a body into its JSON and what follows it."""
    size = len(body)
    if length is not None:
        if not (length.isascii() and length.isdecimal() and len(length) < 12):
            raise Refused(400, f"{HEADER_LENGTH} must be a whole number.")
        size = int(length)
        if not 0 < size <= len(body):
            raise Refused(400, f"{HEADER_LENGTH} must be from 1 to the body's {len(body)} bytes.")
    text = body[:size]
    try:
        wanted = InferRequest.model_validate(parse_json(text))
    except ValidationError as error:
        raise Refused(400, f"This is not an inference request: {explain(error)}") from error
    return wanted, text, memoryview(body)[size:]


def _shape(given: RequestInput, model: SavedModel) -> tuple[int, ...]:
    """Returns the shape of a request's rows, their number first; checks name and datatype, too."""
    if given.name != INPUT:
        raise Refused(
            400, f"Unexpected input {shown(given.name)} for model {model.name}: it takes {INPUT}."
        )
    if given.datatype not in DTYPES:
        raise Refused(
            400,
            f"The datatype {shown(given.datatype)} of {INPUT} is not read here."
            f" Expected one of {', '.join(DTYPES)}.",
        )
    shape, expected = tuple(given.shape), model.task.input_shape
    if shape[1:] != expected or not shape or not 0 <= shape[0] < _MAX_DIMENSION:
        raise Refused(
            400,
            f"Unexpected shape for {INPUT}: expected [rows, {', '.join(map(str, expected))}]."
            f" Received: {shown(given.shape)}",
        )
    return shape


def _input(
    given: RequestInput, shape: tuple[int, ...], text: bytes, binary: memoryview
) -> NDArray[np.float32]:
    """Returns the rows of a checked request: float32, shape (n, *input_shape)."""
    dtype = DTYPES[given.datatype]
    count = math.prod(shape)
    size = given.parameters.get("binary_data_size")
    if size is None:
        if len(binary):
            raise Refused(400, f"{len(binary)} bytes follow the JSON, and no input names them.")
        if given.data is None:
            raise Refused(400, f"{INPUT} has neither data nor binary_data_size.")
        values = flat_array(given.data, dtype, text, INPUT)
        if len(values) != count:
            raise Refused(400, f"{INPUT} holds {len(values)} values; its shape asks for {count}.")
    else:
        values = _from_bytes(given, size, count, np.dtype(dtype).newbyteorder("<"), binary)
    return to_float32(values, INPUT).reshape(shape)


def _from_bytes(
    given: RequestInput, size: object, count: int, dtype: np.dtype[Any], binary: memoryview
) -> NDArray[Any]:
    if isinstance(size, bool) or not isinstance(size, int):
        raise Refused(400, f"binary_data_size must be a whole number. Received: {shown(size)}")
    if given.data is not None:
        raise Refused(400, f"{INPUT} has both data and binary_data_size.")
    if size != len(binary):
        raise Refused(
            400, f"binary_data_size is {shown(size)}, but {len(binary)} bytes follow the JSON."
        )
    if size != count * dtype.itemsize:
        raise Refused(
            400,
            f"{INPUT} holds {size} bytes; its shape and datatype ask for {count * dtype.itemsize}.",
        )
    if dtype.kind == "b":  # a byte that is neither 0 nor 1 would be no boolean
        return np.frombuffer(binary, np.uint8).astype(np.bool_)
    return np.frombuffer(binary, dtype)


def _respond(served: Served, x: NDArray[np.float32], wanted: InferRequest) -> Response:
    """Answers in JSON, with the outputs that are wanted so as bytes after it."""
    binary_by_default = wanted.parameters.get("binary_data_output") is True
    asked = wanted.outputs or [RequestOutput(name=each.name) for each in OUTPUTS]
    for each in asked:
        if each.name not in BY_NAME:
            raise Refused(
                400,
                f"Unexpected output {shown(each.name)} for model {served.model.name}:"
                f" it gives {', '.join(BY_NAME)}.",
            )
        if "classification" in each.parameters:
            raise Refused(400, "The classification extension is not offered; ask for class.")
    arrays = outputs_of(served, x, [BY_NAME[each.name] for each in asked])
    outputs: list[dict[str, Any]] = []
    parts: list[bytes] = []
    for each in asked:
        array, kind = arrays[each.name], BY_NAME[each.name]
        entry: dict[str, Any] = {
            "name": each.name,
            "datatype": kind.protocol,
            "shape": kind.shape(served.model, len(x)),
        }
        if each.parameters.get("binary_data", binary_by_default) is True:
            data = np.ascontiguousarray(array, np.dtype(kind.dtype).newbyteorder("<")).tobytes()
            parts.append(data)
            entry["parameters"] = {"binary_data_size": len(data)}
        elif np.isfinite(array).all():
            entry["data"] = array.ravel()
        else:
            raise Refused(
                400,
                f"Some of {each.name} are not numbers, because some of {INPUT} are not finite."
                " JSON cannot say that; binary data can.",
            )
        outputs.append(entry)
    answer: dict[str, Any] = {"model_name": served.model.name, "model_version": VERSION}
    if wanted.id:
        answer["id"] = wanted.id
    text = write_json(answer | {"outputs": outputs})
    if not parts:
        return Response(text, media_type="application/json")
    return Response(
        b"".join([text, *parts]), media_type=BINARY, headers={HEADER_LENGTH: str(len(text))}
    )
