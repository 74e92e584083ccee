"""What the routes of one API share."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request

from core.api.metrics import Metrics
from core.api.served import VERSION, Served, ServedModels
from core.api.work import Work
from core.settings import Settings


@dataclass(frozen=True)
class Context:
    """The parts of one API.

    Args:
        settings: its limits.
        models: what it answers with.
        work: its threads.
        metrics: its counters.
    """

    settings: Settings
    models: ServedModels
    work: Work
    metrics: Metrics

    async def find(self, name: str, version: str | None = None) -> Served:
        """Returns a model that is ready to answer, without a thread if it was asked just now.

        Raises:
            Refused: if there is none, or not in that version.
        """
        if version in (None, VERSION) and (served := self.models.ready(name)):
            return served
        return await self.work.answer(lambda: self.models.get(name, version))


def context_of(request: Request) -> Context:
    """Returns the parts of the API that a request came to."""
    context = request.app.state.context
    assert isinstance(context, Context)
    return context
