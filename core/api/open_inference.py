"""The Open Inference Protocol, version 2: health and metadata.

Source: the Open Inference Protocol's REST specification.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel

from core.api import examples
from core.api.context import context_of
from core.api.problems import Refused, problems
from core.api.routes import NAME
from core.api.served import VERSION
from core.api.signatures import INPUT, OUTPUTS
from core.models.saved_model import SavedModel

router = APIRouter(tags=["Open Inference Protocol"])


class Live(BaseModel):
    """Whether the server runs."""

    live: bool


class Ready(BaseModel):
    """Whether the server can answer."""

    ready: bool


class ModelReady(BaseModel):
    """Whether a model can answer."""

    name: str
    ready: bool


class ServerMetadata(BaseModel):
    """What this server is, and what it can do beyond the protocol."""

    name: str
    version: str
    extensions: list[str]


class TensorMetadata(BaseModel):
    """A tensor's name, type and shape; -1 for any number of rows."""

    name: str
    datatype: str
    shape: list[int]


class ModelMetadata(BaseModel):
    """What a model takes and gives."""

    name: str
    versions: list[str]
    platform: str
    inputs: list[TensorMetadata]
    outputs: list[TensorMetadata]


@router.get("/v2/health/live")
async def live() -> Live:
    """Says that the server runs."""
    return Live(live=True)


@router.get("/v2/health/ready", responses=problems())
async def ready(request: Request) -> Ready:
    """Says whether there are models to answer with; status 503 if not."""
    context = context_of(request)
    survey = await context.work.answer(context.models.survey)
    if not survey.models:
        raise Refused(503, "There is no model that can be used.")
    return Ready(ready=True)


@router.get("/v2")
async def server_metadata() -> ServerMetadata:
    """Says what this server is."""
    return ServerMetadata(name="digit-lab", version="1", extensions=["binary_tensor_data"])


@router.get(f"/v2/models/{NAME}", responses=problems(404))
async def model_metadata(name: examples.Name, request: Request) -> ModelMetadata:
    """Says what a model takes and gives."""
    return _metadata(await _find(name, None, request))


@router.get(f"/v2/models/{NAME}/versions/{{version:version}}", responses=problems(404))
async def version_metadata(
    name: examples.Name, version: examples.Version, request: Request
) -> ModelMetadata:
    """Says what a version of a model takes and gives."""
    return _metadata(await _find(name, version, request))


@router.get(f"/v2/models/{NAME}/ready", responses=problems(404))
async def model_ready(name: examples.Name, request: Request) -> ModelReady:
    """Says that a model can answer; status 404 if not."""
    return ModelReady(name=(await _find(name, None, request)).name, ready=True)


@router.get(f"/v2/models/{NAME}/versions/{{version:version}}/ready", responses=problems(404))
async def version_ready(
    name: examples.Name, version: examples.Version, request: Request
) -> ModelReady:
    """Says that a version of a model can answer; status 404 if not."""
    return ModelReady(name=(await _find(name, version, request)).name, ready=True)


async def _find(name: str, version: str | None, request: Request) -> SavedModel:
    context = context_of(request)
    return await context.work.answer(lambda: context.models.find(name, version))


def _metadata(model: SavedModel) -> ModelMetadata:
    taken = TensorMetadata(name=INPUT, datatype="FP32", shape=[-1, *model.task.input_shape])
    return ModelMetadata(
        name=model.name,
        versions=[VERSION],
        platform="digit_lab_ensemble" if model.is_ensemble else "litert",
        inputs=[taken],
        outputs=[
            TensorMetadata(name=each.name, datatype=each.protocol, shape=each.shape(model))
            for each in OUTPUTS
        ],
    )
