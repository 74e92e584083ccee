"""What is computed of searches, in workers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ui.services.server import searches, workers
from ui.services.shared_job import shared_job

if TYPE_CHECKING:
    from core.workers.job import Job


@shared_job(max_entries=32)
def importance_job(search_id: str, complete: int) -> Job[dict[str, float]]:
    """Returns the job that finds what mattered in a search, started at the first call.

    Args:
        search_id: of the search.
        complete: how many of its trials are complete, as with another one it is found anew.
    """
    from core.search.jobs import ImportanceJob

    info = searches().get(search_id)
    return workers().submit(ImportanceJob(info.config, info.trials))
