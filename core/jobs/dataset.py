"""A data set summarised, and its examples laid out on a map, in a worker."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.datasets import uploads
from core.datasets.summary import SEED, DatasetSummary, summarise
from core.tasks.base import get_task
from core.workers.context import JobContext
from core.workers.job import JobSpec
from core.workers.process_lock import PROCESS_LOCK

TSNE_STEPS = 1_000
# With fewer points there is nothing to arrange.
MIN_POINTS = 50
_ITERATION = re.compile(r"Iteration (\d+):")

Map = NDArray[np.float32]


@dataclass(frozen=True)
class SummaryJob(JobSpec[DatasetSummary]):
    """The summary of a data set. The note of its progress says what is being done.

    Args:
        task: name of the task.
        source: name of its data set.
        noise: name of the noise on it. Defaults to none.
        level: of the noise. Defaults to 0.
        seed: of what is random in the data. Defaults to 0.
        upload: the file that it is, if a person has uploaded it. Defaults to none.
    """

    task: str
    source: str
    noise: str = ""
    level: float = 0.0
    seed: int = 0
    upload: bytes | None = None

    def run(self, context: JobContext) -> DatasetSummary:
        """Loads the data and summarises it."""

        def report(words: str) -> None:
            context.check_stopped()
            context.report(0, 0, note=words)

        report("Opening the data")
        uploads.unpack(self.upload)
        task = get_task(self.task)
        noise = task.noise(self.noise) if self.noise else None
        return summarise(
            task.source(self.source).load(noise, self.level, self.seed),
            num_classes=len(task.classes),
            picture=task.picture,
            over_pictures=len(task.input_shape) < 3 and task.channel is None,
            on_step=report,
        )


class _Listening:
    """Stands for the standard output while t-SNE prints its progress.

    scikit-learn's t-SNE reports it in no other way.
    """

    def __init__(self, on_step: Callable[[int], None]) -> None:
        self._on_step = on_step

    def write(self, text: str) -> int:
        if found := _ITERATION.search(text):
            self._on_step(int(found[1]))
        return len(text)

    def flush(self) -> None:
        pass


@dataclass(frozen=True, eq=False)
class TsneJob(JobSpec[Map]):
    """The making of a map by t-SNE. Its result is float32, shape (n, 2).

    Args:
        components: float32, shape (n, k), the principal components of n examples.
    """

    components: NDArray[np.float32]

    def run(self, context: JobContext) -> Map:
        """Makes the map."""
        from sklearn.manifold import TSNE
        from threadpoolctl import threadpool_limits

        with PROCESS_LOCK:

            def report(step: int) -> None:
                context.check_stopped()
                context.report(step, TSNE_STEPS)

            report(0)
            listening = _Listening(report)
            # One thread: several that wait for one another on busy processors took twenty times
            # as long.
            with threadpool_limits(1), contextlib.redirect_stdout(listening):
                method = TSNE(
                    2,
                    init="pca",
                    learning_rate="auto",
                    max_iter=TSNE_STEPS,
                    random_state=SEED,
                    verbose=2,
                )
                return np.asarray(method.fit_transform(self.components), np.float32)
