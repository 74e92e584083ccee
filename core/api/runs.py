"""Training runs over HTTP: started, followed, controlled, and fetched, as on the Train page."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import fields
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

import anyio
from fastapi import APIRouter, Depends, Header, Path
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, field_validator
from starlette.responses import Response, StreamingResponse

from core.api.managers import Desk
from core.api.problems import Refused, problems, shown
from core.api.tokens import Token
from core.errors import InvalidInput, ModelUnusable
from core.metrics.accuracy import Accuracy
from core.models.saved_model import CARD_FILE, NAME_RULE
from core.models.store import ModelStore
from core.networks.architecture import Architecture
from core.networks.formats import KERAS_FILE, LITERT_FILE
from core.runs.info import MAX_NAME, UNDER_WAY, RunInfo, State, check_owner
from core.training.card import TrainedModel
from core.training.config import TrainingConfig
from core.training.events import EpochDone, Finished
from core.training.history import History
from core.workers.commands import Signal

if TYPE_CHECKING:
    from core.runs.manager import Runs

PREFIX = "/v1/runs"
LOOK_SECONDS = 0.5  # between two looks at a run that is followed
QUIET_SECONDS = 15.0  # after which a line is sent that says nothing, or proxies would hang up
MEDIA_TYPES = {
    KERAS_FILE: "application/octet-stream",
    LITERT_FILE: "application/octet-stream",
    CARD_FILE: "application/json",
}
Id = Annotated[str, Path(description="of the run", max_length=80)]
Action = Literal["pause", "resume", "stop"]


def check_names(entry: Any, what: str, kind: type[Any]) -> None:
    """Refuses entries that a type does not have: elsewhere they are ignored, here they are slips.

    Args:
        entry: from a request.
        what: what an error calls it.
        kind: a dataclass.

    Raises:
        InvalidInput: naming the first of them.
    """
    known = [field.name for field in fields(kind)]
    for name in entry if isinstance(entry, Mapping) else ():
        if name not in known:
            raise InvalidInput(f"{what} has no entry {shown(name)}. There is: {', '.join(known)}.")


def check_training_names(entry: Any, what: str) -> None:
    """Refuses entries that a training configuration, or its architecture, does not have."""
    check_names(entry, what, TrainingConfig)
    if isinstance(entry, Mapping):
        check_names(entry.get("architecture"), f"{what}.architecture", Architecture)


class NewRun(BaseModel):
    """A run to start."""

    model_config = ConfigDict(extra="forbid")

    config: TrainingConfig
    name: str = Field("", max_length=MAX_NAME, description="if left out, its network")
    slow: bool = Field(False, description="whether it waits between epochs, to be watched")

    @field_validator("config", mode="before")
    @classmethod
    def _check_names(cls, entry: Any) -> Any:
        check_training_names(entry, "config")
        return entry


class Run(BaseModel):
    """A run as lists show it."""

    id: str
    name: str
    state: State
    created: datetime
    config: TrainingConfig
    queue_position: int = Field(description="1 for the run that starts next; 0 if it has begun")
    without_workers: bool = Field(description="whether it waits because no worker is there")
    resumable: bool = Field(description="whether it ended before its time and can go on")
    error: str = Field(description="why it has failed; else empty")
    unsaved: str = Field(description="why its network is not stored yet; else empty")
    search: str = Field(description="id of the search that made it; else empty")
    figures: list[Accuracy] = Field(description="accuracies of its network on test data")
    page: str = Field(description="where the app shows it")


class Progress(BaseModel):
    """How far a run is."""

    share: float = Field(description="of all batches, 0..1")
    epoch: int = Field(description="under way, from 1")
    epochs_wanted: int
    seconds: float = Field(description="of training so far, pauses not counted")
    seconds_left: float | None = Field(description="estimated")
    learning_rate: float | None
    best_epoch: int = Field(description="with the lowest validation loss, from 1; 0 for none yet")
    epochs: list[EpochDone] = Field(description="those that are done")
    notes: list[str] = Field(description="what the person should know of")
    finished: Finished | None = Field(description="how it ended, if it left a network")


class FollowedRun(Run):
    """A run with what it has told so far."""

    progress: Progress


class RunList(BaseModel):
    """The runs of whoever has the token, the newest first."""

    runs: list[Run]


class ModelName(BaseModel):
    """A name for a model."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(description=NAME_RULE, max_length=80)


class Saved(BaseModel):
    """A model that was saved."""

    name: str
    url: str = Field(description="where it answers")


def run_entries(info: RunInfo) -> dict[str, Any]:
    """Returns what lists show of a run; never whose it is."""
    return {
        "id": info.id,
        "name": info.name,
        "state": info.state,
        "created": info.created,
        "config": info.config,
        "queue_position": info.queue_position,
        "without_workers": info.without_workers,
        "resumable": info.resumable,
        "error": info.error,
        "unsaved": info.unsaved,
        "search": info.search,
        "figures": list(info.card.figures) if info.card else [],
        "page": f"/train?run={info.id}",
    }


def progress_of(history: History) -> Progress:
    """Returns how far a run is."""
    return Progress(
        share=history.share,
        epoch=history.epoch,
        epochs_wanted=history.epochs_wanted,
        seconds=history.seconds,
        seconds_left=history.seconds_left,
        learning_rate=history.learning_rate,
        best_epoch=history.best_epoch,
        epochs=list(history.epochs),
        notes=list(history.notes),
        finished=history.finished,
    )


def own_run(runs: Runs, run_id: str, person: str) -> RunInfo:
    """Returns a run of this person; raises NoSuchRun if it is none."""
    info = runs.get(run_id)
    check_owner(info, person)
    return info


def runs_router(desk: Desk, token: Token, store: ModelStore) -> APIRouter:
    """Returns the routes.

    Args:
        desk: asks the runs.
        token: who may.
        store: where networks are saved.
    """
    router = APIRouter(
        prefix=PREFIX,
        tags=["Training runs"],
        dependencies=[Depends(token.check)],
        responses=problems(401, 404),
    )
    person = token.person

    @router.post("", status_code=201)
    async def start_run(run: NewRun, response: Response) -> Run:
        """Queues a run."""

        def start(runs: Runs) -> RunInfo:
            return runs.get(runs.start(run.config, owner=person, name=run.name, slow=run.slow))

        info = await desk.runs(start)
        response.headers["Location"] = f"{PREFIX}/{info.id}"
        return Run(**run_entries(info))

    @router.get("")
    async def list_runs() -> RunList:
        """Lists the runs, the newest first."""
        infos = await desk.runs(lambda runs: runs.of(person))
        return RunList(runs=[Run(**run_entries(info)) for info in infos])

    def look(runs: Runs, run_id: str) -> FollowedRun:
        info = own_run(runs, run_id, person)
        return FollowedRun(**run_entries(info), progress=progress_of(runs.history(run_id)))

    @router.get("/{run_id}")
    async def get_run(run_id: Id) -> FollowedRun:
        """Returns a run with all its epochs so far."""
        return await desk.runs(lambda runs: look(runs, run_id))

    @router.get("/{run_id}/events", response_class=StreamingResponse)
    async def follow_run(
        run_id: Id,
        last_event_id: Annotated[str, Header(description="the last epoch that was heard of")] = "",
    ) -> Response:
        """Streams a run's epochs and states as server-sent events, until it has ended.

        `epoch` brings an epoch, with its number as the id; `state` the run when its state has
        changed; `end` the run when nothing more comes.
        """
        first = await desk.runs(lambda runs: look(runs, run_id))
        heard = int(last_event_id) if last_event_id.isascii() and last_event_id.isdecimal() else 0
        return StreamingResponse(
            _follow(desk, lambda runs: look(runs, run_id), first, heard),
            media_type="text/event-stream",
            # No proxy may keep what comes until it has much of it.
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    def network(runs: Runs, run_id: str) -> TrainedModel:
        info = own_run(runs, run_id, person)
        found = runs.result(run_id)
        if found is None:
            why = " yet: it is not over." if info.under_way else "."
            raise Refused(409, f"This run has left no network{why}")
        return found

    @router.post("/{run_id}/save", status_code=201, responses=problems(409))
    async def save_run(run_id: Id, model: ModelName) -> Saved:
        """Saves the network that a run left as a model, which every page and address can use."""

        def save(runs: Runs) -> str:
            left = network(runs, run_id)
            return store.save(model.name, left.files, left.card, owner=person).name

        name = await desk.runs(save)
        return Saved(name=name, url=f"/v1/models/{name}:predict")

    @router.post("/{run_id}/{action}", status_code=202, responses=problems(409))
    async def control_run(run_id: Id, action: Action) -> Run:
        """Pauses a run, has a paused or interrupted one go on, or ends it with what there is.

        The worker obeys after the batch that it is at; its events say when. A run that was stopped
        can be saved after the event `end`.
        """

        def control(runs: Runs) -> RunInfo:
            info = own_run(runs, run_id, person)
            if action == "resume" and info.resumable:
                runs.resume(run_id, owner=person)
            elif not info.under_way:
                raise Refused(409, f"This run is over ({info.state}): nothing can {action} it.")
            else:
                runs.command(run_id, Signal(action), owner=person)
            return runs.get(run_id)

        return Run(**run_entries(await desk.runs(control)))

    @router.delete("/{run_id}", status_code=204)
    async def delete_run(run_id: Id) -> None:
        """Ends a run, if it is under way, and forgets all of it."""
        await desk.runs(lambda runs: runs.delete(run_id, owner=person))

    @router.get(
        "/{run_id}/files/{file}",
        response_class=Response,
        responses={200: {"content": {"application/octet-stream": {}}}, **problems(409)},
    )
    async def get_file(
        run_id: Id, file: Literal["model.keras", "model.tflite", "card.json"]
    ) -> Response:
        """Returns a file of the network that a run left."""
        model = await desk.runs(lambda runs: network(runs, run_id))
        if file == CARD_FILE:
            content = json.dumps(model.card.entries, indent=2).encode()
        elif file in model.files:
            content = model.files[file]
        else:
            raise ModelUnusable(f"The network of this run has no {file}.")
        return Response(
            content,
            media_type=MEDIA_TYPES[file],
            headers={"Content-Disposition": f'attachment; filename="{file}"'},
        )

    return router


async def _follow(
    desk: Desk, look: Callable[[Runs], FollowedRun], run: FollowedRun, heard: int
) -> AsyncIterator[bytes]:
    """Yields a run's events, as they are sent.

    Args:
        desk: asks the runs.
        look: returns the run as it is now.
        run: as it was a moment ago.
        heard: the last epoch that whoever follows has heard of.
    """
    state: State | None = None
    quiet = 0.0
    while True:
        sent = False
        if run.state != state:
            state, sent = run.state, True
            yield _event("state", _RUN, run)
        epochs = run.progress.epochs
        heard = min(heard, len(epochs))  # a lost worker's epochs are done again
        for epoch in epochs[heard:]:
            heard, sent = epoch.epoch, True
            yield _event("epoch", _EPOCH, epoch, number=epoch.epoch)
        if state not in UNDER_WAY:
            yield _event("end", _FOLLOWED, run)
            return
        quiet = 0.0 if sent else quiet + LOOK_SECONDS
        if quiet >= QUIET_SECONDS:
            quiet = 0.0
            yield b": still under way\n\n"
        await anyio.sleep(LOOK_SECONDS)
        run = await desk.runs(look)


_RUN, _FOLLOWED, _EPOCH = TypeAdapter(Run), TypeAdapter(FollowedRun), TypeAdapter(EpochDone)


def _event(kind: str, adapter: TypeAdapter[Any], value: Any, *, number: int | None = None) -> bytes:
    """Writes a server-sent event."""
    data = adapter.dump_json(value, warnings=False)
    line = b"" if number is None else f"id: {number}\n".encode()
    return b"event: " + kind.encode() + b"\n" + line + b"data: " + data + b"\n\n"
