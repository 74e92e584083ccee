"""What the networks of finished runs can do, and their logs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.errors import ModelUnusable
from core.inference.predictor import Predictor
from core.networks.formats import LITERT_FILE
from core.segments.bayes import Rule, rule_of
from core.segments.patterns import ALL_PATTERNS
from core.workers.pool import Job
from ui.services.server import runs, workers

if TYPE_CHECKING:
    from core.jobs.jobs import NoiseCurve


@st.cache_resource(max_entries=128, show_spinner=False)
def run_rule(run_id: str) -> Rule:
    """Returns what the network of a finished run answers to each of the 128 patterns."""
    task = runs().get(run_id).config.get_task()
    classifier = Predictor(
        _network(run_id), input_shape=task.input_shape, num_classes=len(task.classes)
    )
    return rule_of(classifier.predict(ALL_PATTERNS))


@st.cache_resource(max_entries=128, show_spinner=False)
def run_noise_curve(run_id: str, noise: str) -> NoiseCurve:
    """Returns the measuring of a finished run's network, started at the first call."""
    from core.jobs.jobs import NoiseCurve

    info = runs().get(run_id)
    return NoiseCurve.start_for_network(
        workers(),
        _network(run_id),
        name=info.name,
        task_name=info.config.task,
        source=info.config.source,
        noise=noise,
    )


def _network(run_id: str) -> bytes:
    """Returns the LiteRT file that a run left."""
    model = runs().result(run_id)
    if model is None or LITERT_FILE not in model.files:
        raise ModelUnusable("The network of this run is not here any more.")
    return model.files[LITERT_FILE]


@st.cache_resource(max_entries=8, show_spinner=False)
def tensorboard_logs(run_id: str) -> Job:
    """Returns the writing of a run's TensorBoard logs, started at the first call."""
    from core.jobs.jobs import write_tensorboard_logs

    return workers().submit(write_tensorboard_logs, runs().history(run_id).epochs)
