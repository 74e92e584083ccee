"""The download of a data set, in a worker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.tasks.base import get_task
from core.workers.context import JobContext
from core.workers.job import JobSpec

REPORT_BYTES = 250_000


@dataclass(frozen=True)
class DownloadJob(JobSpec[None]):
    """The download of a data set. Its progress counts bytes.

    Args:
        task: name of the task.
        source: name of the data set.
    """

    kept: ClassVar[bool] = True
    task: str
    source: str

    def run(self, context: JobContext) -> None:
        """Downloads it, for good."""
        download = get_task(self.task).source(self.source).download
        reported = 0

        def report(done: int, total: int) -> None:
            nonlocal reported
            if done - reported >= REPORT_BYTES or done == total:
                reported = done
                context.report(done, total)

        if download is not None:
            context.report(0, 0)
            download(report)
