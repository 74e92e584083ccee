"""TensorFlow Serving's REST form: the status and the metadata of models.

Source: the TensorFlow Serving documentation, "RESTful API".
"""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from core.api import examples
from core.api.context import context_of
from core.api.problems import problems
from core.api.routes import NAME
from core.api.served import VERSION
from core.api.signatures import (
    INPUT,
    PICTURE_INPUT,
    Signature,
    reads_pictures,
    signatures,
)
from core.models.saved_model import SavedModel

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


@router.get(f"/v1/models/{NAME}/versions/{{version:version}}", responses=problems(404))
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


@router.get(f"/v1/models/{NAME}/versions/{{version:version}}/metadata", responses=problems(404))
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
