"""A saved model in another format, made in a worker, where TensorFlow is."""

from __future__ import annotations

from dataclasses import dataclass

from core.datasets import uploads
from core.export.format import Exported
from core.models.store import ModelStore
from core.workers.context import JobContext
from core.workers.job import JobSpec


@dataclass(frozen=True)
class ExportJob(JobSpec[Exported]):
    """The making of a file. The note of its progress says what is being done.

    Args:
        folder: of the saved models.
        name: of the model.
        format: name of the format, one of `core.export.formats.FORMATS`.
        upload: the file that the model's data is, if a person has uploaded it. Defaults to none.
    """

    folder: str
    name: str
    format: str
    upload: bytes | None = None

    def run(self, context: JobContext) -> Exported:
        """Makes the file."""
        from core.export.formats import FORMATS, make

        uploads.unpack(self.upload)

        def report(note: str, done: int = 0, total: int = 0) -> None:
            context.check_stopped()
            context.report(done, total, note=note)

        report("Opening the network")
        return make(ModelStore(self.folder).get(self.name), FORMATS[self.format], report)
