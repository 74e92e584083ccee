"""Searches over HTTP: started, followed and controlled, as on the Search page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field, field_validator
from starlette.responses import Response

from core.api.managers import Desk
from core.api.problems import problems
from core.api.runs import check_names, check_training_names
from core.api.tokens import Token
from core.errors import NoSuchSearch
from core.runs.info import MAX_NAME
from core.search.config import SearchConfig
from core.search.info import SearchInfo, State, Verdict
from core.search.results import Row, rows, seconds_left, share_done

if TYPE_CHECKING:
    from core.search.manager import Searches

PREFIX = "/v1/searches"
Id = Annotated[str, Path(description="of the search", max_length=80)]
Action = Literal["pause", "resume", "stop", "test"]


class NewSearch(BaseModel):
    """A search to start."""

    model_config = ConfigDict(extra="forbid")

    config: SearchConfig
    name: str = Field("", max_length=MAX_NAME, description="if left out, what varies")

    @field_validator("config", mode="before")
    @classmethod
    def _check_names(cls, entry: Any) -> Any:
        check_names(entry, "config", SearchConfig)
        if isinstance(entry, Mapping):
            check_training_names(entry.get("base"), "config.base")
        return entry


class Search(BaseModel):
    """A search as lists show it."""

    id: str
    name: str
    state: State
    created: datetime
    config: SearchConfig
    share: float = Field(description="of it that is done, 0..1")
    seconds: float = Field(description="that it has been going on, pauses not counted")
    seconds_left: float | None = Field(description="estimated")
    reason: str = Field(description="why it has ended before all trials were made; else empty")
    trouble: str = Field(description="why it does not go on at the moment; else empty")
    best_run: str = Field(description="id of the best run so far, /v1/runs/{id}; empty for none")
    page: str = Field(description="where the app shows it")


class FollowedSearch(Search):
    """A search with its trials."""

    trials: list[Row]
    test: Verdict | None = Field(description="the winner on the test data, once that was opened")
    testing: bool = Field(description="whether the winner is being measured")


class SearchList(BaseModel):
    """The searches of whoever has the token, the newest first."""

    searches: list[Search]


def search_entries(info: SearchInfo) -> dict[str, Any]:
    """Returns what lists show of a search; never whose it is."""
    best = [row.run_id for row in rows(info.config, info.trials) if row.best]
    return {
        "id": info.id,
        "name": info.name,
        "state": info.state,
        "created": info.created,
        "config": info.config,
        "share": share_done(info.config, info.trials),
        "seconds": info.seconds,
        "seconds_left": seconds_left(info.config, info.trials, info.seconds),
        "reason": info.reason,
        "trouble": info.trouble,
        "best_run": best[0] if best else "",
        "page": f"/search?search={info.id}",
    }


def searches_router(desk: Desk, token: Token) -> APIRouter:
    """Returns the routes.

    Args:
        desk: asks the searches.
        token: who may.
    """
    router = APIRouter(
        prefix=PREFIX,
        tags=["Searches"],
        dependencies=[Depends(token.check)],
        responses=problems(401, 404),
    )
    person = token.person

    def own(searches: Searches, search_id: str) -> SearchInfo:
        info = searches.get(search_id)
        if info.owner != person:
            raise NoSuchSearch("This search is somebody else's.")
        return info

    @router.post("", status_code=201)
    async def start_search(search: NewSearch, response: Response) -> Search:
        """Begins a search, whose runs count among those of whoever has the token."""

        def start(searches: Searches) -> SearchInfo:
            return searches.get(searches.start(search.config, owner=person, name=search.name))

        info = await desk.searches(start)
        response.headers["Location"] = f"{PREFIX}/{info.id}"
        return Search(**search_entries(info))

    @router.get("")
    async def list_searches() -> SearchList:
        """Lists the searches, the newest first."""
        infos = await desk.searches(lambda searches: searches.of(person))
        return SearchList(searches=[Search(**search_entries(info)) for info in infos])

    @router.get("/{search_id}")
    async def get_search(search_id: Id) -> FollowedSearch:
        """Returns a search with all its trials so far."""
        info = await desk.searches(lambda searches: own(searches, search_id))
        return FollowedSearch(
            **search_entries(info),
            trials=rows(info.config, info.trials),
            test=info.test,
            testing=info.testing,
        )

    @router.post("/{search_id}/{action}", status_code=202)
    async def control_search(search_id: Id, action: Action) -> Search:
        """Pauses a search, has it go on, ends it, or opens the test data for its winner."""

        def control(searches: Searches) -> SearchInfo:
            own(searches, search_id)
            match action:
                case "pause":
                    searches.pause(search_id, owner=person)
                case "resume":
                    searches.resume(search_id, owner=person)
                case "stop":
                    searches.stop(search_id, owner=person)
                case "test":
                    searches.open_test(search_id, owner=person)
            return searches.get(search_id)

        return Search(**search_entries(await desk.searches(control)))

    @router.delete("/{search_id}", status_code=204)
    async def delete_search(
        search_id: Id,
        with_runs: Annotated[bool, Query(description="whether its runs are deleted, too")] = False,
    ) -> None:
        """Ends a search, if it is under way, and forgets it; its runs are kept, if not asked."""

        def delete(searches: Searches) -> None:
            own(searches, search_id)
            searches.delete(search_id, owner=person, with_runs=with_runs)

        await desk.searches(delete)

    return router
