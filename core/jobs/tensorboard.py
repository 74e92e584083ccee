"""A run's TensorBoard logs, written in a worker, where TensorFlow is."""

from __future__ import annotations

from dataclasses import dataclass

from core.training.events import EpochDone
from core.workers.context import JobContext
from core.workers.job import JobSpec


@dataclass(frozen=True)
class TensorBoardJob(JobSpec[bytes]):
    """The writing of the logs. Its result is a zip file.

    Args:
        epochs: of the run.
    """

    epochs: tuple[EpochDone, ...]

    def run(self, context: JobContext) -> bytes:
        """Writes the logs."""
        from core.export.tensorboard import logs

        return logs(self.epochs)
