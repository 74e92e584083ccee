"""What is inside a network, and what its prediction depends on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.models.store import SavedModel
from ui.services.saved_models import BY_VERSION, store
from ui.services.server import workers

if TYPE_CHECKING:
    from core.jobs.inspection import Activations, Maps
    from core.models.keras_layers import SavedLayer


@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs=BY_VERSION)
def saved_layers(model: SavedModel) -> tuple[SavedLayer, ...]:
    """Returns a network's layers with their weights.

    Raises:
        ModelUnusable: if they cannot be read.
    """
    from core.models.keras_layers import read_layers

    return read_layers(model)


@st.cache_resource(max_entries=16, show_spinner=False, hash_funcs=BY_VERSION)
def activations(model: SavedModel, x: NDArray[np.float32]) -> Activations:
    """Returns what each layer makes of an input, float32 of input_shape, begun at first call."""
    from core.jobs.inspection import Activations

    return Activations.start(workers(), store(), model.name, x)


@st.cache_resource(max_entries=64, show_spinner=False, hash_funcs=BY_VERSION)
def maps(model: SavedModel, x: NDArray[np.float32], target: int) -> Maps:
    """Returns what a class' score depends on in an input, the work begun at the first call."""
    from core.jobs.inspection import Maps

    return Maps.start(workers(), store(), model.name, x, target)
