"""A network that was chosen among many, judged on the test data in a worker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.datasets import uploads
from core.training.card import TrainedModel
from core.training.testing import judged
from core.workers.context import JobContext
from core.workers.job import JobSpec


@dataclass(frozen=True)
class JudgingJob(JobSpec[TrainedModel]):
    """The measuring of a network that a run has left untested.

    Args:
        model: the network.
        upload: the file that it has learned from, if a person has uploaded it. Defaults to none.
    """

    kept: ClassVar[bool] = True  # test data is opened once, so what was measured must not be lost
    model: TrainedModel
    upload: bytes | None = None

    def run(self, context: JobContext) -> TrainedModel:
        """Measures it."""
        uploads.unpack(self.upload)
        return judged(self.model)
