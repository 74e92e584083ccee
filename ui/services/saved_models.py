"""The saved models as they are on disk now, ready to answer, and their answers.

Everything here is read-only, and every cache is bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.datasets.uploads import to_carry
from core.errors import ModelUnusable
from core.inference.ensemble import Ensemble
from core.inference.predictor import Classifier
from core.models.loader import load_classifier
from core.models.reader import Survey
from core.models.saved_model import SavedModel, UnusableModel
from core.models.store import ModelStore
from core.segments.bayes import rule_of
from core.segments.patterns import ALL_PATTERNS
from ui.services.server import check_password, workers
from ui.services.shared_job import shared_job

if TYPE_CHECKING:
    from core.evaluation.benchmark import Measured
    from core.evaluation.robustness import NoisePoint
    from core.metrics.accuracy import ExactAccuracy
    from core.training.card import EnsembleCard, TrainedModel
    from core.workers.job import Job

# A model's cache key: its name, and everything that its answers depend on.
BY_VERSION: dict[str | type[Any], Callable[[Any], Any]] = {
    SavedModel: lambda model: (model.name, model.version)
}


@st.cache_resource(show_spinner=False)
def store() -> ModelStore:
    """Returns the saved models."""
    return ModelStore()


def save(name: str, model: TrainedModel, *, owner: str) -> SavedModel:
    """Saves a model for a visitor; see `ModelStore.save`."""
    check_password(owner)
    return store().save(name, model.files, model.card, owner=owner)


def rename(name: str, new_name: str, *, owner: str) -> SavedModel:
    """Renames a visitor's own model; see `ModelStore.rename`."""
    check_password(owner)
    return store().rename(name, new_name, by=owner)


def delete(name: str, *, owner: str) -> None:
    """Deletes a visitor's own model; see `ModelStore.delete`."""
    check_password(owner)
    store().delete(name, by=owner)


def models(task_name: str) -> tuple[SavedModel, ...]:
    """Returns a task's usable models, its default first, as they are on disk now."""
    return survey().of(task_name)


def unusable() -> tuple[UnusableModel, ...]:
    """Returns the model folders that cannot be used, as they are on disk now."""
    return survey().unusable


def survey() -> Survey:
    """Returns all models, as they are on disk now."""
    return store().current()


@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs=BY_VERSION)
def predictor(model: SavedModel) -> Classifier:
    """Returns a model ready to answer."""
    return load_classifier(model)


def problem(model: SavedModel) -> str:
    """Says why a model cannot answer; empty if it can.

    A file can be what its card says, and yet no network: that shows when it is loaded.
    """
    try:
        predictor(model)
    except ModelUnusable as error:
        return str(error)
    return ""


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs=BY_VERSION)
def segment_answers(model: SavedModel) -> NDArray[np.float32]:
    """Returns a seven-segment model's probabilities for all patterns: float32, (128, 10)."""
    return predictor(model).predict(ALL_PATTERNS)


def exact_accuracy(model: SavedModel) -> ExactAccuracy | None:
    """Returns a model's exact accuracy on its task's usual noise; None where it is not known.

    That is where theory does not give it, as for pictures, or where the model cannot answer.
    """
    if model.task.channel is None:
        return None
    try:
        return _exact_accuracy(model)
    except ModelUnusable:
        return None


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs=BY_VERSION)
def _exact_accuracy(model: SavedModel) -> ExactAccuracy | None:
    from core.evaluation.benchmark import exact_accuracy as computed

    return computed(model.task, rule_of(segment_answers(model)))


def exact_vote(card: EnsembleCard) -> ExactAccuracy | None:
    """Returns the exact accuracy of an ensemble, saved or not, as `exact_accuracy` does."""
    from core.evaluation.benchmark import exact_accuracy as computed

    task = card.get_task()
    if task.channel is None:
        return None
    try:
        ensemble = Ensemble(
            [predictor(store().get(name)) for name in card.alone],
            vote=card.vote,
            weights=card.weights,
            test_time_augmentation=card.shifts,
        )
    except ModelUnusable:  # a member is gone
        return None
    return computed(task, rule_of(ensemble.predict(ALL_PATTERNS)))


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs=BY_VERSION)
def worst_shares(model: SavedModel) -> tuple[float, ...]:
    """Returns the smallest share of the ceiling that a seven-segment model reaches, by noise.

    The noises are those of `core.segments.minimax.COMPARED`.
    """
    from core.segments import minimax

    rule = rule_of(segment_answers(model))
    return tuple(minimax.worst_share(rule, channel)[0] for channel in minimax.COMPARED)


@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs=BY_VERSION)
def input_importance(model: SavedModel) -> NDArray[np.float64]:
    """Returns each segment's share of the first layer's weights: float64, shape (7,).

    Raises:
        ModelUnusable: if they cannot be read.
    """
    from core.explain import input_weights

    return input_weights.input_importance(model)


@shared_job(max_entries=64, hash_funcs=BY_VERSION)
def noise_curve_job(model: SavedModel, source: str, noise: str) -> Job[Sequence[NoisePoint]]:
    """Returns the job that measures a model's noise curve, started at the first call."""
    from core.jobs.noise_curve import NoiseCurveJob

    task, upload = model.task.name, to_carry(source)
    return workers().submit(
        NoiseCurveJob(model.name, task, source, noise, folder=store().folder, upload=upload)
    )


@shared_job(max_entries=64, hash_funcs=BY_VERSION)
def benchmark_job(model: SavedModel, source: str) -> Job[Measured]:
    """Returns the job that benchmarks a model on its task's test, started at the first call."""
    from core.jobs.benchmark import BenchmarkJob

    return workers().submit(BenchmarkJob(store().folder, model.name, source, to_carry(source)))
