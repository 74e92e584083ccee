"""Short work ends as soon as it is told to: nobody waits for it any more."""

import numpy as np
import pytest

from core.errors import Abandoned
from core.jobs.benchmark import BenchmarkJob
from core.jobs.dataset import SummaryJob, TsneJob
from core.jobs.download import DownloadJob
from core.jobs.ensemble import EnsembleJob
from core.jobs.evaluation import EvaluationJob, HeldOut, TestDataJob
from core.jobs.fine_tuning import FineTuningJob
from core.jobs.noise_curve import NoiseCurveJob
from core.jobs.training import TrainingJob
from core.models.store import ModelStore
from core.workers.commands import Signal
from tests.support.jobs import RecordingContext

SEGMENT = HeldOut("seven-segment", "generated", "flip", 0.15)


@pytest.mark.parametrize(
    "make",
    [
        lambda folder: BenchmarkJob(folder, "seven-segment", "generated"),
        lambda folder: SummaryJob("seven-segment", "generated"),
        lambda folder: TsneJob(np.random.default_rng(0).normal(size=(60, 5)).astype(np.float32)),
        lambda folder: TestDataJob(SEGMENT),
        lambda folder: EvaluationJob(folder, "seven-segment", SEGMENT),
        lambda folder: NoiseCurveJob(
            "seven-segment", "seven-segment", "generated", "flip", folder=folder
        ),
    ],
    ids=["benchmark", "summary", "t-SNE", "test data", "evaluation", "noise curve"],
)
def test_work_that_is_told_to_stop_ends(make):
    job = make(ModelStore().folder)
    assert not job.kept
    with pytest.raises(Abandoned):
        job.run(RecordingContext(Signal("stop")))


@pytest.mark.parametrize("kind", [DownloadJob, EnsembleJob, FineTuningJob, TrainingJob])
def test_what_a_person_started_is_done_though_they_leave_the_page(kind):
    assert kind.kept
