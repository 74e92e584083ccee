"""What the server keeps for all its visitors: workers, models, examples and noise curves.

Everything here is read-only once made, and every cache has a bound.
"""

from __future__ import annotations

import gc
import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core import reading
from core.errors import ModelUnusable
from core.exact import Rule, rule_of
from core.inference import Predictor, Reader
from core.limits import Limits
from core.segments import ALL_PATTERNS
from core.store import LITERT_FILE, ModelStore, SavedModel, UnusableModel
from core.task import task
from core.workers import Job, Workers

# What the start page does without is imported where it is needed.
if TYPE_CHECKING:
    from core.data import Split
    from core.database import Database
    from core.dataset_jobs import Arrangement, LookThrough
    from core.evaluation_jobs import Asking, HeldOut, Opening
    from core.inside_jobs import Activations, Maps
    from core.jobs import Download, NoiseCurve
    from core.model_measuring import Measuring
    from core.runs import Runs
    from core.samples import Samples
    from core.saved_layers import SavedLayer

# A model is told from others by its name and by what decides its answers.
_BY_VERSION: dict[str | type[Any], Callable[[Any], Any]] = {
    SavedModel: lambda model: (model.name, model.version)
}
_FOLLOWED: list[Runs] = []


@st.cache_resource(show_spinner=False)
def workers() -> Workers:
    """Returns the server's worker processes, not started yet when first asked for."""
    return Workers()


@st.cache_resource(show_spinner=False)
def limits() -> Limits:
    """Returns the bounds of this server; raises InvalidInput if the environment is wrong."""
    return Limits.from_environment()


@st.cache_resource(show_spinner=False)
def runs() -> Runs:
    """Returns the training runs; raises DatabaseUnavailable if they cannot be kept."""
    from core.runs import Runs  # SQLAlchemy: not before it is needed

    made = Runs(_database(), workers(), limits())
    _FOLLOWED.append(made)
    return made


@st.cache_resource(show_spinner=False)
def samples() -> Samples:
    """Returns people's handwriting; raises DatabaseUnavailable if it cannot be kept."""
    from core.samples import Samples

    return Samples(_database(), limits())


@st.cache_resource(show_spinner=False)
def _database() -> Database:
    from core.database import Database

    return Database()


def close() -> None:
    """Ends what runs beside the server, when the server ends."""
    for made in _FOLLOWED:  # first: else they would look for other workers for what is under way
        made.close()
    workers().close()


def load_ahead() -> None:
    """Loads what the first answer needs, in the order in which it needs it."""
    # The start page's own imports; a page is a script, which Streamlit runs from its source.
    from ui import drawn_digit, explanation, noise_form, pickers, prediction  # noqa: F401
    from ui.components import segment_display  # noqa: F401

    for model in ModelStore().models()[:1]:
        model.predictor()  # made and dropped again: it is the library that takes long to load
    # With its first element Streamlit asks who calls it, for which Python looks into every module.
    inspect.stack()


@st.cache_resource(show_spinner=False)
def prepare_server() -> None:
    """Does once per server what should not cost a click later, when the first page is there."""
    workers().warm_up(_settle)


def _settle() -> None:
    """Loads what other pages need at their first visit, and calls what is loaded lasting."""
    import pandas  # noqa: F401  # Streamlit's tables

    import core.runs  # noqa: F401

    # The garbage collector need not walk through it again.
    gc.collect()
    gc.freeze()


@st.cache_resource(show_spinner=False)
def store() -> ModelStore:
    """Returns the saved models."""
    return ModelStore()


def models(task_name: str) -> tuple[SavedModel, ...]:
    """Returns a task's usable models, its default first, as they are on disk now."""
    return tuple(model for model in _models(store().fingerprint()) if model.task.name == task_name)


def unusable() -> tuple[UnusableModel, ...]:
    """Returns the folders among the models that cannot be used, as they are on disk now."""
    return _unusable(store().fingerprint())


@st.cache_resource(max_entries=2, show_spinner=False)
def _models(fingerprint: object) -> tuple[SavedModel, ...]:
    return store().models()


@st.cache_resource(max_entries=2, show_spinner=False)
def _unusable(fingerprint: object) -> tuple[UnusableModel, ...]:
    return store().unusable()


@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs=_BY_VERSION)
def predictor(model: SavedModel) -> Reader:
    """Returns a model ready to answer."""
    return model.predictor()


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs=_BY_VERSION)
def segment_answers(model: SavedModel) -> NDArray[np.float32]:
    """Returns a seven-segment model's probabilities for all patterns: float32, (128, 10)."""
    return predictor(model).predict(ALL_PATTERNS)


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs=_BY_VERSION)
def worst_shares(model: SavedModel) -> tuple[float, ...]:
    """Returns the smallest share of the ceiling that a seven-segment model reaches, by noise.

    The noises are those of `core.trade.COMPARED`.
    """
    from core import trade

    rule = rule_of(segment_answers(model))
    return tuple(trade.worst_share(rule, channel)[0] for channel in trade.COMPARED)


@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs=_BY_VERSION)
def input_importance(model: SavedModel) -> NDArray[np.float64]:
    """Returns each segment's share of the first layer's weights: float64, shape (7,).

    Raises:
        ModelUnusable: if they cannot be read.
    """
    from core import input_weights

    return input_weights.input_importance(model)


@st.cache_resource(max_entries=8, show_spinner="Looking for ink in the picture …")
def written_in(data: bytes) -> reading.Written:
    """Returns what is written in a picture file."""
    return reading.written_in(data)


@st.cache_resource(max_entries=8, show_spinner="Opening the examples …")
def examples(task_name: str, source: str, limit: int) -> Split:
    """Returns clean test examples of a task."""
    return task(task_name).source(source).examples(limit)


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs=_BY_VERSION)
def noise_curve(model: SavedModel, source: str, noise: str) -> NoiseCurve:
    """Returns the measuring of a model's noise curve, started at the first call."""
    from core.jobs import NoiseCurve

    return NoiseCurve.start(workers(), store(), name=model.name, source=source, noise=noise)


@st.cache_resource(max_entries=128, show_spinner=False)
def run_rule(run_id: str) -> Rule:
    """Returns what the network of a finished run answers to each of the 128 patterns."""
    problem = runs().get(run_id).config.problem
    reader = Predictor(
        _network(run_id), input_shape=problem.input_shape, num_classes=len(problem.classes)
    )
    return rule_of(reader.predict(ALL_PATTERNS))


@st.cache_resource(max_entries=128, show_spinner=False)
def run_noise_curve(run_id: str, noise: str) -> NoiseCurve:
    """Returns the measuring of a finished run's network, started at the first call."""
    from core.jobs import NoiseCurve

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


@st.cache_resource(max_entries=4, show_spinner=False)
def download(task_name: str, source: str) -> Download:
    """Returns the download of a data set, started at the first call."""
    from core.jobs import Download

    return Download.start(workers(), task_name=task_name, source=source)


@st.cache_resource(max_entries=8, show_spinner=False)
def tensorboard_logs(run_id: str) -> Job:
    """Returns the writing of a run's TensorBoard logs, started at the first call."""
    from core.jobs import write_tensorboard_logs

    return workers().submit(write_tensorboard_logs, runs().history(run_id).epochs)


# Each holds 8 MB for MNIST.
@st.cache_resource(max_entries=8, show_spinner=False)
def opening(data: HeldOut) -> Opening:
    """Returns the loading of test examples, started at the first call."""
    from core.evaluation_jobs import Opening

    return Opening.start(workers(), data)


@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs=_BY_VERSION)
def asking(model: SavedModel, data: HeldOut) -> Asking:
    """Returns the asking of a model about test examples, started at the first call."""
    from core.evaluation_jobs import Asking

    return Asking.start(workers(), store(), model.name, data)


def forget_evaluation(model: SavedModel, data: HeldOut) -> None:
    """Lets examples be loaded, and a model be asked, again where that failed."""
    if opening(data).job.state == "failed":
        opening.clear(data)
    if asking(model, data).job.state == "failed":
        asking.clear(model, data)


# Each holds up to 5 MB of pictures.
@st.cache_resource(max_entries=12, show_spinner=False)
def look_through(
    task_name: str, source: str, noise: str = "", level: float = 0.0, seed: int = 0
) -> LookThrough:
    """Returns the looking through of a data set, started at the first call."""
    from core.dataset_jobs import LookThrough

    return LookThrough.start(
        workers(), task_name=task_name, source=source, noise=noise, level=level, seed=seed
    )


@st.cache_resource(max_entries=16, show_spinner=False)
def arrangement(task_name: str, source: str, _components: NDArray[np.float32]) -> Arrangement:
    """Returns the making of a map of a data set by t-SNE, started at the first call.

    The components are the data set's, so that they tell no two maps apart.
    """
    from core.dataset_jobs import Arrangement

    return Arrangement.start(workers(), _components)


@st.cache_resource(max_entries=3, show_spinner="Opening the test examples …")
def clean_tests(task_name: str, source: str) -> Mapping[str, Callable[[], Split]]:
    """Returns what loads each of a data set's clean test parts, by the words that name them.

    Raises:
        DataUnavailable: if the data is not there.
    """
    return task(task_name).source(source).tests()


@st.cache_resource(max_entries=3, show_spinner="Opening the test examples …")
def clean_test(task_name: str, source: str, words: str) -> Split:
    """Returns one of a data set's clean test parts, in its own order.

    Raises:
        DataUnavailable: if the data is not there.
    """
    return clean_tests(task_name, source)[words]()


@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs=_BY_VERSION)
def saved_layers(model: SavedModel) -> tuple[SavedLayer, ...]:
    """Returns a network's layers with their weights.

    Raises:
        ModelUnusable: if they cannot be read.
    """
    from core.saved_layers import read_layers

    return read_layers(model)


@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs=_BY_VERSION)
def activations(model: SavedModel, x: NDArray[np.float32]) -> Activations:
    """Returns what each layer makes of an input, float32 of input_shape, begun at first call."""
    from core.inside_jobs import Activations

    return Activations.start(workers(), store(), model.name, x)


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs=_BY_VERSION)
def maps(model: SavedModel, x: NDArray[np.float32], target: int) -> Maps:
    """Returns what a class' score hangs on in an input, the work begun at the first call."""
    from core.inside_jobs import Maps

    return Maps.start(workers(), store(), model.name, x, target)


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs=_BY_VERSION)
def measuring(model: SavedModel, source: str) -> Measuring:
    """Returns the measuring of a model as all of its task are, started at the first call."""
    from core.model_measuring import Measuring

    return Measuring.start(workers(), store(), name=model.name, source=source)
