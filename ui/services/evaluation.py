"""Test examples, and what models answer to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.models.store import SavedModel
from ui.services.saved_models import BY_VERSION, store
from ui.services.server import workers

if TYPE_CHECKING:
    from core.jobs.evaluation import Asking, HeldOut, Opening


# Each holds 8 MB for MNIST.
@st.cache_resource(max_entries=8, show_spinner=False)
def opening(data: HeldOut) -> Opening:
    """Returns the loading of test examples, started at the first call."""
    from core.jobs.evaluation import Opening

    return Opening.start(workers(), data)


@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs=BY_VERSION)
def asking(model: SavedModel, data: HeldOut) -> Asking:
    """Returns the asking of a model about test examples, started at the first call."""
    from core.jobs.evaluation import Asking

    return Asking.start(workers(), store(), model.name, data)


def forget_evaluation(model: SavedModel, data: HeldOut) -> None:
    """Lets examples be loaded, and a model be asked, again where that failed."""
    if opening(data).job.state == "failed":
        opening.clear(data)
    if asking(model, data).job.state == "failed":
        asking.clear(model, data)
