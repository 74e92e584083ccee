"""TensorFlow Serving's REST form: status, metadata and predictions of models.

Source: the TensorFlow Serving documentation, "RESTful API".
"""

from __future__ import annotations

import base64
import binascii
from typing import Any, Literal

import numpy as np
from fastapi import APIRouter, Request
from numpy.typing import NDArray
from pydantic import BaseModel, Field
from starlette.responses import Response

from core.api import examples
from core.api.context import context_of
from core.api.problems import Refused, problems, shown
from core.api.served import VERSION, Served
from core.api.signatures import (
    INPUT,
    PICTURE_INPUT,
    Signature,
    outputs_of,
    picture_input,
    reads_pictures,
    signature_of,
    signatures,
)
from core.api.tensors import parse_json, to_array, write_json, write_not_finite
from core.errors import DigitLabError
from core.models.saved_model import SavedModel

MAX_PICTURES = 100  # in one request: each takes some hundredths of a second
NAME = "{name:model}"

router = APIRouter(tags=["TensorFlow Serving"])


class ModelEntry(BaseModel):
    """A model in the list of all."""

    name: str
    task: str = Field(description="what it was trained for")
    title: str = Field(description="the task's display name")
    summary: str = Field(description="what it is made of")
    input_shape: list[int] = Field(description="of one row")
    classes: list[str] = Field(description="the meaning of each probability")
    reads_pictures: bool = Field(description="whether /v1/read and b64 pictures work with it")


class ModelList(BaseModel):
    """The models that can be used."""

    models: list[ModelEntry]


class Status(BaseModel):
    """Whether a version can be used."""

    error_code: Literal["OK", "FAILED_PRECONDITION"]
    error_message: str


class VersionStatus(BaseModel):
    """The state of one version of a model."""

    version: str
    state: Literal["AVAILABLE", "END"]
    status: Status


class ModelStatus(BaseModel):
    """The state of all versions of a model."""

    model_version_status: list[VersionStatus]


class Dimension(BaseModel):
    """The size of one dimension; -1 for any."""

    size: str
    name: str = ""


class TensorShape(BaseModel):
    """The shape of a tensor."""

    dim: list[Dimension]
    unknown_rank: bool = False


class TensorInfo(BaseModel):
    """The type and shape of a tensor."""

    dtype: str
    tensor_shape: TensorShape
    name: str


class SignatureDef(BaseModel):
    """What one signature takes and gives."""

    inputs: dict[str, TensorInfo]
    outputs: dict[str, TensorInfo]
    method_name: str = "tensorflow/serving/predict"


class SignatureMap(BaseModel):
    """All signatures by name."""

    signature_def: dict[str, SignatureDef]


class MetadataEntries(BaseModel):
    """The kinds of metadata: there is one."""

    signature_def: SignatureMap


class ModelSpec(BaseModel):
    """Which model the metadata describes."""

    name: str
    signature_name: str = ""
    version: str = VERSION


class ModelMetadata(BaseModel):
    """What a model takes and gives."""

    model_spec: ModelSpec
    metadata: MetadataEntries


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


@router.get("/v1/models", responses=problems())
async def list_models(request: Request) -> ModelList:
    """Lists the models that can be used (not in TensorFlow Serving)."""
    context = context_of(request)
    survey = await context.work.answer(context.models.survey)
    return ModelList(models=[_entry(model) for model in survey.models])


def _entry(model: SavedModel) -> ModelEntry:
    return ModelEntry(
        name=model.name,
        task=model.task.name,
        title=model.task.title,
        summary=model.summary,
        input_shape=list(model.task.input_shape),
        classes=list(model.task.classes),
        reads_pictures=reads_pictures(model),
    )


@router.get(f"/v1/models/{NAME}", responses=problems(404))
async def model_status(name: examples.Name, request: Request) -> ModelStatus:
    """Says whether a model can be used."""
    return await _status(name, None, request)


@router.get(f"/v1/models/{NAME}/versions/{{version}}", responses=problems(404))
async def version_status(
    name: examples.Name, version: examples.Version, request: Request
) -> ModelStatus:
    """Says whether a version of a model can be used."""
    return await _status(name, version, request)


async def _status(name: str, version: str | None, request: Request) -> ModelStatus:
    context = context_of(request)
    survey = await context.work.answer(context.models.survey)
    state, status = "AVAILABLE", Status(error_code="OK", error_message="")
    why = next((each.reason for each in survey.unusable if each.name == name), None)
    if why is None:
        context.models.find(name, version)
    else:
        state, status = "END", Status(error_code="FAILED_PRECONDITION", error_message=why)
    return ModelStatus(
        model_version_status=[VersionStatus(version=VERSION, state=state, status=status)]
    )


@router.get(f"/v1/models/{NAME}/metadata", responses=problems(404))
async def model_metadata(name: examples.Name, request: Request) -> ModelMetadata:
    """Says what a model takes and gives."""
    return await _metadata(name, None, request)


@router.get(f"/v1/models/{NAME}/versions/{{version}}/metadata", responses=problems(404))
async def version_metadata(
    name: examples.Name, version: examples.Version, request: Request
) -> ModelMetadata:
    """Says what a version of a model takes and gives."""
    return await _metadata(name, version, request)


async def _metadata(name: str, version: str | None, request: Request) -> ModelMetadata:
    context = context_of(request)
    model = await context.work.answer(lambda: context.models.find(name, version))
    defs = {each.name: _signature_def(model, each) for each in signatures(model)}
    return ModelMetadata(
        model_spec=ModelSpec(name=model.name),
        metadata=MetadataEntries(signature_def=SignatureMap(signature_def=defs)),
    )


def _signature_def(model: SavedModel, signature: Signature) -> SignatureDef:
    if signature.takes == PICTURE_INPUT:
        taken = _info(PICTURE_INPUT, "DT_STRING", [-1])
    else:
        taken = _info(INPUT, "DT_FLOAT", [-1, *model.task.input_shape])
    return SignatureDef(
        inputs={signature.takes: taken},
        outputs={
            output.name: _info(output.name, output.tensorflow, output.shape(model))
            for output in signature.gives
        },
    )


def _info(name: str, dtype: str, shape: list[int]) -> TensorInfo:
    dim = [Dimension(size=str(size)) for size in shape]
    return TensorInfo(dtype=dtype, tensor_shape=TensorShape(dim=dim), name=f"{name}:0")


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
    holds_pictures = b'"b64"' in body
    run = context.work.picture if holds_pictures else context.work.answer

    def answer() -> bytes:
        served = context.models.get(name, version)
        rows, signature, in_rows = _read(served, body)
        context.work.count(request, len(rows))
        return _write(served, rows, signature, in_rows=in_rows)

    return Response(await run(answer), media_type="application/json")


def _read(served: Served, body: bytes) -> tuple[NDArray[np.float32], Signature, bool]:
    """Reads a request: its rows, float32 (n, *input_shape), its signature, and its format."""
    wanted = parse_json(body, not_finite=True)
    name = wanted.get("signature_name", "")
    if not isinstance(name, str):
        raise Refused(400, f"'signature_name' must be a text. Received: {shown(name)}")
    signature = signature_of(served.model, name)
    if "instances" in wanted and "inputs" in wanted:
        raise Refused(400, "Expecting only one of 'inputs' or 'instances', and both are there.")
    if "instances" in wanted:
        values = _rows(wanted["instances"], signature.takes)
        return _input(served.model, values, signature, body), signature, True
    if "inputs" in wanted:
        values = _columns(wanted["inputs"], signature.takes)
        return _input(served.model, values, signature, body), signature, False
    raise Refused(400, "Missing 'inputs' or 'instances' key.")


def _rows(instances: object, takes: str) -> list[Any]:
    """Takes the values out of a list of rows, which are all bare or all named."""
    if not isinstance(instances, list):
        raise Refused(400, f"Expecting 'instances' to be a list. Received: {shown(instances)}")
    if not instances:
        raise Refused(400, "No values in 'instances'.")
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
