"""Test examples, and the models' answers to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.models.saved_model import SavedModel
from ui.services.saved_models import BY_VERSION, store
from ui.services.server import workers
from ui.services.shared_job import shared_job

if TYPE_CHECKING:
    from core.jobs.evaluation import HeldOut, MeasuredPart, ShownPart
    from core.workers.job import Job


# Each holds 8 MB for MNIST.
@shared_job(max_entries=8)
def test_data_job(data: HeldOut) -> Job[tuple[ShownPart, ...]]:
    """Returns the job that loads test examples, started at the first call."""
    from core.datasets import uploads
    from core.jobs.evaluation import TestDataJob

    return workers().submit(TestDataJob(data, uploads.to_carry(data.source)))


@shared_job(max_entries=32, hash_funcs=BY_VERSION)
def evaluation_job(model: SavedModel, data: HeldOut) -> Job[tuple[MeasuredPart, ...]]:
    """Returns the job that evaluates a model on test examples, started at the first call."""
    from core.datasets import uploads
    from core.jobs.evaluation import EvaluationJob

    upload = uploads.to_carry(data.source)
    return workers().submit(EvaluationJob(store().folder, model.name, data, upload))
