"""Looking through a data set, and laying its examples out on a map, in a worker process."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from core.datasets import uploads
from core.datasets.summary import SEED, DatasetSummary, summarise
from core.tasks.base import get_task
from core.workers.context import Reporter
from core.workers.pool import Job, Workers
from core.workers.process_lock import PROCESS_LOCK
from core.workers.progress import TellsProgress

TSNE_STEPS = 1_000
# With fewer points there is nothing to arrange.
MIN_POINTS = 50
_ITERATION = re.compile(r"Iteration (\d+):")

Map = NDArray[np.float32]


def _look_through(
    reporter: Reporter,
    task_name: str,
    source: str,
    noise: str,
    level: float,
    seed: int,
    upload: bytes | None,
) -> DatasetSummary:
    uploads.unpack(upload)
    task = get_task(task_name)
    dataset = task.source(source).load(task.noise(noise) if noise else None, level, seed)
    return summarise(
        dataset,
        num_classes=len(task.classes),
        picture=task.picture,
        on_step=lambda words: reporter.tell({"kind": "step", "words": words}),
    )


@dataclass(frozen=True)
class LookThrough:
    """The looking through of a data set, as far as it has come.

    Args:
        job: the work.
    """

    job: Job

    @classmethod
    def start(
        cls, workers: Workers, *, task_name: str, source: str, noise: str, level: float, seed: int
    ) -> LookThrough:
        """Hands the work to the workers.

        Args:
            workers: the worker processes.
            task_name: name of the task.
            source: name of its data set.
            noise: name of the noise on it; nothing for none.
            level: of the noise.
            seed: of what is random in the data.
        """
        upload = uploads.to_carry(source)
        return cls(workers.submit(_look_through, task_name, source, noise, level, seed, upload))

    @property
    def step(self) -> str:
        """What it does now, in words."""
        if self.job.state == "waiting":
            return "Waiting for a worker process to be ready"
        return str(self.job.newest("step").get("words", "Opening the data"))

    @property
    def seconds(self) -> float:
        """How long ago it was asked for."""
        return time.monotonic() - self.job.submitted

    @property
    def summary(self) -> DatasetSummary | None:
        """The outcome, once it is there."""
        return self.job.result if self.job.state == "finished" else None


class _Listening:
    """Stands for the standard output while t-SNE prints how far it is.

    scikit-learn's t-SNE tells of its progress in no other way.
    """

    def __init__(self, on_step: Callable[[int], None]) -> None:
        self._on_step = on_step

    def write(self, text: str) -> int:
        if found := _ITERATION.search(text):
            self._on_step(int(found[1]))
        return len(text)

    def flush(self) -> None:
        pass


def _arrange(reporter: Reporter, components: NDArray[np.float32]) -> Map:
    """Returns the map of t-SNE: float32, shape (n, 2)."""
    with PROCESS_LOCK:
        return _arrange_alone(reporter, components)


def _arrange_alone(reporter: Reporter, components: NDArray[np.float32]) -> Map:
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    started = time.monotonic()

    def tell(step: int) -> None:
        seconds = time.monotonic() - started
        progress = {"done": step, "total": TSNE_STEPS, "seconds": seconds}
        reporter.tell({"kind": "arranged", **progress})

    # One thread: several that wait for one another on busy processors took twenty times as long.
    with threadpool_limits(1), contextlib.redirect_stdout(_Listening(tell)):
        method = TSNE(
            2,
            init="pca",
            learning_rate="auto",
            max_iter=TSNE_STEPS,
            random_state=SEED,
            verbose=2,
        )
        return np.asarray(method.fit_transform(components), np.float32)


@dataclass(frozen=True)
class Arrangement(TellsProgress):
    """The making of a map by t-SNE, as far as it has come.

    Args:
        job: the work.
    """

    told: ClassVar[str] = "arranged"
    job: Job

    @classmethod
    def start(cls, workers: Workers, components: NDArray[np.float32]) -> Arrangement:
        """Hands the work to the workers.

        Args:
            workers: the worker processes.
            components: float32, shape (n, k), the principal components of n examples.
        """
        return cls(workers.submit(_arrange, components))

    @property
    def points(self) -> Map | None:
        """The map, float32 of shape (n, 2), once it is there."""
        return self.job.result if self.job.state == "finished" else None
