"""The inside of a network, and what its prediction depends on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.models.saved_model import SavedModel
from ui.services.saved_models import BY_VERSION, store
from ui.services.server import workers
from ui.services.shared_job import shared_job

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.explain.forward import LayerOutput
    from core.jobs.inspection import Map
    from core.networks.saved_layers import SavedLayer
    from core.workers.job import Job


@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs=BY_VERSION)
def saved_layers(model: SavedModel) -> tuple[SavedLayer, ...]:
    """Returns a network's layers with their weights.

    Raises:
        ModelUnusable: if they cannot be read.
    """
    from core.models.keras_layers import read_layers

    return read_layers(model)


@shared_job(max_entries=16, hash_funcs=BY_VERSION)
def activations_job(model: SavedModel, x: NDArray[np.float32]) -> Job[Sequence[LayerOutput]]:
    """Returns the job that computes each layer's output for an input, float32 of input_shape."""
    from core.jobs.inspection import ActivationsJob

    return workers().submit(ActivationsJob.of(store(), model.name, x))


@shared_job(max_entries=64, hash_funcs=BY_VERSION)
def maps_job(model: SavedModel, x: NDArray[np.float32], target: int) -> Job[Sequence[Map]]:
    """Returns the job that maps what a class's score depends on, started at the first call."""
    from core.jobs.inspection import MapsJob

    return workers().submit(MapsJob.of(store(), model.name, x, target))
