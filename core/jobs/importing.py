"""A network from outside, checked and measured by a process that a worker starts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.datasets import uploads
from core.importing.bounded import Upload, import_network
from core.importing.uploaded import kind_of
from core.tasks.base import get_task
from core.training.card import TrainedModel
from core.workers.context import JobContext
from core.workers.job import JobSpec


@dataclass(frozen=True)
class ImportJob(JobSpec[TrainedModel]):
    """The import of a network.

    Args:
        network: the file, and what it is for.
        data: the data set to measure it on, if a person has uploaded that.
    """

    kept: ClassVar[bool] = True
    network: Upload
    data: bytes | None

    @classmethod
    def of(cls, network: Upload) -> ImportJob:
        """Describes the import of a file.

        Raises:
            InvalidInput: if it is no network at all, which needs no worker to be seen.
            DataUnavailable: if the data set is gone.
        """
        kind_of(network.data)
        return cls(network, uploads.must_carry(network.source))

    def run(self, context: JobContext) -> TrainedModel:
        """Imports it."""
        context.check_stopped()
        uploads.unpack(self.data)
        return import_network(
            self.network, get_task(self.network.task), check_stopped=context.check_stopped
        )
