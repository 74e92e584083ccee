"""What a search has computed in a worker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.search.config import SearchConfig
from core.search.study import importance
from core.search.trial import Trial
from core.workers.context import JobContext
from core.workers.job import JobSpec


@dataclass(frozen=True)
class ImportanceJob(JobSpec[dict[str, float]]):
    """How much each setting matters: Optuna's forests take a while, scikit-learn's import as well.

    Args:
        config: the search.
        trials: all of it, by number.
    """

    urgent: ClassVar[bool] = True
    config: SearchConfig
    trials: tuple[Trial, ...]

    def run(self, context: JobContext) -> dict[str, float]:
        """Computes it."""
        return importance(self.config, self.trials)
