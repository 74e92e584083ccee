"""The routes for whoever trains over HTTP, or those that say that nobody may."""

from __future__ import annotations

from fastapi import APIRouter

from core.api.managers import Desk, Managers
from core.api.tokens import Token, refusing_router
from core.models.store import ModelStore
from core.settings import Settings


def routers(limits: Settings, store: ModelStore, managers: Managers | None) -> list[APIRouter]:
    """Returns the routes.

    Args:
        limits: say whether there is a token.
        store: where networks are saved.
        managers: where runs and searches are.
    """
    if limits.api_token is None or managers is None:
        return [refusing_router("/v1/runs", "/v1/searches")]
    from core.api.runs import runs_router  # Optuna's words and all others of a search
    from core.api.searches import searches_router

    desk, token = Desk(managers), Token(limits.api_token.get_secret_value())
    return [runs_router(desk, token, store), searches_router(desk, token)]
