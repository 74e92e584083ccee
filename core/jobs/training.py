"""A training run in a worker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.datasets import uploads
from core.training.card import TrainedModel
from core.training.checkpoint import Checkpoint
from core.training.config import TrainingConfig
from core.training.events import LearningRateChanged
from core.workers.context import JobContext
from core.workers.job import JobSpec
from core.workers.process_lock import PROCESS_LOCK

# As much training as a lost worker may cost, besides the epoch under way. A checkpoint travels
# through three processes into the database: after each of many short epochs that would cost a
# small convolutional run a tenth of its time.
CHECKPOINT_SECONDS = 2.0


@dataclass(frozen=True)
class TrainingJob(JobSpec[TrainedModel | None]):
    """A training run; its events are those of `core.training.events`.

    Its result is the trained model, or None for a run that was preempted.

    Args:
        config: the run.
        max_examples: as many training examples as this server allows.
        checkpoint: where to go on. Defaults to the beginning.
        changes: learning rates that the person has chosen before. Defaults to none.
        paused: whether to wait for a command before the first batch. Defaults to False.
        slow: whether it waits between epochs, so that it can be watched. Defaults to False.
        upload: the file that the run learns from, if a person has uploaded it: the worker may be
            on another machine. Defaults to none.
        test: whether the network is judged on the test data. Defaults to True.
    """

    long: ClassVar[bool] = True
    kept: ClassVar[bool] = True
    config: TrainingConfig
    max_examples: int
    checkpoint: bytes | None = None
    changes: tuple[LearningRateChanged, ...] = ()
    paused: bool = False
    slow: bool = False
    upload: bytes | None = None
    test: bool = True

    def run(self, context: JobContext) -> TrainedModel | None:
        """Trains the network."""
        from core.training import fit

        uploads.unpack(self.upload)
        # A scheduler may have given this job to another worker before: that one's is newer.
        checkpoint = context.latest_checkpoint() or self.checkpoint
        with PROCESS_LOCK:
            model = fit.train(
                self.config,
                on_event=context.emit,
                on_checkpoint=lambda state: context.save_checkpoint(state.to_bytes),
                checkpoint_seconds=CHECKPOINT_SECONDS,
                controls=context.controls,
                checkpoint=Checkpoint.from_bytes(checkpoint) if checkpoint else None,
                changes=self.changes,
                paused=self.paused,
                slow=self.slow,
                max_examples=self.max_examples,
                test=self.test,
            )
        context.finish_saving()
        return model
