"""Simple methods, trained and measured for everybody who asks for the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.baselines.learning import LearnedFrom
from ui.services.run_results import network_of
from ui.services.server import runs, workers
from ui.services.shared_job import shared_job

if TYPE_CHECKING:
    from core.baselines.judging import MeasuredBaselines
    from core.jobs.baselines import BaselineCurves, NetworkAnswers
    from core.training.config import TrainingConfig
    from core.workers.job import Job


def learned_by(config: TrainingConfig) -> LearnedFrom:
    """Returns the data that a run learns from, for simple methods to learn from."""
    return LearnedFrom(
        config.task, config.source, config.noise, config.noise_level, config.seed, config.share
    )


@shared_job(max_entries=32)
def baselines_job(data: LearnedFrom, *, common: bool = False) -> Job[MeasuredBaselines]:
    """Returns the job that trains and judges simple methods, started at the first call."""
    from core.datasets import uploads
    from core.jobs.baselines import BaselinesJob

    return workers().submit(BaselinesJob(data, common, uploads.to_carry(data.source)))


@shared_job(max_entries=32)
def baseline_curves_job(data: LearnedFrom, noise: str) -> Job[BaselineCurves]:
    """Returns the job that measures simple methods' noise curves, started at the first call."""
    from core.datasets import uploads
    from core.jobs.baselines import BaselineCurvesJob

    return workers().submit(BaselineCurvesJob(data, noise, uploads.to_carry(data.source)))


@shared_job(max_entries=64)
def run_answers_job(run_id: str) -> Job[NetworkAnswers]:
    """Returns the job in which a finished run's network answers the test data of its run.

    Raises:
        ModelUnusable: if the network no longer exists.
    """
    from core.datasets import uploads
    from core.jobs.baselines import NetworkAnswersJob

    data = learned_by(runs().get(run_id).config)
    return workers().submit(
        NetworkAnswersJob(data, network_of(run_id), uploads.to_carry(data.source))
    )
