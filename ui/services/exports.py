"""Saved models in other formats, made by workers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.datasets.uploads import to_carry
from core.errors import ModelUnusable
from core.models.saved_model import SavedModel
from ui.services.saved_models import BY_VERSION, store
from ui.services.server import workers
from ui.services.shared_job import shared_job

if TYPE_CHECKING:
    from core.export.c_network import Needs
    from core.export.format import Exported
    from core.workers.job import Job


# Each holds a file of up to 2 MB.
@shared_job(max_entries=24, hash_funcs=BY_VERSION)
def export_job(model: SavedModel, format_name: str) -> Job[Exported]:
    """Returns the job that makes a model's file, started at the first call."""
    from core.jobs.export import ExportJob

    upload = to_carry(model.card.source)
    return workers().submit(ExportJob(store().folder, model.name, format_name, upload))


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=BY_VERSION)
def microcontroller_needs(model: SavedModel, int8: bool) -> Needs | str:
    """Returns what a network takes of a microcontroller, or why it cannot be written for one.

    Args:
        model: a network, not an ensemble.
        int8: whether its weights are 8-bit integers.
    """
    from core.export import microcontroller

    try:
        return microcontroller.microcontroller_needs(model, int8=int8)
    except ModelUnusable as error:
        return str(error)
