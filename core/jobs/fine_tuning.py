"""The fine-tuning of a network on a person's own handwriting, in a worker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.handwriting import sample_files
from core.handwriting.arrays import Pictures, SampleLabels
from core.handwriting.config import BaseNetwork, TransferConfig, prepare
from core.models.saved_model import SavedModel
from core.training.card import TrainedModel
from core.training.events import Event
from core.training.history import History
from core.workers.context import JobContext
from core.workers.job import Job, JobSpec
from core.workers.process_lock import PROCESS_LOCK


@dataclass(frozen=True)
class FineTuningJob(JobSpec[TrainedModel]):
    """A fine-tuning; its events are those of `core.training.events`.

    Args:
        base: the network to begin with, its files as bytes: the worker may be elsewhere.
        samples: the person's samples, as `core.handwriting.sample_files.to_npz` writes them.
        config: the settings.
    """

    kept: ClassVar[bool] = True
    base: BaseNetwork
    samples: bytes
    config: TransferConfig

    @classmethod
    def of(
        cls, model: SavedModel, x: Pictures, y: SampleLabels, config: TransferConfig
    ) -> FineTuningJob:
        """Describes the fine-tuning of a saved model.

        Args:
            model: the network to begin with.
            x: uint8, shape (n, 28, 28), the person's samples.
            y: uint8, shape (n,), their labels.
            config: the settings.

        Raises:
            InvalidInput: if there are too few samples, which needs no worker to be seen.
            ModelUnusable: if the network's files are gone or damaged.
        """
        base = BaseNetwork.of(model, signs=config.signs)
        prepare(x, y, base.card.fine_tuned, signs=config.signs)
        return cls(base, sample_files.to_npz(x, y), config)

    def run(self, context: JobContext) -> TrainedModel:
        """Trains the network further."""
        context.check_stopped()  # it may have been, while it waited
        from core.handwriting import fine_tuning

        with PROCESS_LOCK:
            return fine_tuning.fine_tune(
                self.base,
                *sample_files.read(self.samples),
                self.config,
                on_event=context.emit,
                controls=context.controls,
            )


def history_of(job: Job[TrainedModel]) -> History:
    """Returns the history of a fine-tuning so far."""
    assert isinstance(job.spec, FineTuningJob)
    events = [event for event in job.events(object) if isinstance(event, Event)]
    return History.of(events, epochs_wanted=job.spec.config.epochs)
