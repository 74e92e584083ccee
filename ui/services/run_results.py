"""The accuracy of finished runs' networks, and their logs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.datasets.uploads import to_carry
from core.errors import ModelUnusable
from core.inference.predictor import Predictor
from core.networks.formats import LITERT_FILE
from core.segments.bayes import Rule, rule_of
from core.segments.patterns import ALL_PATTERNS
from ui.services.server import runs, workers
from ui.services.shared_job import shared_job

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.evaluation.robustness import NoisePoint
    from core.workers.job import Job


@st.cache_resource(max_entries=128, show_spinner=False)
def run_rule(run_id: str) -> Rule:
    """Returns the answers of a finished run's network to all 128 patterns."""
    task = runs().get(run_id).config.get_task()
    classifier = Predictor(
        network_of(run_id), input_shape=task.input_shape, num_classes=len(task.classes)
    )
    return rule_of(classifier.predict(ALL_PATTERNS))


@shared_job(max_entries=128)
def run_noise_curve_job(run_id: str, noise: str) -> Job[Sequence[NoisePoint]]:
    """Returns the noise-curve job of a finished run's network, started at the first call."""
    from core.jobs.noise_curve import NoiseCurveJob

    info = runs().get(run_id)
    config = info.config
    return workers().submit(
        NoiseCurveJob(
            info.name,
            config.task,
            config.source,
            noise,
            network=network_of(run_id),
            upload=to_carry(config.source),
        )
    )


def network_of(run_id: str) -> bytes:
    """Returns the LiteRT file that a run left."""
    model = runs().result(run_id)
    if model is None or LITERT_FILE not in model.files:
        raise ModelUnusable("The network of this run no longer exists.")
    return model.files[LITERT_FILE]


@shared_job(max_entries=8)
def tensorboard_job(run_id: str) -> Job[bytes]:
    """Returns the job that writes a run's TensorBoard logs, started at the first call."""
    from core.jobs.tensorboard import TensorBoardJob

    return workers().submit(TensorBoardJob(tuple(runs().history(run_id).epochs)))
