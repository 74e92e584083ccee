"""Runs that sleep instead of computing, and many workers for them in a few processes.

`python -m benchmarks.sleeping ADDRESS COUNT` adds so many workers to a cluster, until its standard
input closes. For `benchmarks.scaling`: nothing in the app knows of this.
"""

from __future__ import annotations

import asyncio
import sys
import time
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

import numpy as np

from core.jobs.training import CHECKPOINT_SECONDS, TrainingJob
from core.models.store import ModelStore
from core.networks.formats import KERAS_FILE, LITERT_FILE
from core.training.card import NetworkCard, TrainedModel
from core.training.checkpoint import Checkpoint, Position
from core.training.config import TrainingConfig
from core.training.events import EpochDone, Finished, Started
from core.workers.context import JobContext
from core.workers.job import Job, JobSpec, Listener
from core.workers.pool import Workers

R = TypeVar("R")
BYTES = 50_000  # of a checkpoint and of a network, as small ones have


@dataclass(frozen=True)
class SleepingJob(JobSpec[TrainedModel | None]):
    """Tells what a training run tells, and sleeps where that computes.

    Args:
        config: of the run.
        card: of the network that it leaves.
        seconds: that an epoch takes.
    """

    long: ClassVar[bool] = True
    kept: ClassVar[bool] = True
    config: TrainingConfig
    card: NetworkCard
    seconds: float

    def run(self, context: JobContext) -> TrainedModel | None:
        """Sleeps epoch after epoch."""
        epochs = self.config.epochs
        context.emit(Started(self.config.parameters, 1000, 10))
        begun = saved = time.monotonic()
        for epoch in range(1, epochs + 1):
            context.controls.receive(0)
            time.sleep(max(0.0, begun + epoch * self.seconds - time.monotonic()))
            context.emit(EpochDone(epoch, 0.5, 0.8, 0.6, 0.7, epoch * self.seconds))
            if time.monotonic() - saved >= CHECKPOINT_SECONDS:
                saved = time.monotonic()
                taken = Checkpoint(Position(epoch=epoch), (np.zeros(BYTES, np.uint8),), ())
                context.save_checkpoint(taken.to_bytes)
        context.finish_saving()
        context.emit(Finished("complete", epochs, epochs))
        return TrainedModel({KERAS_FILE: bytes(BYTES), LITERT_FILE: bytes(BYTES)}, self.card)


class SleepingWorkers(Workers):
    """Workers that sleep through the runs that they are given.

    Attributes:
        seconds: that an epoch of the next run takes.
        jobs: those that were handed over, oldest first.
    """

    def __init__(self) -> None:
        super().__init__()
        self.seconds = 0.0
        self.jobs: list[Job[Any]] = []
        self._card = ModelStore().get("seven-segment").card

    def submit(self, spec: JobSpec[R], *, listener: Listener | None = None) -> Job[R]:
        """Hands work over, training as sleep."""
        if isinstance(spec, TrainingJob):
            spec = SleepingJob(spec.config, self._card, self.seconds)  # type: ignore
        job = super().submit(spec, listener=listener)
        self.jobs.append(job)
        return job


async def add_workers(address: str, count: int) -> None:
    """Adds workers of one thread each to a cluster, all in this process."""
    from distributed import Worker

    made = [Worker(address, nthreads=1, memory_limit=0, dashboard=False) for _ in range(count)]
    await asyncio.gather(*made)
    await asyncio.to_thread(sys.stdin.read)
    await asyncio.gather(*(worker.close(nanny=False) for worker in made))


if __name__ == "__main__":
    asyncio.run(add_workers(sys.argv[1], int(sys.argv[2])))
